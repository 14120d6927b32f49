/* A server with nothing but the HTTP core behind it: its routes show what the core does, for test/api/test_http_wire.py. Prints the port it has got. */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "http/multipart.h"
#include "http/problem_reply.h"
#include "http/server.h"

enum { LANE_WORK, LANE_NARROW, LANE_STREAM, LANES };

struct echo {
    struct http_server *_Atomic server; /* set while handlers may run already */
    struct pool *lanes[LANES];
    _Atomic int hang_ups, cut_streams, released, entered;
};

static struct echo *echo_of(struct exchange *x)
{
    return exchange_context(x);
}

static void sleep_ms(int64_t ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static int64_t number_param(struct exchange *x, const char *name, int64_t otherwise)
{
    struct span text;
    int64_t value = otherwise;
    if (exchange_query_param(x, name, &text))
        span_to_int(text, 0, 1 << 30, &value);
    return value;
}

static void hello(struct exchange *x)
{
    exchange_reply(x, 200, "text/plain", SPAN("hello"));
}

static void echo_body(struct exchange *x)
{
    struct span body, type = {"", 0};
    char content_type[128] = "application/octet-stream";
    if (exchange_header(x, "Content-Type", &type))
        span_to_cstr(type, content_type, sizeof content_type);
    if (exchange_body(x, 8 << 20, &body))
        exchange_reply(x, 200, content_type, body);
    else
        reply_error(x, 500, "internal", "The body could not be read.");
}

/* Size and FNV-1a of the body, read in odd pieces. */
static void sum_body(struct exchange *x)
{
    uint64_t hash = 14695981039346656037u;
    unsigned char piece[7919];
    int64_t at = 0, got;
    while ((got = exchange_body_read(x, at, piece, sizeof piece)) > 0) {
        for (int64_t i = 0; i < got; i++)
            hash = (hash ^ piece[i]) * 1099511628211u;
        at += got;
    }
    struct buf out;
    buf_init(&out, 256);
    buf_printf(&out, "{\"size\":%" PRId64 ",\"read\":%" PRId64 ",\"sum\":\"%016" PRIx64 "\"}", exchange_body_size(x), at, hash);
    exchange_reply(x, got < 0 ? 500 : 200, "application/json", buf_view(&out));
    buf_free(&out);
}

static void slow(struct exchange *x)
{
    sleep_ms(number_param(x, "ms", 100));
    exchange_reply(x, 200, "text/plain", SPAN("slow"));
}

static void events(struct exchange *x)
{
    int64_t n = number_param(x, "n", 3), pause = number_param(x, "pause", 0);
    exchange_add_header(x, "Cache-Control", "no-cache, no-transform");
    bool ok = exchange_stream_begin(x, 200, "text/event-stream");
    for (int64_t i = 0; ok && i < n; i++) {
        char event[64];
        int size = snprintf(event, sizeof event, "data: %" PRId64 "\n\n", i);
        ok = exchange_stream_send(x, (struct span){event, (size_t)size});
        sleep_ms(pause);
    }
    if (!ok && exchange_method(x) != HTTP_HEAD)
        atomic_fetch_add(&echo_of(x)->cut_streams, 1);
    exchange_stream_end(x);
}

/* A long streamed reply in pieces of 100,000 bytes. */
static void flood(struct exchange *x)
{
    static const char piece[100000] = {'x'};
    int64_t left = number_param(x, "bytes", 1000000);
    bool ok = exchange_stream_begin(x, 200, "application/octet-stream");
    while (ok && left > 0) {
        size_t n = left < (int64_t)sizeof piece ? (size_t)left : sizeof piece;
        ok = exchange_stream_send(x, (struct span){piece, n});
        left -= (int64_t)n;
    }
    if (!ok)
        atomic_fetch_add(&echo_of(x)->cut_streams, 1);
    exchange_stream_end(x);
}

static void release_user(void *user)
{
    struct echo *e = user;
    atomic_fetch_add(&e->released, 1);
}

static void admit_token(struct exchange *x)
{
    struct span token;
    if (!exchange_header(x, "X-Token", &token) || !span_eq(token, SPAN("sesame"))) {
        exchange_add_header(x, "WWW-Authenticate", "Bearer");
        reply_error(x, 401, "unauthorized", "Send the token in X-Token.");
        return;
    }
    exchange_set_user(x, echo_of(x), release_user);
    exchange_continue(x);
}

static void hang_up(struct exchange *x)
{
    atomic_fetch_add(&echo_of(x)->entered, 1);
    for (int i = 0; i < 1000 && !exchange_gone(x); i++)
        sleep_ms(5);
    if (exchange_gone(x))
        atomic_fetch_add(&echo_of(x)->hang_ups, 1);
    exchange_reply(x, 200, "text/plain", SPAN("waited"));
}

static void counts(struct exchange *x)
{
    struct echo *e = echo_of(x);
    struct buf out;
    buf_init(&out, 512);
    buf_printf(&out, "{\"hang_ups\":%d,\"cut_streams\":%d,\"released\":%d,\"entered\":%d,\"active\":%d,\"peer\":", e->hang_ups, e->cut_streams, e->released,
               e->entered, http_server_active(e->server));
    buf_json(&out, span_of(exchange_peer(x)));
    buf_str(&out, "}");
    exchange_reply(x, 200, "application/json", buf_view(&out));
    buf_free(&out);
}

static void item(struct exchange *x)
{
    exchange_reply(x, 200, "text/plain", exchange_path_param(x, "id"));
}

static void special(struct exchange *x)
{
    exchange_reply(x, 200, "text/plain", SPAN("the special one"));
}

static void query(struct exchange *x)
{
    struct span q;
    exchange_reply(x, exchange_query_param(x, "q", &q) ? 200 : 422, "text/plain", exchange_query_param(x, "q", &q) ? q : SPAN("none"));
}

static void header(struct exchange *x)
{
    struct span v;
    exchange_reply(x, 200, "text/plain", exchange_header(x, "x-test", &v) ? v : SPAN("none"));
}

static void custom(struct exchange *x)
{
    exchange_add_header(x, "Content-Security-Policy", "default-src 'self'");
    exchange_add_header(x, "Cache-Control", "max-age=60");
    exchange_add_header(x, "X-Split", "a\r\nSet-Cookie: b");
    exchange_add_header(x, "Content-Length", "7");
    exchange_reply(x, 200, "text/html; charset=utf-8", SPAN("<p>custom</p>"));
}

static void no_content(struct exchange *x)
{
    exchange_reply(x, 204, NULL, SPAN(""));
}

static void finish_later(void *arg)
{
    struct exchange *x = arg;
    sleep_ms(20);
    exchange_reply(x, 202, "text/plain", SPAN("later"));
}

/* Leaves the exchange to another thread. */
static void later(struct exchange *x)
{
    if (!pool_submit(echo_of(x)->lanes[LANE_STREAM], finish_later, x))
        reply_error(x, 503, "unavailable", "Too busy.");
}

static void drain(struct exchange *x)
{
    http_server_drain(echo_of(x)->server);
    exchange_reply(x, 200, "text/plain", SPAN("draining"));
}

/* ---- a form ---- */

static bool form_part(void *context, const struct multipart_part *part)
{
    struct buf *out = context;
    buf_str(out, "[");
    buf_json(out, span_of(part->name));
    buf_str(out, ",");
    buf_json(out, span_of(part->filename));
    buf_str(out, ",");
    buf_json(out, span_of(part->media_type));
    buf_str(out, ",\"");
    return true;
}

static bool form_data(void *context, struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        buf_printf(context, "%02x", (unsigned)(unsigned char)bytes.p[i]);
    return true;
}

static bool form_end(void *context)
{
    buf_str(context, "\"],");
    return true;
}

static void form(struct exchange *x)
{
    static const struct multipart_events events_of_form = {form_part, form_data, form_end};
    struct buf out;
    struct span type = {"", 0};
    char piece[1000];
    int64_t at = 0, got = 0;
    buf_init(&out, 1 << 20);
    exchange_header(x, "Content-Type", &type);
    struct multipart *m = multipart_new(type, &events_of_form, &out);
    enum multipart_status status = m ? MULTIPART_MORE : MULTIPART_BAD;
    buf_str(&out, "[");
    while (status == MULTIPART_MORE && (got = exchange_body_read(x, at, piece, sizeof piece)) > 0) {
        status = multipart_feed(m, (struct span){piece, (size_t)got});
        at += got;
    }
    buf_str(&out, "[]]");
    if (status == MULTIPART_DONE)
        exchange_reply(x, 200, "application/json", buf_view(&out));
    else
        reply_error(x, 400, "bad-request", m && *multipart_error(m) ? multipart_error(m) : "The body is not a complete form.");
    multipart_free(m);
    buf_free(&out);
}

static const struct route routes[] = {
    {HTTP_GET, "/hello", hello, NULL, LANE_WORK, 0, "hello"},
    {HTTP_POST, "/echo", echo_body, NULL, LANE_WORK, 1 << 20, "echo"},
    {HTTP_PUT, "/echo", echo_body, NULL, LANE_WORK, 1 << 20, "echoPut"},
    {HTTP_POST, "/sum", sum_body, NULL, LANE_WORK, 64 << 20, "sum"},
    {HTTP_POST, "/guarded", sum_body, admit_token, LANE_WORK, 64 << 20, "guarded"},
    {HTTP_GET, "/guarded", hello, admit_token, LANE_WORK, 0, "guardedGet"},
    {HTTP_POST, "/small", echo_body, NULL, LANE_WORK, 10, "small"},
    {HTTP_POST, "/form", form, NULL, LANE_WORK, 1 << 20, "form"},
    {HTTP_GET, "/slow", slow, NULL, LANE_WORK, 0, "slow"},
    {HTTP_GET, "/narrow", slow, NULL, LANE_NARROW, 0, "narrow"},
    {HTTP_GET, "/events", events, NULL, LANE_STREAM, 0, "events"},
    {HTTP_GET, "/flood", flood, NULL, LANE_STREAM, 0, "flood"},
    {HTTP_GET, "/hangup", hang_up, NULL, LANE_STREAM, 0, "hangUp"},
    {HTTP_GET, "/counts", counts, NULL, LANE_WORK, 0, "counts"},
    {HTTP_GET, "/item/special", special, NULL, LANE_WORK, 0, "special"},
    {HTTP_GET, "/item/{id}", item, NULL, LANE_WORK, 0, "item"},
    {HTTP_DELETE, "/item/{id}", item, NULL, LANE_WORK, 0, "itemDelete"},
    {HTTP_GET, "/query", query, NULL, LANE_WORK, 0, "query"},
    {HTTP_GET, "/header", header, NULL, LANE_WORK, 0, "header"},
    {HTTP_GET, "/custom", custom, NULL, LANE_WORK, 0, "custom"},
    {HTTP_GET, "/nothing", no_content, NULL, LANE_WORK, 0, "nothing"},
    {HTTP_GET, "/later", later, NULL, LANE_WORK, 0, "later"},
    {HTTP_POST, "/drain", drain, NULL, LANE_WORK, 0, "drain"},
};

static bool read_options(int argc, char **argv, struct http_options *o)
{
    static const struct option names[] = {{"head-ms", 1, NULL, 'h'},     {"body-ms", 1, NULL, 'b'}, {"idle-ms", 1, NULL, 'i'},   {"write-ms", 1, NULL, 'w'},
                                          {"connections", 1, NULL, 'c'}, {"threads", 1, NULL, 't'}, {"spool-dir", 1, NULL, 's'}, {"cors", 1, NULL, 'o'},
                                          {"quiet", 0, NULL, 'q'},       {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        int64_t n = 0;
        if (c == '?' || (strchr("hbiwct", c) && !span_to_int(span_of(optarg), 1, 1000000, &n)))
            return false;
        switch (c) {
        case 'h':
            o->limits.head_timeout_ms = (int)n;
            break;
        case 'b':
            o->limits.body_timeout_ms = (int)n;
            break;
        case 'i':
            o->limits.idle_timeout_ms = (int)n;
            break;
        case 'w':
            o->limits.write_timeout_ms = (int)n;
            break;
        case 'c':
            o->limits.connections = (int)n;
            break;
        case 't':
            o->threads = (unsigned)n;
            break;
        case 's':
            o->spool_dir = optarg;
            break;
        case 'o':
            o->cors_origins = optarg;
            break;
        default:
            log_set_level(LOG_ERROR);
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct echo echo = {.server = NULL};
    struct http_options o = {.listen = "127.0.0.1:0", .routes = routes, .route_count = sizeof routes / sizeof *routes, .spool_dir = P_tmpdir, .context = &echo};
    char why[256];
    sigset_t ends;
    int signal_number;
    if (!read_options(argc, argv, &o))
        return 2;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    echo.lanes[LANE_WORK] = pool_new("work", 4, 256);
    echo.lanes[LANE_NARROW] = pool_new("narrow", 1, 1);
    echo.lanes[LANE_STREAM] = pool_new("stream", 16, 64);
    o.lanes = echo.lanes;
    echo.server = http_server_start(&o, why, sizeof why);
    if (!echo.server) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    printf("%d\n", http_server_port(echo.server));
    fflush(stdout);
    sigwait(&ends, &signal_number);
    http_server_free(echo.server);
    for (int i = 0; i < LANES; i++)
        pool_free(echo.lanes[i]);
    return 0;
}
