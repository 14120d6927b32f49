/* The reply side of an exchange: whole replies and streams, from any thread, towards the network thread that owns the socket. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "http/exchange_state.h"
#include "http/reply.h"
#include "http/transport.h"

enum { REPLY_MAX = 1 << 30, HEAD_ROOM = 1024, PIECE_MAX = UNSENT_MAX };

bool exchange_push(struct exchange *x, struct buf *data)
{
    size_t n = data->n;
    struct output_block *block = output_block_new(data);
    pthread_mutex_lock(&x->lock);
    bool ok = block && !x->detached;
    if (ok) {
        output_push(&x->output, block);
        x->unsent += n;
    } else {
        x->failed = true;
    }
    pthread_mutex_unlock(&x->lock);
    if (block && !ok)
        output_block_free(block);
    return ok;
}

void exchange_sent(struct exchange *x, size_t n)
{
    pthread_mutex_lock(&x->lock);
    x->unsent -= n;
    x->bytes_out += (int64_t)n;
    if (x->unsent < UNSENT_MAX)
        pthread_cond_signal(&x->sent);
    pthread_mutex_unlock(&x->lock);
}

void exchange_hang_up(struct exchange *x, bool detach)
{
    pthread_mutex_lock(&x->lock);
    atomic_store(&x->gone, true);
    if (detach) {
        x->detached = true;
        output_free(&x->output);
    }
    pthread_cond_broadcast(&x->sent);
    pthread_mutex_unlock(&x->lock);
}

/* The last thing done with x on its owner's side. */
static void finish(struct exchange *x, bool failed)
{
    bool local = x->local;
    if (!local)
        exchange_release_request(x);
    pthread_mutex_lock(&x->lock);
    x->finished = true;
    x->failed = x->failed || failed;
    pthread_mutex_unlock(&x->lock);
    if (local)
        return;
    exchange_wake(x);
    exchange_unref(x);
}

/* Whether the connection ends with this reply is settled here, before its head is written. */
static void settle(struct exchange *x, int status)
{
    x->status = status;
    x->close = x->close || !x->head.keep_alive || !x->body_done || atomic_load(&x->server->draining);
}

static bool has_control(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return true;
    return false;
}

void exchange_add_header(struct exchange *x, const char *name, const char *value)
{
    static const char *const reserved[] = {"Content-Length", "Transfer-Encoding", "Connection", "Content-Type", "Date", "X-Request-Id"};
    struct span n = span_of(name);
    bool bad = !head_is_token(n) || has_control(value) || n.n + strlen(value) + 4 > EXTRA_FIELDS_MAX - x->fields.n;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        bad = bad || span_eq_nocase(n, span_of(reserved[i]));
    if (bad) {
        log_event(LOG_WARN, "reply field dropped", log_str("request_id", x->request_id));
        return;
    }
    if (span_eq_nocase(n, SPAN("Content-Security-Policy")))
        x->own_fields |= OWN_SECURITY_POLICY;
    if (span_eq_nocase(n, SPAN("Cache-Control")))
        x->own_fields |= OWN_CACHE_CONTROL;
    buf_span(&x->fields, n);
    buf_str(&x->fields, ": ");
    buf_str(&x->fields, value);
    buf_str(&x->fields, "\r\n");
}

void exchange_reply(struct exchange *x, int status, const char *content_type, struct span body)
{
    struct buf out;
    bool bodiless = status == 204 || status == 304;
    struct span sent = content_type && !bodiless ? body : SPAN("");
    settle(x, status);
    buf_init(&out, REPLY_MAX);
    buf_reserve(&out, HEAD_ROOM + x->fields.n + (x->method == HTTP_HEAD ? 0 : sent.n));
    reply_head(&out, x, status, content_type && !bodiless ? content_type : NULL, bodiless ? REPLY_NO_BODY : (int64_t)sent.n);
    if (x->method != HTTP_HEAD)
        buf_span(&out, sent);
    finish(x, !exchange_push(x, &out));
}

bool exchange_stream_begin(struct exchange *x, int status, const char *content_type)
{
    struct buf out;
    x->streamed = true;
    x->chunked = x->head.minor > 0;
    if (!x->chunked)
        x->close = true;
    settle(x, status);
    buf_init(&out, REPLY_MAX);
    reply_head(&out, x, status, content_type, x->chunked ? REPLY_CHUNKED : REPLY_UNTIL_CLOSE);
    bool ok = exchange_push(x, &out);
    exchange_wake(x);
    return ok && x->method != HTTP_HEAD && !exchange_gone(x);
}

/* Waits until there is room; false, and the stream has failed, when the client is gone or takes nothing for too long. */
static bool wait_for_room(struct exchange *x)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STREAM_WAIT_MS / 1000;
    int error = 0;
    pthread_mutex_lock(&x->lock);
    while (x->unsent >= UNSENT_MAX && !x->failed && !exchange_gone(x) && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&x->sent, &x->lock, &until);
    if (x->unsent >= UNSENT_MAX || exchange_gone(x))
        x->failed = true;
    bool ok = !x->failed;
    pthread_mutex_unlock(&x->lock);
    return ok;
}

/* Writes what the socket takes at once, where nothing is left to be written before it: most pieces of a stream leave so, without a block, a letter and a thread to
 * wake. How many bytes; an error is the network thread's to find, for the rest goes to it. The connection closes the socket only after it has detached. */
static size_t write_now(struct exchange *x, struct span bytes)
{
    ptrdiff_t n = 0;
    pthread_mutex_lock(&x->lock);
    if (!x->detached && x->unsent == 0)
        n = transport_write(x->fd, bytes.p, bytes.n);
    if (n > 0)
        x->bytes_out += n;
    pthread_mutex_unlock(&x->lock);
    return n > 0 ? (size_t)n : 0;
}

static bool send_piece(struct exchange *x, struct span piece)
{
    struct buf out;
    if (!wait_for_room(x))
        return false;
    buf_init(&out, REPLY_MAX);
    buf_reserve(&out, piece.n + 24);
    if (x->chunked)
        buf_printf(&out, "%zx\r\n", piece.n);
    buf_span(&out, piece);
    if (x->chunked)
        buf_str(&out, "\r\n");
    size_t written = out.failed ? 0 : write_now(x, buf_view(&out));
    if (written && written == out.n) {
        buf_free(&out);
        return true;
    }
    buf_consume(&out, written);
    bool ok = exchange_push(x, &out);
    exchange_wake(x);
    return ok;
}

bool exchange_stream_send(struct exchange *x, struct span bytes)
{
    if (x->method == HTTP_HEAD)
        return false;
    bool ok = !exchange_gone(x);
    while (ok && bytes.n) {
        struct span piece = {bytes.p, bytes.n < PIECE_MAX ? bytes.n : PIECE_MAX};
        ok = send_piece(x, piece);
        bytes = span_skip(bytes, piece.n);
    }
    return ok;
}

bool exchange_stream_has_room(struct exchange *x)
{
    pthread_mutex_lock(&x->lock);
    bool room = x->unsent < UNSENT_MAX / 2;
    pthread_mutex_unlock(&x->lock);
    return room;
}

void exchange_stream_end(struct exchange *x)
{
    bool failed = exchange_gone(x);
    pthread_mutex_lock(&x->lock);
    failed = failed || x->failed;
    pthread_mutex_unlock(&x->lock);
    /* A stream that was cut short must not look complete: no last chunk then. */
    if (!failed && x->chunked && x->method != HTTP_HEAD) {
        struct buf out;
        buf_init(&out, 16);
        buf_str(&out, "0\r\n\r\n");
        failed = !exchange_push(x, &out);
    }
    finish(x, failed);
}

bool exchange_gone(const struct exchange *x)
{
    return atomic_load(&x->gone);
}
