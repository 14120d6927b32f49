/* Feeds: kept events, and readers that are pumped from them. */
#include "http/feed.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { EVENTS_BYTES = 1 << 20, TEXT_BYTES_MAX = 2 << 20, JSON_BYTES = 4 * SSE_EVENT_MAX };

/* JSON values, a line each: they hold no line break of their own. */
struct lines {
    struct buf text;
    size_t count;
};

struct feed {
    _Atomic int references;
    struct exchange *x;
    bool begun;

    pthread_mutex_t lock;
    struct lines opening; /* start and sources */
    struct buf text;
    struct lines citations;
    struct buf last;
    const char *last_type; /* NULL: not told */
    bool ended;            /* from then on all above stands still */

    bool read; /* by: */
    struct sse reader;
    int64_t left_at; /* when the last reader went; while !read */
};

static void add_line(struct lines *l, struct span json)
{
    buf_span(&l->text, json);
    buf_char(&l->text, '\n');
    l->count++;
}

static struct span line_at(const struct lines *l, size_t index)
{
    struct span rest = buf_view(&l->text), line;
    do
        span_cut(rest, '\n', &line, &rest);
    while (index--);
    return line;
}

struct feed *feed_new(struct exchange *x)
{
    struct feed *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->references = 1;
    f->x = x;
    f->left_at = sys_mono_ms();
    pthread_mutex_init(&f->lock, NULL);
    buf_init(&f->opening.text, EVENTS_BYTES);
    buf_init(&f->text, TEXT_BYTES_MAX);
    buf_init(&f->citations.text, EVENTS_BYTES);
    buf_init(&f->last, EVENTS_BYTES);
    return f;
}

void *feed_retain(void *feed)
{
    struct feed *f = feed;
    atomic_fetch_add(&f->references, 1);
    return f;
}

void feed_release(struct feed *f)
{
    if (atomic_fetch_sub(&f->references, 1) != 1)
        return;
    buf_free(&f->opening.text);
    buf_free(&f->text);
    buf_free(&f->citations.text);
    buf_free(&f->last);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

struct exchange *feed_exchange(const struct feed *f)
{
    return f->x;
}

/* ---- what comes next ---- */

/* The id of the newest event. */
static uint64_t newest(const struct feed *f)
{
    return f->opening.count + f->text.n + f->citations.count + (f->last_type != NULL);
}

struct event {
    uint64_t id;
    const char *type;
    struct span json;
};

/* The event behind that id; false when there is none yet. json: its memory, where a text is made into one. */
static bool next_event(const struct feed *f, uint64_t after, struct buf *json, struct event *e)
{
    size_t text_ends = f->opening.count + f->text.n;
    if (after >= newest(f))
        return false;
    if (after < f->opening.count) {
        *e = (struct event){after + 1, after ? "source" : "start", line_at(&f->opening, after)};
    } else if (after < text_ends) {
        struct span piece = sse_piece(span_skip(buf_view(&f->text), after - f->opening.count));
        buf_clear(json);
        buf_json(json, piece);
        *e = (struct event){after + piece.n, "token", buf_view(json)};
    } else if (after < text_ends + f->citations.count) {
        *e = (struct event){after + 1, "citation", line_at(&f->citations, after - text_ends)};
    } else {
        *e = (struct event){after + 1, f->last_type, buf_view(&f->last)};
    }
    return true;
}

/* Sends events behind the reader's last one: all of them, or, without waiting, those there is room for. False: the reader is gone or too slow. */
static bool send_rest(const struct feed *f, struct sse *reader, bool wait)
{
    struct buf json;
    struct event e;
    bool ok = !exchange_gone(reader->x);
    buf_init(&json, JSON_BYTES);
    while (ok && (wait || exchange_stream_has_room(reader->x)) && next_event(f, reader->id, &json, &e))
        ok = !json.failed && sse_send_as(reader, e.id, e.type, e.json);
    buf_free(&json);
    return ok;
}

/* ---- readers; under the lock ---- */

/* The feed's own exchange is finished at its end. */
static void let_go(const struct feed *f, struct sse *reader)
{
    if (reader->x == f->x)
        buf_free(&reader->event);
    else
        sse_end(reader);
}

static void drop_reader(struct feed *f)
{
    if (!f->read)
        return;
    let_go(f, &f->reader);
    f->read = false;
    f->left_at = sys_mono_ms();
}

static void pump(struct feed *f)
{
    if (f->read && !send_rest(f, &f->reader, false))
        drop_reader(f);
}

/* ---- telling ---- */

void feed_begin(struct feed *f)
{
    pthread_mutex_lock(&f->lock);
    f->begun = true;
    f->read = true;
    if (!sse_begin(&f->reader, f->x))
        drop_reader(f);
    pthread_mutex_unlock(&f->lock);
}

bool feed_begun(const struct feed *f)
{
    return f->begun;
}

bool feed_tell(struct feed *f, const char *type, struct span json)
{
    pthread_mutex_lock(&f->lock);
    struct span name = span_of(type);
    if (span_eq(name, SPAN("start")) || span_eq(name, SPAN("source"))) {
        add_line(&f->opening, json);
    } else if (span_eq(name, SPAN("citation"))) {
        add_line(&f->citations, json);
    } else {
        buf_span(&f->last, json);
        f->last_type = type;
    }
    pump(f);
    bool ok = !f->opening.text.failed && !f->citations.text.failed && !f->last.failed;
    pthread_mutex_unlock(&f->lock);
    return ok;
}

bool feed_say(struct feed *f, struct span text)
{
    pthread_mutex_lock(&f->lock);
    buf_span(&f->text, text);
    pump(f);
    bool ok = !f->text.failed;
    pthread_mutex_unlock(&f->lock);
    return ok;
}

bool feed_look(struct feed *f, int64_t now_ms)
{
    pthread_mutex_lock(&f->lock);
    pump(f);
    if (f->read && exchange_stream_has_room(f->reader.x) && !sse_heartbeat(&f->reader))
        drop_reader(f);
    bool wanted = f->read || now_ms - f->left_at < FEED_ALONE_MS;
    pthread_mutex_unlock(&f->lock);
    return wanted;
}

void feed_end(struct feed *f)
{
    pthread_mutex_lock(&f->lock);
    bool read = f->read;
    struct sse reader = f->reader;
    f->ended = true;
    f->read = false;
    pthread_mutex_unlock(&f->lock);
    if (read) {
        send_rest(f, &reader, true);
        let_go(f, &reader);
    }
    if (f->begun)
        exchange_stream_end(f->x);
}

/* ---- following ---- */

/* Makes it the reader; false when the feed has ended, so that all is there to be sent. */
static bool take_over(struct feed *f, const struct sse *reader)
{
    pthread_mutex_lock(&f->lock);
    bool live = !f->ended;
    if (live) {
        drop_reader(f);
        f->reader = *reader;
        f->read = true;
        if (f->reader.id > newest(f))
            f->reader.id = newest(f);
        pump(f);
    }
    pthread_mutex_unlock(&f->lock);
    return live;
}

static bool is_over(struct feed *f, uint64_t after)
{
    pthread_mutex_lock(&f->lock);
    bool over = f->ended && after >= newest(f);
    pthread_mutex_unlock(&f->lock);
    return over;
}

void feed_follow(struct feed *f, struct exchange *x, uint64_t after)
{
    struct sse reader;
    if (is_over(f, after)) {
        exchange_reply(x, 204, NULL, SPAN(""));
        return;
    }
    bool listens = sse_begin(&reader, x);
    reader.id = after;
    if (listens && take_over(f, &reader))
        return;
    if (listens)
        send_rest(f, &reader, true);
    sse_end(&reader);
}
