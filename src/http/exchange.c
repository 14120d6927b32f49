/* The life of an exchange and what handlers read of the request. */
#include "http/exchange_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "http/measured.h"

static void init_lock(struct exchange *x)
{
    pthread_condattr_t monotonic;
    pthread_mutex_init(&x->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&x->sent, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct exchange *exchange_new(struct http_server *server, struct mailbox *mailbox, uint32_t slot, uint32_t generation, const char *peer)
{
    struct exchange *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->arena = arena_new(EXCHANGE_ARENA_MAX);
    if (!x->arena) {
        free(x);
        return NULL;
    }
    x->letter.slot = slot;
    x->letter.generation = generation;
    x->references = 1;
    x->server = server;
    x->mailbox = mailbox;
    x->local = true;
    x->head.minor = 1;
    x->method = HTTP_METHODS;
    x->started_us = sys_mono_us();
    body_init(&x->body);
    buf_init(&x->fields, EXTRA_FIELDS_MAX);
    sys_public_id(x->request_id, "req_");
    snprintf(x->peer, sizeof x->peer, "%s", peer);
    init_lock(x);
    gauge_up(&server->exchanges);
    return x;
}

void exchange_ref(struct exchange *x)
{
    atomic_fetch_add(&x->references, 1);
}

static void account_for(const struct exchange *x)
{
    int64_t us = sys_mono_us() - x->started_us;
    measured_request(x->server, x->match.route, x->status ? x->status : 499, us);
    log_event(LOG_INFO, "request", log_str("request_id", x->request_id), log_str("method", http_method_name(x->method)),
              log_str(x->match.route ? "operation" : NULL, x->match.route ? x->match.route->operation : NULL), log_int("status", x->status ? x->status : 499),
              log_int("ms", us / 1000), log_int("bytes_in", x->bytes_in), log_int("bytes_out", x->bytes_out));
}

void exchange_release_request(struct exchange *x)
{
    if (x->release)
        x->release(x->user);
    x->release = NULL;
    x->user = NULL;
    body_free(&x->body);
    buf_free(&x->whole);
    buf_free(&x->fields);
    arena_free(x->arena);
    x->arena = NULL;
}

void exchange_unref(struct exchange *x)
{
    if (atomic_fetch_sub(&x->references, 1) != 1)
        return;
    struct http_server *server = x->server;
    account_for(x);
    exchange_release_request(x);
    output_free(&x->output);
    pthread_cond_destroy(&x->sent);
    pthread_mutex_destroy(&x->lock);
    free(x);
    gauge_down(&server->exchanges);
}

void exchange_take_request_id(struct exchange *x)
{
    struct span id;
    size_t from = 0;
    if (!head_next(&x->head, "X-Request-Id", &from, &id) || id.n == 0 || id.n >= REQUEST_ID_SIZE)
        return;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-'))
            return;
    }
    span_to_cstr(id, x->request_id, sizeof x->request_id);
}

static void run_step(void *arg)
{
    struct exchange *x = arg;
    log_context("request_id", x->request_id);
    x->step(x);
    log_context(NULL, NULL);
}

bool exchange_submit(struct exchange *x, http_handler *step)
{
    x->step = step;
    x->local = false;
    exchange_ref(x);
    if (pool_submit(x->server->options.lanes[x->match.route->lane], run_step, x))
        return true;
    x->local = true;
    exchange_unref(x);
    return false;
}

void exchange_wake(struct exchange *x)
{
    exchange_ref(x);
    if (!mailbox_post(x->mailbox, &x->letter))
        exchange_unref(x);
}

void exchange_continue(struct exchange *x)
{
    if (x->body_done) {
        x->match.route->handler(x);
        return;
    }
    pthread_mutex_lock(&x->lock);
    x->continued = true;
    pthread_mutex_unlock(&x->lock);
    exchange_wake(x);
    exchange_unref(x);
}

enum http_method exchange_method(const struct exchange *x)
{
    return x->method;
}

struct span exchange_path(const struct exchange *x)
{
    return x->target.path;
}

struct span exchange_path_param(const struct exchange *x, const char *name)
{
    for (size_t i = 0; i < x->match.param_count; i++)
        if (span_eq(x->match.params[i].name, span_of(name)))
            return x->match.params[i].value;
    return SPAN("");
}

/* The target was checked when it was read, so nothing here fails but memory. */
static bool decode(struct exchange *x, struct span raw, struct span *out)
{
    char *p = arena_alloc(x->arena, raw.n + 1);
    ptrdiff_t n = p ? target_decode(raw, true, p) : -1;
    *out = (struct span){p, n < 0 ? 0 : (size_t)n};
    return n >= 0;
}

bool exchange_query_param(struct exchange *x, const char *name, struct span *value)
{
    struct span rest = x->target.query, pair, key, raw;
    bool more = rest.n > 0;
    while (more) {
        more = span_cut(rest, '&', &pair, &rest);
        span_cut(pair, '=', &key, &raw);
        struct span decoded;
        if (decode(x, key, &decoded) && span_eq(decoded, span_of(name)))
            return decode(x, raw, value);
    }
    return false;
}

bool exchange_header(struct exchange *x, const char *name, struct span *value)
{
    struct buf joined;
    struct span v;
    size_t from = 0, times = 0;
    buf_init(&joined, x->server->options.limits.head_bytes);
    while (head_next(&x->head, name, &from, &v)) {
        if (times++ == 0) {
            *value = v;
            continue;
        }
        if (times == 2)
            buf_span(&joined, *value);
        buf_str(&joined, ", ");
        buf_span(&joined, v);
    }
    if (times > 1)
        *value = joined.failed ? *value : arena_copy(x->arena, buf_view(&joined));
    buf_free(&joined);
    return times > 0 && value->p;
}

int64_t exchange_body_size(const struct exchange *x)
{
    return x->body.size;
}

bool exchange_body(struct exchange *x, size_t max, struct span *body)
{
    if (x->body.size > (int64_t)max)
        return false;
    if (x->body.spool < 0) {
        *body = buf_view(&x->body.memory);
        return true;
    }
    size_t size = (size_t)x->body.size;
    if (!x->whole.p) {
        buf_init(&x->whole, size);
        char *to = buf_reserve(&x->whole, size);
        if (!to)
            return false;
        while (x->whole.n < size) {
            int64_t got = body_read(&x->body, (int64_t)x->whole.n, to + x->whole.n, size - x->whole.n);
            if (got <= 0) {
                buf_free(&x->whole);
                return false;
            }
            x->whole.n += (size_t)got;
        }
    }
    *body = buf_view(&x->whole);
    return true;
}

int64_t exchange_body_read(struct exchange *x, int64_t offset, void *out, size_t n)
{
    return body_read(&x->body, offset, out, n);
}

const char *exchange_request_id(const struct exchange *x)
{
    return x->request_id;
}

const char *exchange_peer(const struct exchange *x)
{
    return x->peer;
}

struct arena *exchange_arena(struct exchange *x)
{
    return x->arena;
}

void *exchange_context(const struct exchange *x)
{
    return x->server->options.context;
}

void exchange_set_user(struct exchange *x, void *user, void (*release)(void *))
{
    if (x->release)
        x->release(x->user);
    x->user = user;
    x->release = release;
}

void *exchange_user(const struct exchange *x)
{
    return x->user;
}
