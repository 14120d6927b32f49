/* The client against a server of one connection: pausing for a listener that has no room, and stopping. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sys.h"
#include "llm/client.h"

enum { SILENCE_MS = 600, FULL_MS = 1500, EVENTS = 400 };

struct server {
    int listener;
    bool ends; /* else it falls silent, and waits to be left */
    pthread_t thread;
};

/* The client may be gone already. */
static void say(int fd, const char *text)
{
    ssize_t ignored = send(fd, text, strlen(text), MSG_NOSIGNAL);
    (void)ignored;
}

/* The request is small: its last byte closes the JSON object. */
static void *serve_one(void *arg)
{
    struct server *s = arg;
    char bytes[4096], last = 0;
    int fd = accept(s->listener, NULL, NULL);
    for (ssize_t n; last != '}' && (n = recv(fd, bytes, sizeof bytes, 0)) > 0;)
        last = bytes[n - 1];
    say(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < EVENTS; i++)
        say(fd, "data: {\"choices\":[{\"delta\":{\"content\":\"word \"}}]}\n\n");
    if (s->ends)
        say(fd, "data: [DONE]\n\n");
    while (!s->ends && recv(fd, bytes, sizeof bytes, 0) > 0)
        continue;
    close(fd);
    return NULL;
}

static void server_start(struct server *s, char url[64])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(bind(s->listener, (struct sockaddr *)&address, n) == 0 && listen(s->listener, 1) == 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &n), 0);
    snprintf(url, 64, "http://127.0.0.1:%d/v1", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&s->thread, NULL, serve_one, s), 0);
}

static void server_end(struct server *s)
{
    pthread_join(s->thread, NULL);
    close(s->listener);
}

struct heard {
    size_t bytes;
    int64_t full_until;
    bool was_full, spoke_while_full;
    enum llm_result result;
    _Atomic bool ended;
};

static bool on_text(void *context, struct span text)
{
    struct heard *h = context;
    h->bytes += text.n;
    return true;
}

/* No room for a while, which is longer than a model may be silent. */
static enum llm_look on_look(void *context)
{
    struct heard *h = context;
    if (!h->full_until)
        return LLM_LISTENS;
    if (!h->was_full)
        h->full_until += sys_mono_ms();
    else if (sys_mono_ms() < h->full_until)
        h->spoke_while_full = h->spoke_while_full || h->bytes == 5 * EVENTS;
    h->was_full = true;
    return sys_mono_ms() < h->full_until ? LLM_FULL : LLM_LISTENS;
}

static void on_end(void *context, const struct llm_end *end)
{
    struct heard *h = context;
    h->result = end->result;
    atomic_store(&h->ended, true);
}

static const struct llm_listener listener = {on_text, on_look, on_end};

static struct llm_client *call(const char *url, struct heard *h)
{
    char why[200];
    struct buf body;
    struct llm_options options = {.url = url, .api_key = "k", .calls_max = 1, .silence_ms = SILENCE_MS, .total_ms = 60000};
    struct llm_client *c = llm_client_new(&options, why, sizeof why);
    if (!c)
        fail_msg("%s", why);
    buf_init(&body, 100);
    buf_str(&body, "{}");
    assert_true(llm_client_call(c, &body, &listener, h));
    return c;
}

static void a_full_listener_is_waited_for(void **state)
{
    (void)state;
    struct server s = {.ends = true};
    struct heard h = {.full_until = FULL_MS};
    char url[64];
    server_start(&s, url);
    struct llm_client *c = call(url, &h);
    while (!atomic_load(&h.ended))
        usleep(10000);
    assert_int_equal(h.result, LLM_DONE);
    assert_int_equal(h.bytes, 5 * EVENTS);
    assert_true(h.was_full && !h.spoke_while_full);
    llm_client_free(c);
    server_end(&s);
}

static void stopping_ends_calls(void **state)
{
    (void)state;
    struct server s = {.ends = false};
    struct heard h = {0};
    char url[64];
    struct buf body;
    server_start(&s, url);
    struct llm_client *c = call(url, &h);
    llm_client_stop(c);
    assert_true(atomic_load(&h.ended));
    assert_int_equal(h.result, LLM_ENDING);
    buf_init(&body, 100);
    buf_str(&body, "{}");
    assert_false(llm_client_call(c, &body, &listener, &h));
    assert_null(body.p);
    llm_client_free(c);
    shutdown(s.listener, SHUT_RDWR); /* the call may have ended before it had a connection */
    server_end(&s);
}

static void silence_ends_a_call(void **state)
{
    (void)state;
    struct server s = {.ends = false};
    struct heard h = {0};
    char url[64];
    server_start(&s, url);
    struct llm_client *c = call(url, &h);
    while (!atomic_load(&h.ended))
        usleep(10000);
    assert_int_equal(h.result, LLM_SLOW);
    assert_int_equal(h.bytes, 5 * EVENTS);
    llm_client_free(c);
    server_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_full_listener_is_waited_for), cmocka_unit_test(stopping_ends_calls),
                                       cmocka_unit_test(silence_ends_a_call)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
