/* From a complete head to the one who answers: the checks, the route, the admit step, the body. */
#include <string.h>

#include "http/connection.h"
#include "http/problem_reply.h"

static const struct http_options *options(const struct connection *c)
{
    return &c->loop->server->options;
}

static struct exchange *new_exchange(struct connection *c)
{
    struct loop *l = c->loop;
    struct exchange *x = exchange_new(l->server, &l->mailbox, c->slot, c->generation, c->peer);
    if (x)
        x->fd = c->fd;
    if (x && c->hung_up)
        exchange_hang_up(x, false);
    c->exchange = x;
    return x;
}

/* Turns to sending what the network thread itself has replied. */
static void answer(struct connection *c, int status, const char *detail)
{
    struct exchange *x = c->exchange;
    if (status == 503)
        exchange_add_header(x, "Retry-After", "1");
    c->state = CONNECTION_WORK;
    c->deadline = 0;
    reply_error(x, status, http_slug(status), detail);
}

bool connection_refuse(struct connection *c, const struct http_fault *why)
{
    if (!c->exchange && !new_exchange(c))
        return false;
    c->exchange->close = true;
    answer(c, why->status, why->detail);
    return true;
}

bool connection_take_body(void *context, struct span bytes)
{
    struct connection *c = context;
    return body_append(&c->exchange->body, options(c)->spool_dir, bytes) ||
           http_refuse(&c->body_fault, 507, "The server has no room for the request body; try again later.");
}

static void submit(struct connection *c, http_handler *step)
{
    c->state = CONNECTION_WORK;
    c->deadline = 0;
    if (!exchange_submit(c->exchange, step))
        answer(c, 503, "The server has more work than it can take in; try again soon.");
}

void connection_start_body(struct connection *c)
{
    struct exchange *x = c->exchange;
    if (x->head.expect_continue && c->in.n == 0) {
        struct buf interim;
        buf_init(&interim, 64);
        buf_str(&interim, "HTTP/1.1 100 Continue\r\n\r\n");
        exchange_push(x, &interim);
    }
    c->state = CONNECTION_BODY;
    c->body_mark = x->body.size;
    c->deadline = c->loop->now + options(c)->limits.body_timeout_ms;
}

void connection_body_done(struct connection *c)
{
    c->exchange->body_done = true;
    submit(c, c->exchange->match.route->handler);
}

/* A short body that has come together with the head is taken at once: then a refusal need not end the connection, and admit and handler run in one go. */
static bool take_body_in_hand(struct connection *c, struct http_fault *why)
{
    struct exchange *x = c->exchange;
    int64_t length = x->head.content_length;
    size_t used = 0;
    if (x->body_done || x->head.chunked || length > BODY_MEMORY_MAX || length > (int64_t)c->in.n)
        return true;
    enum parser_status status = parser_body(c->parser, (struct span){c->in.p, (size_t)length}, length, &used, why);
    buf_consume(&c->in, used);
    x->bytes_in += (int64_t)used;
    x->body_done = status == PARSER_DONE;
    if (status == PARSER_STOPPED)
        *why = c->body_fault;
    else if (status == PARSER_MORE)
        http_refuse(why, 400, "The request body does not have its declared length.");
    return x->body_done;
}

static void answer_options(struct connection *c, unsigned mask)
{
    struct exchange *x = c->exchange;
    struct buf allow;
    buf_init(&allow, 128);
    router_allow(&allow, mask);
    const char *methods = buf_cstr(&allow);
    exchange_add_header(x, "Allow", methods ? methods : "OPTIONS");
    exchange_add_header(x, "Access-Control-Allow-Methods", methods ? methods : "OPTIONS");
    exchange_add_header(x, "Access-Control-Allow-Headers", "Authorization, X-API-Key, Content-Type, Idempotency-Key, Prefer, Last-Event-ID, X-Request-Id");
    exchange_add_header(x, "Access-Control-Max-Age", "86400");
    buf_free(&allow);
    c->state = CONNECTION_WORK;
    c->deadline = 0;
    exchange_reply(x, 204, NULL, SPAN(""));
}

static void answer_no_method(struct connection *c)
{
    struct buf allow;
    buf_init(&allow, 128);
    router_allow(&allow, c->exchange->match.allow);
    const char *methods = buf_cstr(&allow);
    exchange_add_header(c->exchange, "Allow", methods ? methods : "OPTIONS");
    buf_free(&allow);
    answer(c, 405, "This path does not take the method of the request; the Allow field lists those it takes.");
}

/* A route is found. */
static void enter(struct connection *c)
{
    struct exchange *x = c->exchange;
    const struct route *r = x->match.route;
    c->body_max = r->body_max;
    if (x->head.content_length > r->body_max)
        connection_refuse(c, &(struct http_fault){413, "The request body is larger than this call takes."});
    else if (r->admit)
        submit(c, r->admit);
    else if (x->body_done)
        submit(c, r->handler);
    else
        connection_start_body(c);
}

static void dispatch(struct connection *c)
{
    struct exchange *x = c->exchange;
    struct http_fault why;
    x->body_done = !x->head.chunked && x->head.content_length <= 0;
    if (!take_body_in_hand(c, &why) || !target_parse(&x->target, x->head.target, x->head.method, x->arena, &why)) {
        connection_refuse(c, &why);
        return;
    }
    if (atomic_load(&c->loop->server->draining)) {
        answer(c, 503, "The server is shutting down; try again soon.");
        return;
    }
    enum route_result result = router_find(options(c)->routes, options(c)->route_count, x->method, &x->target, &x->match);
    if (x->target.asterisk)
        answer_options(c, (1u << HTTP_METHODS) - 1);
    else if (result == ROUTE_FOUND)
        enter(c);
    else if (result == ROUTE_NO_METHOD && x->method == HTTP_OPTIONS)
        answer_options(c, x->match.allow);
    else if (result == ROUTE_NO_METHOD)
        answer_no_method(c);
    else
        answer(c, 404, "There is nothing at this path.");
}

bool connection_begin_request(struct connection *c)
{
    struct exchange *x = new_exchange(c);
    struct http_fault why;
    size_t fields = c->scan.lines - 1;
    if (!x)
        return false;
    struct span raw = arena_copy(x->arena, (struct span){c->in.p, c->scan.at});
    x->head.fields = arena_array(x->arena, fields + 1, sizeof *x->head.fields);
    x->head.field_max = x->head.fields ? fields : 0;
    if (!raw.p || !x->head.fields)
        return false;
    bool ok = parser_head(c->parser, raw, fields, &x->head, &why);
    x->bytes_in = (int64_t)raw.n;
    buf_consume(&c->in, raw.n);
    c->scan = (struct head_scan){0};
    c->empty_lines = 0;
    x->method = http_method_of(x->head.method);
    exchange_take_request_id(x);
    if (ok)
        dispatch(c);
    return ok || connection_refuse(c, &why);
}
