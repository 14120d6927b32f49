/* What the client and its calls are made of. Inside llm/ only.
 *
 * Under `lock`: arrived, active, stopping, breaker. Everything else belongs to the thread once it runs; a call belongs to whoever made it until it is in `arrived`. */
#ifndef LLM_CALL_H
#define LLM_CALL_H

#include <pthread.h>

#include "llm/breaker.h"
#include "llm/client.h"
#include "llm/curl_library.h"
#include "llm/decoder.h"

struct llm_call {
    struct llm_call *next, *previous;
    struct llm_client *client;
    CURL *easy;
    struct buf body;
    const struct llm_listener *listener;
    void *context;
    struct llm_decoder decoder;
    int64_t started, heard, completed; /* milliseconds; completed: when [DONE] was read, or 0 */
    size_t received, said;             /* bytes of the stream, of text */
    bool answered;                     /* the head of the reply was looked at */
    bool paused, judged;
    enum llm_result result; /* when judged */
    int status;
};

struct llm_client {
    char url[2048];
    struct curl_slist *headers;
    unsigned calls_max;
    int64_t silence_ms, total_ms;
    bool initialised, running;
    pthread_t thread;
    int epoll, wake;
    CURLM *multi;
    int64_t timer_at, next_look; /* milliseconds; timer_at -1: libcurl wants no call */
    struct llm_call *calls;

    pthread_mutex_t lock;
    struct llm_call *arrived;
    unsigned active;
    bool stopping;
    struct breaker breaker;
};

/* Takes over body's memory in any case. NULL when there is no memory. */
struct llm_call *call_new(struct llm_client *c, struct buf *body, const struct llm_listener *listener, void *context);
void call_free(struct llm_call *call);
/* The thread. */
void *call_loop(void *client);
/* libcurl's CURLMOPT_SOCKETFUNCTION and CURLMOPT_TIMERFUNCTION. */
int call_on_socket(CURL *easy, curl_socket_t fd, int what, void *client, void *known);
int call_on_timer(CURLM *multi, long timeout_ms, void *client);

#endif
