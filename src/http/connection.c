/* The state machine of a connection: reading, sending, time-outs and the end. */
#include "http/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/transport.h"

enum {
    TURNS_MAX = 16,          /* steps before other connections have theirs */
    EMPTY_LINES_MAX = 4,     /* CRLFs in front of a request line (RFC 9112 section 2.2) */
    LINGER_MS = 5000,        /* for all of the end */
    LINGER_BYTES = 16 << 20, /* thrown away at most */
    KEEP_IN = 4096,          /* input buffers larger than this are not kept while idle */
};

enum step { STEP_ON, STEP_WAIT, STEP_CLOSE };

static const struct http_limits *limits(const struct connection *c)
{
    return &c->loop->server->options.limits;
}

static void name_peer(struct connection *c)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } a;
    socklen_t n = sizeof a;
    memset(&a, 0, sizeof a);
    if (getpeername(c->fd, &a.any, &n) != 0)
        return;
    if (a.any.sa_family == AF_INET)
        inet_ntop(AF_INET, &a.in.sin_addr, c->peer, sizeof c->peer);
    else if (a.any.sa_family == AF_INET6)
        inet_ntop(AF_INET6, &a.in6.sin6_addr, c->peer, sizeof c->peer);
}

struct connection *connection_new(struct loop *loop, int fd, uint32_t slot, uint32_t generation)
{
    struct connection *c = calloc(1, sizeof *c);
    struct parser *parser = c ? parser_new(connection_take_body, c) : NULL;
    if (!parser) {
        free(c);
        close(fd);
        return NULL;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->loop = loop;
    c->fd = fd;
    c->slot = slot;
    c->generation = generation;
    c->parser = parser;
    c->writable = true;
    c->deadline = loop->now + limits(c)->head_timeout_ms;
    c->idle_since = loop->now;
    buf_init(&c->in, limits(c)->head_bytes + SCRATCH_SIZE);
    name_peer(c);
    return c;
}

void connection_free(struct connection *c)
{
    if (c->exchange) {
        exchange_hang_up(c->exchange, true);
        exchange_unref(c->exchange);
    }
    output_free(&c->output);
    parser_free(c->parser);
    buf_free(&c->in);
    close(c->fd);
    free(c);
}

bool connection_is_idle(const struct connection *c)
{
    return c->state == CONNECTION_LINGER || (c->state == CONNECTION_HEAD && c->in.n == 0 && !c->readable);
}

bool connection_has_input(struct connection *c)
{
    char byte;
    c->readable = c->state == CONNECTION_HEAD && recv(c->fd, &byte, 1, MSG_PEEK) > 0;
    return c->readable;
}

/* ---- reading ---- */

/* Reads once into the loop's scratch. STEP_CLOSE with *ended when the client has ended its side, without it on an error. */
static enum step receive(struct connection *c, struct span *got, bool *ended)
{
    *ended = false;
    if (!c->readable)
        return STEP_WAIT;
    ptrdiff_t n = transport_read(c->fd, c->loop->scratch, SCRATCH_SIZE);
    if (n == TRANSPORT_AGAIN) {
        c->readable = false;
        return STEP_WAIT;
    }
    *ended = n == 0;
    if (n <= 0)
        return STEP_CLOSE;
    /* A short read has emptied the socket: the next byte, or the end, comes with an edge of its own. */
    if (n < SCRATCH_SIZE && !c->hung_up)
        c->readable = false;
    *got = (struct span){c->loop->scratch, (size_t)n};
    return STEP_ON;
}

static enum step refuse(struct connection *c, const struct http_fault *why)
{
    return connection_refuse(c, why) ? STEP_ON : STEP_CLOSE;
}

/* Drops empty lines before the request line. STEP_ON when something else follows. */
static enum step skip_empty_lines(struct connection *c)
{
    while (c->scan.at == 0 && c->in.n >= 2 && c->in.p[0] == '\r' && c->in.p[1] == '\n') {
        buf_consume(&c->in, 2);
        if (++c->empty_lines > EMPTY_LINES_MAX)
            return refuse(c, &(struct http_fault){400, "There are too many empty lines before the request line."});
    }
    return c->in.n == 0 || (c->scan.at == 0 && c->in.n == 1 && c->in.p[0] == '\r') ? STEP_WAIT : STEP_ON;
}

static enum step read_head(struct connection *c)
{
    struct http_fault why;
    const struct head_limits sizes = {limits(c)->head_bytes, limits(c)->target_bytes, limits(c)->header_count};
    enum step step = skip_empty_lines(c);
    if (step != STEP_ON || c->state != CONNECTION_HEAD)
        return step;
    switch (head_scan(&c->scan, buf_view(&c->in), &sizes, &why)) {
    case HEAD_MORE:
        return STEP_WAIT;
    case HEAD_BAD:
        return refuse(c, &why);
    default:
        return connection_begin_request(c) ? STEP_ON : STEP_CLOSE;
    }
}

static enum step step_head(struct connection *c)
{
    struct span got;
    bool ended;
    enum step step = c->in.n ? read_head(c) : STEP_WAIT;
    if (step != STEP_WAIT)
        return step;
    step = receive(c, &got, &ended);
    if (step != STEP_ON)
        return step;
    if (c->in.n == 0 && c->empty_lines == 0)
        c->deadline = c->loop->now + limits(c)->head_timeout_ms;
    buf_span(&c->in, got);
    return c->in.failed ? STEP_CLOSE : STEP_ON;
}

/* Feeds the parser; what belongs to the next request is kept in c->in. */
static enum step parse_body(struct connection *c, struct span bytes, bool from_in)
{
    struct http_fault why;
    size_t used = 0;
    enum parser_status status = parser_body(c->parser, bytes, c->body_max - c->exchange->body.size, &used, &why);
    c->exchange->bytes_in += (int64_t)used;
    if (from_in)
        buf_consume(&c->in, used);
    else
        buf_span(&c->in, span_skip(bytes, used));
    if (status == PARSER_BAD)
        return refuse(c, &why);
    if (status == PARSER_STOPPED)
        return refuse(c, &c->body_fault);
    if (status == PARSER_DONE)
        connection_body_done(c);
    return c->in.failed ? STEP_CLOSE : STEP_ON;
}

/* ---- sending ---- */

/* Writes one block after the other, each with a call of its own. STEP_ON when all is written. */
static enum step send_blocks(struct connection *c)
{
    struct output_block *b;
    while ((b = c->output.first)) {
        if (!c->writable)
            return STEP_WAIT;
        ptrdiff_t n = transport_write(c->fd, b->data.p + b->sent, b->data.n - b->sent);
        if (n == TRANSPORT_ERROR)
            return STEP_CLOSE;
        if (n == TRANSPORT_AGAIN) {
            c->writable = false;
            if (c->deadline == 0)
                c->deadline = c->loop->now + limits(c)->write_timeout_ms;
            return STEP_WAIT;
        }
        if (c->state == CONNECTION_WORK)
            c->deadline = 0;
        b->sent += (size_t)n;
        exchange_sent(c->exchange, (size_t)n);
        if (b->sent == b->data.n)
            output_block_free(output_pop(&c->output));
    }
    return STEP_ON;
}

struct progress {
    bool finished, continued, failed;
};

static struct progress take_output(struct connection *c)
{
    struct exchange *x = c->exchange;
    pthread_mutex_lock(&x->lock);
    output_move(&c->output, &x->output);
    struct progress p = {x->finished, x->continued, x->failed};
    x->continued = false;
    pthread_mutex_unlock(&x->lock);
    return p;
}

static enum step step_body(struct connection *c)
{
    struct span bytes = buf_view(&c->in);
    bool ended = false, from_in = bytes.n > 0;
    take_output(c);
    if (send_blocks(c) == STEP_CLOSE)
        return STEP_CLOSE;
    enum step step = from_in ? STEP_ON : receive(c, &bytes, &ended);
    if (ended)
        return refuse(c, &(struct http_fault){400, "The request ended before its body was complete."});
    return step == STEP_ON ? parse_body(c, bytes, from_in) : step;
}

/* The reply is out: the next request, or the end. */
static enum step reply_done(struct connection *c)
{
    bool ends = c->exchange->close;
    exchange_unref(c->exchange);
    c->exchange = NULL;
    c->idle_since = c->loop->now;
    if (ends) {
        transport_end(c->fd);
        c->state = CONNECTION_LINGER;
        c->deadline = c->loop->now + LINGER_MS;
        buf_free(&c->in);
        return STEP_ON;
    }
    c->state = CONNECTION_HEAD;
    c->deadline = c->loop->now + (c->in.n ? limits(c)->head_timeout_ms : limits(c)->idle_timeout_ms);
    if (c->in.n == 0 && c->in.cap > KEEP_IN)
        buf_free(&c->in);
    return STEP_ON;
}

static enum step step_work(struct connection *c)
{
    struct progress p = take_output(c);
    enum step step = send_blocks(c);
    if (step != STEP_ON)
        return step;
    if (p.continued) {
        c->exchange->local = true;
        connection_start_body(c);
        return STEP_ON;
    }
    if (!p.finished)
        return STEP_WAIT;
    return p.failed ? STEP_CLOSE : reply_done(c);
}

static enum step step_linger(struct connection *c)
{
    struct span got = {"", 0};
    bool ended;
    enum step step = receive(c, &got, &ended);
    c->lingered += (int64_t)got.n;
    return c->lingered > LINGER_BYTES ? STEP_CLOSE : step;
}

/* ---- what the loop calls ---- */

void connection_drive(struct connection *c)
{
    static enum step (*const steps[])(struct connection *) = {
        [CONNECTION_HEAD] = step_head, [CONNECTION_BODY] = step_body, [CONNECTION_WORK] = step_work, [CONNECTION_LINGER] = step_linger};
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        enum step step = steps[c->state](c);
        if (step == STEP_CLOSE)
            loop_close(c->loop, c);
        if (step != STEP_ON)
            return;
    }
    loop_again(c->loop, c);
}

void connection_event(struct connection *c, uint32_t events)
{
    if (events & (EPOLLERR | EPOLLHUP)) {
        loop_close(c->loop, c);
        return;
    }
    if (events & EPOLLIN)
        c->readable = true;
    if (events & EPOLLOUT)
        c->writable = true;
    if (events & EPOLLRDHUP) {
        c->readable = c->hung_up = true;
        if (c->exchange)
            exchange_hang_up(c->exchange, false);
    }
    connection_drive(c);
}

/* At least 1 KiB a second since the last look? */
static bool body_is_moving(struct connection *c)
{
    int64_t size = c->exchange->body.size, wanted = (int64_t)limits(c)->body_timeout_ms * 1024 / 1000;
    bool moving = size - c->body_mark >= wanted;
    c->body_mark = size;
    return moving;
}

void connection_timeout(struct connection *c)
{
    bool reading = (c->state == CONNECTION_HEAD && (c->in.n || c->empty_lines)) || c->state == CONNECTION_BODY;
    if (c->state == CONNECTION_BODY && body_is_moving(c)) {
        c->deadline = c->loop->now + limits(c)->body_timeout_ms;
        return;
    }
    if (reading && connection_refuse(c, &(struct http_fault){408, "The request came too slowly."}))
        connection_drive(c);
    else
        loop_close(c->loop, c);
}

void connection_turn_away(struct connection *c)
{
    if (connection_refuse(c, &(struct http_fault){503, "The server has too many connections; try again soon."}))
        connection_drive(c);
    else
        loop_close(c->loop, c);
}
