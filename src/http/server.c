/* Starting and stopping the HTTP server. */
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/listen.h"
#include "http/loop.h"
#include "http/measured.h"
#include "http/server_state.h"

const struct http_limits http_default_limits = {
    .head_bytes = 32768,
    .target_bytes = 8192,
    .header_count = 100,
    .connections = 4096,
    .head_timeout_ms = 10000,
    .body_timeout_ms = 20000,
    .idle_timeout_ms = 75000,
    .write_timeout_ms = 30000,
};

/* A limit left at 0 is the default. */
static void fill_limits(struct http_limits *l)
{
    const struct http_limits *d = &http_default_limits;
    l->head_bytes = l->head_bytes ? l->head_bytes : d->head_bytes;
    l->target_bytes = l->target_bytes ? l->target_bytes : d->target_bytes;
    l->header_count = l->header_count ? l->header_count : d->header_count;
    l->connections = l->connections > 0 ? l->connections : d->connections;
    l->head_timeout_ms = l->head_timeout_ms > 0 ? l->head_timeout_ms : d->head_timeout_ms;
    l->body_timeout_ms = l->body_timeout_ms > 0 ? l->body_timeout_ms : d->body_timeout_ms;
    l->idle_timeout_ms = l->idle_timeout_ms > 0 ? l->idle_timeout_ms : d->idle_timeout_ms;
    l->write_timeout_ms = l->write_timeout_ms > 0 ? l->write_timeout_ms : d->write_timeout_ms;
}

/* All loops exist before the first thread runs, because the threads ring at one another. */
static bool start_loops(struct http_server *s)
{
    unsigned wanted = s->options.threads ? s->options.threads : 2;
    wanted = wanted < SERVER_THREADS_MAX ? wanted : SERVER_THREADS_MAX;
    while (s->threads < wanted) {
        s->loops[s->threads] = loop_new(s);
        if (!s->loops[s->threads])
            return false;
        s->threads++;
    }
    for (unsigned i = 0; i < s->threads; i++)
        if (!loop_start(s->loops[i], i))
            return false;
    return true;
}

struct http_server *http_server_start(const struct http_options *options, char *why, size_t why_size)
{
    struct http_server *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, why_size, "There is no memory to start the server.");
        return NULL;
    }
    s->options = *options;
    fill_limits(&s->options.limits);
    gauge_init(&s->exchanges);
    s->measured = calloc(options->route_count + 1, sizeof *s->measured);
    s->listener = listen_on(options->listen, why, why_size);
    if (s->listener < 0) {
        http_server_free(s);
        return NULL;
    }
    s->port = listen_port(s->listener);
    if (s->measured && start_loops(s))
        return s;
    snprintf(why, why_size, "There are no threads, descriptors or memory to start the server.");
    http_server_free(s);
    return NULL;
}

int http_server_port(const struct http_server *s)
{
    return s->port;
}

void http_server_drain(struct http_server *s)
{
    atomic_store(&s->draining, true);
}

int http_server_active(const struct http_server *s)
{
    /* The count has a lock of its own, which a reader must take too. */
    return gauge_read((struct gauge *)&s->exchanges);
}

void http_server_free(struct http_server *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->threads; i++)
        loop_stop(s->loops[i]);
    gauge_wait_zero(&s->exchanges);
    for (unsigned i = 0; i < s->threads; i++)
        loop_free(s->loops[i]);
    if (s->listener >= 0)
        close(s->listener);
    gauge_free(&s->exchanges);
    free(s->measured);
    free(s);
}
