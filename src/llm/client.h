/* The client of a language model: one thread runs all calls to one OpenAI-compatible server, and tells each call's listener what comes.
 *
 * Nothing waits here for a single call: the thread sleeps in one epoll set until a socket, the clock or a new call wakes it. A listener is called on that thread,
 * one call after the other, and must not block. */
#ifndef LLM_CLIENT_H
#define LLM_CLIENT_H

#include "base/buf.h"

enum {
    LLM_TEXT_MAX = 128 << 10,    /* bytes of an answer */
    LLM_RESPONSE_MAX = 16 << 20, /* bytes of the stream that carries it */
    LLM_LOOK_MS = 250,           /* how often a call asks whether anybody still listens */
    LLM_CONNECT_MS = 5000,
};

/* Servers take the same requests, but for small things. */
enum llm_style {
    LLM_PLAIN,  /* "Authorization: Bearer KEY", max_tokens: llama-server, vLLM, Ollama */
    LLM_OPENAI, /* … max_completion_tokens, which newer models insist on */
    LLM_AZURE   /* "api-key: KEY", max_completion_tokens; the address may end with "?api-version=…" */
};
/* "plain", "openai", "azure"; "auto" goes by the host of the address. */
enum llm_style llm_style_of(const char *name, const char *url);

struct llm_options {
    const char *url; /* base, such as "http://127.0.0.1:9009/v1"; http or https, without user and fragment, and no query but api-version */
    enum llm_style style;
    const char *api_key; /* "" for none; printable ASCII */
    unsigned calls_max;  /* at once */
    int64_t silence_ms;  /* without a piece of text: before the first, and between two */
    int64_t total_ms;
};

enum llm_result {
    LLM_DONE,      /* the answer is complete */
    LLM_DOWN,      /* no connection, or it broke before anything came */
    LLM_SLOW,      /* a time-out */
    LLM_BUSY,      /* 429 */
    LLM_REFUSED,   /* another status below 500 that is not 200; redirects are not followed */
    LLM_FAULT,     /* 500 and above, or an error told in the stream */
    LLM_GARBAGE,   /* not an event stream, or not one of this form */
    LLM_TOO_LONG,  /* over LLM_TEXT_MAX or LLM_RESPONSE_MAX */
    LLM_CUT,       /* the stream ended too early */
    LLM_CANCELLED, /* the listener wanted no more */
    LLM_ENDING,    /* llm_client_stop */
};
/* "done", "down", …: for the log. */
const char *llm_result_name(enum llm_result result);

struct llm_end {
    enum llm_result result;
    int64_t tokens_in, tokens_out; /* as the server counted; -1: it has not said */
};

enum llm_look { LLM_LISTENS, LLM_FULL /* for now: the call is to pause */, LLM_GONE };

struct llm_listener {
    bool (*text)(void *context, struct span text);         /* a piece of the answer, borrowed, valid UTF-8; false: no more is wanted */
    enum llm_look (*look)(void *context);                  /* after pieces, and every LLM_LOOK_MS while nothing comes */
    void (*end)(void *context, const struct llm_end *end); /* the last call, always made */
};

struct llm_client;

/* Starts the thread; nothing is sent yet. Strings are copied. NULL with a sentence in why. */
struct llm_client *llm_client_new(const struct llm_options *options, char *why, size_t why_size);
/* Sends a body made by llm_request_write; takes over its memory in any case. False, and no listener is called, when calls_max are running, the server has failed
 * too often of late (llm/breaker.h), or the client is stopping. From any thread; the listener may be called before this returns. */
bool llm_client_call(struct llm_client *c, struct buf *body, const struct llm_listener *listener, void *context);
/* Ends every call with LLM_ENDING and takes no more. May be called again. */
void llm_client_stop(struct llm_client *c);
/* llm_client_stop, and frees. NULL is fine. */
void llm_client_free(struct llm_client *c);

#endif
