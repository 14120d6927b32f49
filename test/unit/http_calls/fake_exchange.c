/* A fake exchange for tests of the calls: implements http/exchange.h in memory, without sockets or an event loop. */
#include "fake_exchange.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FIELDS_MAX = 32, EVENTS_MAX = 4096, ARENA_BYTES = 4 << 20, REPLY_BYTES = 64 << 20 };

struct field {
    char *name, *value; /* owned */
};
struct fields {
    struct field list[FIELDS_MAX];
    size_t count;
};

struct exchange {
    enum http_method method;
    struct span path, query; /* borrowed */
    struct fields request, params, reply;
    struct span body;
    const char *peer;
    void *context;
    struct arena *arena; /* NULL once finished */
    void *user;
    void (*release)(void *);
    bool continued, streaming;
    int hang_up_after; /* -1: never */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool finished;
    int status;
    char content_type[128];
    struct buf out;
    size_t event_end[EVENTS_MAX]; /* offsets into out */
    size_t events;
};

static void need(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "fake exchange: %s\n", what);
    abort();
}

static void fields_add(struct fields *f, const char *name, const char *value)
{
    need(f->count < FIELDS_MAX, "too many fields");
    f->list[f->count] = (struct field){strdup(name), strdup(value)};
    need(f->list[f->count].name && f->list[f->count].value, "no memory");
    f->count++;
}

static void fields_free(struct fields *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->list[i].name);
        free(f->list[i].value);
    }
}

/* The last field of that name, or NULL. */
static const char *fields_get(const struct fields *f, const char *name)
{
    for (size_t i = f->count; i-- > 0;) {
        if (span_eq_nocase(span_of(f->list[i].name), span_of(name)))
            return f->list[i].value;
    }
    return NULL;
}

/* ---- for the test ---- */

struct exchange *fake_new(enum http_method method, const char *target, void *context)
{
    struct exchange *x = calloc(1, sizeof *x);
    need(x != NULL, "no memory");
    x->method = method;
    span_cut(span_of(target), '?', &x->path, &x->query);
    x->body = SPAN("");
    x->peer = "127.0.0.1";
    x->context = context;
    x->arena = arena_new(ARENA_BYTES);
    x->hang_up_after = -1;
    buf_init(&x->out, REPLY_BYTES);
    need(x->arena && !pthread_mutex_init(&x->lock, NULL) && !pthread_cond_init(&x->ended, NULL), "no memory");
    return x;
}

static void release_user(struct exchange *x)
{
    if (x->release)
        x->release(x->user);
    x->release = NULL;
    x->user = NULL;
    arena_free(x->arena);
    x->arena = NULL;
}

void fake_free(struct exchange *x)
{
    if (!x)
        return;
    if (x->arena)
        release_user(x);
    fields_free(&x->request);
    fields_free(&x->params);
    fields_free(&x->reply);
    buf_free(&x->out);
    pthread_mutex_destroy(&x->lock);
    pthread_cond_destroy(&x->ended);
    free(x);
}

void fake_header(struct exchange *x, const char *name, const char *value)
{
    fields_add(&x->request, name, value);
}

void fake_path_param(struct exchange *x, const char *name, const char *value)
{
    fields_add(&x->params, name, value);
}

void fake_body(struct exchange *x, const char *content_type, struct span body)
{
    if (content_type)
        fake_header(x, "Content-Type", content_type);
    x->body = body;
}

void fake_json(struct exchange *x, const char *text)
{
    fake_body(x, "application/json", span_of(text));
}

void fake_peer(struct exchange *x, const char *peer)
{
    x->peer = peer;
}

void fake_hang_up_after(struct exchange *x, int sends)
{
    x->hang_up_after = sends;
}

bool fake_wait(struct exchange *x, int ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&x->lock);
    while (!x->finished && !pthread_cond_timedwait(&x->ended, &x->lock, &until))
        ;
    bool finished = x->finished;
    pthread_mutex_unlock(&x->lock);
    return finished;
}

bool fake_finished(struct exchange *x)
{
    return fake_wait(x, 0);
}

bool fake_continued(const struct exchange *x)
{
    return x->continued;
}

int fake_status(const struct exchange *x)
{
    return x->status;
}

const char *fake_content_type(const struct exchange *x)
{
    return x->content_type;
}

const char *fake_reply_header(const struct exchange *x, const char *name)
{
    return fields_get(&x->reply, name);
}

struct span fake_reply_body(const struct exchange *x)
{
    return buf_view(&x->out);
}

json_t *fake_reply_json(const struct exchange *x)
{
    char why[200];
    return json_read(buf_view(&x->out), why, sizeof why);
}

size_t fake_events(const struct exchange *x)
{
    return x->events;
}

struct span fake_event(const struct exchange *x, size_t index)
{
    if (index >= x->events)
        return (struct span){NULL, 0};
    size_t start = index ? x->event_end[index - 1] : 0;
    return (struct span){x->out.p + start, x->event_end[index] - start};
}

/* ---- http/exchange.h: the request ---- */

enum http_method exchange_method(const struct exchange *x)
{
    return x->method;
}

struct span exchange_path(const struct exchange *x)
{
    return x->path;
}

struct span exchange_path_param(const struct exchange *x, const char *name)
{
    return span_of(fields_get(&x->params, name));
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct span percent_decoded(struct arena *arena, struct span s)
{
    char *out = arena_alloc(arena, s.n + 1);
    need(out != NULL, "the arena is full");
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex_value(s.p[i + 2]) : -1;
        if (low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    return (struct span){out, n};
}

bool exchange_query_param(struct exchange *x, const char *name, struct span *value)
{
    struct span rest = x->query, pair;
    while (rest.n) {
        span_cut(rest, '&', &pair, &rest);
        struct span key, text;
        span_cut(pair, '=', &key, &text);
        if (!span_eq(percent_decoded(x->arena, key), span_of(name)))
            continue;
        *value = percent_decoded(x->arena, text);
        return true;
    }
    return false;
}

bool exchange_header(struct exchange *x, const char *name, struct span *value)
{
    struct span found[FIELDS_MAX];
    size_t count = 0, bytes = 0;
    for (size_t i = 0; i < x->request.count; i++) {
        if (!span_eq_nocase(span_of(x->request.list[i].name), span_of(name)))
            continue;
        found[count] = span_trim(span_of(x->request.list[i].value));
        bytes += found[count++].n + 2;
    }
    if (!count)
        return false;
    char *joined = arena_alloc(x->arena, bytes);
    need(joined != NULL, "the arena is full");
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (i) {
            joined[n++] = ',';
            joined[n++] = ' ';
        }
        for (size_t k = 0; k < found[i].n; k++)
            joined[n++] = found[i].p[k];
    }
    *value = (struct span){joined, n};
    return true;
}

int64_t exchange_body_size(const struct exchange *x)
{
    return (int64_t)x->body.n;
}

bool exchange_body(struct exchange *x, size_t max, struct span *body)
{
    if (x->body.n > max)
        return false;
    *body = x->body;
    return true;
}

int64_t exchange_body_read(struct exchange *x, int64_t offset, void *out, size_t n)
{
    if (offset < 0)
        return -1;
    if ((size_t)offset >= x->body.n)
        return 0;
    size_t left = x->body.n - (size_t)offset;
    if (n > left)
        n = left;
    memcpy(out, x->body.p + offset, n);
    return (int64_t)n;
}

const char *exchange_request_id(const struct exchange *x)
{
    (void)x;
    return "req-test";
}

const char *exchange_peer(const struct exchange *x)
{
    return x->peer;
}

struct arena *exchange_arena(struct exchange *x)
{
    need(x->arena != NULL, "exchange_arena of a finished exchange");
    return x->arena;
}

void *exchange_context(const struct exchange *x)
{
    return x->context;
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

/* ---- http/exchange.h: the reply ---- */

void exchange_add_header(struct exchange *x, const char *name, const char *value)
{
    need(x->arena && !x->streaming, "a header after the reply began");
    fields_add(&x->reply, name, value);
}

static void begin(struct exchange *x, int status, const char *content_type)
{
    need(x->arena && !x->status, "a second reply");
    x->status = status;
    if (content_type)
        need(span_to_cstr(span_of(content_type), x->content_type, sizeof x->content_type), "a content type that is too long");
}

/* The test may free x as soon as it sees `finished`, so that comes last. */
static void finish(struct exchange *x)
{
    release_user(x);
    pthread_mutex_lock(&x->lock);
    x->finished = true;
    pthread_cond_broadcast(&x->ended);
    pthread_mutex_unlock(&x->lock);
}

void exchange_reply(struct exchange *x, int status, const char *content_type, struct span body)
{
    begin(x, status, content_type);
    buf_span(&x->out, body);
    need(!x->out.failed, "no memory");
    finish(x);
}

bool exchange_stream_begin(struct exchange *x, int status, const char *content_type)
{
    begin(x, status, content_type);
    x->streaming = true;
    return !exchange_gone(x);
}

bool exchange_stream_send(struct exchange *x, struct span bytes)
{
    need(x->streaming && x->arena, "a send outside a stream");
    if (exchange_gone(x))
        return false;
    need(x->events < EVENTS_MAX, "too many events");
    buf_span(&x->out, bytes);
    need(!x->out.failed, "no memory");
    x->event_end[x->events++] = x->out.n;
    return true;
}

bool exchange_stream_has_room(struct exchange *x)
{
    need(x->streaming && x->arena, "a look outside a stream");
    return true;
}

void exchange_stream_end(struct exchange *x)
{
    need(x->streaming && x->arena, "the end of a stream that did not begin");
    finish(x);
}

bool exchange_gone(const struct exchange *x)
{
    return x->hang_up_after >= 0 && x->events >= (size_t)x->hang_up_after;
}

void exchange_continue(struct exchange *x)
{
    need(x->arena && !x->continued, "exchange_continue of a finished exchange");
    x->continued = true;
}
