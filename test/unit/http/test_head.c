/* Heads and targets: every way to cut a head gives the same verdict; what stands in the fields is read as written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/head.h"
#include "http/parser.h"
#include "http/target.h"

static const struct head_limits sizes = {512, 100, 5};

struct got {
    struct buf body;
    int64_t refuse_after;
};

static bool sink(void *context, struct span bytes)
{
    struct got *g = context;
    buf_span(&g->body, bytes);
    return g->refuse_after < 0 || (int64_t)g->body.n <= g->refuse_after;
}

/* The status a head is refused with, or 0; *head when it is fine. */
static int read_head(const char *text, struct head *head, struct head_field fields[10])
{
    struct head_scan scan = {0};
    struct http_fault why = {0};
    struct span raw = span_of(text);
    struct parser *p = parser_new(sink, NULL);
    enum head_scan_status status = head_scan(&scan, raw, &sizes, &why);
    if (status == HEAD_DONE) {
        *head = (struct head){.fields = fields, .field_max = 10};
        parser_head(p, (struct span){raw.p, scan.at}, scan.lines - 1, head, &why);
    }
    parser_free(p);
    return status == HEAD_MORE ? -1 : why.status;
}

static int head_status(const char *text)
{
    struct head head;
    struct head_field fields[10];
    return read_head(text, &head, fields);
}

static void test_reads_fields(void **state)
{
    struct head h;
    struct head_field f[10];
    (void)state;
    assert_int_equal(0, read_head("POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length:  12 \r\nA:\r\nEXPECT: 100-continue\r\n\r\nrest", &h, f));
    assert_true(span_eq(h.method, SPAN("POST")));
    assert_true(span_eq(h.target, SPAN("/a?b")));
    assert_int_equal(4, h.field_count);
    assert_true(span_eq(h.fields[2].name, SPAN("A")) && h.fields[2].value.n == 0);
    assert_int_equal(12, h.content_length);
    assert_true(h.expect_continue && h.keep_alive && !h.chunked);
    assert_int_equal(1, h.minor);
    struct span v;
    size_t from = 0;
    assert_true(head_next(&h, "host", &from, &v) && span_eq(v, SPAN("x")));
    assert_false(head_next(&h, "host", &from, &v));
}

static void test_keep_alive(void **state)
{
    struct head h;
    struct head_field f[10];
    (void)state;
    assert_int_equal(0, read_head("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &h, f));
    assert_false(h.keep_alive);
    assert_int_equal(0, read_head("GET / HTTP/1.0\r\n\r\n", &h, f));
    assert_false(h.keep_alive);
    assert_int_equal(0, h.minor);
    assert_int_equal(0, read_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &h, f));
    assert_true(h.keep_alive);
    assert_int_equal(0, read_head("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n", &h, f));
    assert_true(h.chunked && h.content_length == -1);
}

/* Cut anywhere, a head is either still wanted or refused as the whole is: never accepted early, never judged otherwise. */
static void test_prefixes_agree(void **state)
{
    static const char *const heads[] = {"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                                        "GET / HTTP/2.0\r\nHost: x\r\n\r\n",         "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
                                        "GET / HTTP/1.1\nHost: x\r\n\r\n",           "GET\t/ HTTP/1.1\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct span whole = span_of(heads[i]);
        struct head_scan at_once = {0}, piecewise = {0};
        struct http_fault why = {0}, why_piecewise = {0};
        enum head_scan_status expected = head_scan(&at_once, whole, &sizes, &why), got = HEAD_MORE;
        for (size_t n = 1; n <= whole.n && got == HEAD_MORE; n++)
            got = head_scan(&piecewise, (struct span){whole.p, n}, &sizes, &why_piecewise);
        assert_int_equal(expected, got);
        assert_int_equal(why.status, why_piecewise.status);
        assert_int_equal(at_once.at, piecewise.at);
    }
}

static void test_limits(void **state)
{
    char text[2000];
    (void)state;
    assert_int_equal(0, head_status("GET / HTTP/1.1\r\nHost: x\r\na: 1\r\nb: 1\r\nc: 1\r\nd: 1\r\n\r\n"));
    assert_int_equal(431, head_status("GET / HTTP/1.1\r\nHost: x\r\na: 1\r\nb: 1\r\nc: 1\r\nd: 1\r\ne: 1\r\n\r\n"));
    memset(text, 'a', sizeof text);
    memcpy(text, "GET /", 5);
    text[4 + 101] = '\0';
    assert_int_equal(414, head_status(text));
    text[4 + 100] = '\0';
    assert_int_equal(-1, head_status(text));
    memset(text, 'a', sizeof text);
    memcpy(text, "GET / HTTP/1.1\r\nX: ", 19);
    text[513] = '\0';
    assert_int_equal(431, head_status(text));
    text[512] = '\0';
    assert_int_equal(-1, head_status(text));
}

static void test_hosts(void **state)
{
    static const char *const good[] = {"a", "example.com", "example.com:80", "127.0.0.1:0", "[::1]", "[::1]:65535", "a-b_c.d", "a:"};
    static const char *const bad[] = {"",     ":80", "a b",    "a/b",     "a@b", "a,b", "a:b", "a:65536", "a:-1",
                                      "[::1", "[]",  "[::1]x", "[::1]80", "a?b", "a#b", "<a>", "a:1:2"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(head_host_valid(span_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(head_host_valid(span_of(bad[i])));
}

/* The body parser, fed in pieces of `step` bytes; what of the text it did not take is in *rest. */
static enum parser_status feed(const char *head_text, struct span body, size_t step, int64_t room, struct got *g, size_t *taken, int *status)
{
    struct head_field fields[10];
    struct head head = {.fields = fields, .field_max = 10};
    struct head_scan scan = {0};
    struct http_fault why = {0};
    struct parser *p = parser_new(sink, g);
    assert_int_equal(HEAD_DONE, head_scan(&scan, span_of(head_text), &sizes, &why));
    assert_true(parser_head(p, span_of(head_text), scan.lines - 1, &head, &why));
    enum parser_status s = PARSER_MORE;
    *taken = 0;
    while (s == PARSER_MORE && body.n) {
        struct span piece = {body.p, body.n < step ? body.n : step};
        size_t used;
        s = parser_body(p, piece, room - (int64_t)g->body.n, &used, &why);
        *taken += used;
        body = span_skip(body, used);
    }
    *status = why.status;
    parser_free(p);
    return s;
}

static void test_bodies(void **state)
{
    static const char chunked_head[] = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    static const char length_head[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
    static const char framed[] = "2;x=\"y z\"\r\nhe\r\n003\r\nllo\r\n0\r\nTrailer: x\r\n\r\nGET /next";
    (void)state;
    for (size_t step = 1; step < sizeof framed; step++) {
        struct got g = {.refuse_after = -1};
        size_t taken;
        int status;
        buf_init(&g.body, 100);
        assert_int_equal(PARSER_DONE, feed(chunked_head, span_of(framed), step, 100, &g, &taken, &status));
        assert_true(span_eq(buf_view(&g.body), SPAN("hello")));
        assert_int_equal(strlen(framed) - strlen("GET /next"), taken);
        buf_clear(&g.body);
        assert_int_equal(PARSER_DONE, feed(length_head, SPAN("helloGET /next"), step, 100, &g, &taken, &status));
        assert_true(span_eq(buf_view(&g.body), SPAN("hello")));
        assert_int_equal(5, taken);
        buf_free(&g.body);
    }
}

static void test_body_faults(void **state)
{
    static const char head[] = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    struct got g = {.refuse_after = -1};
    size_t taken;
    int status;
    (void)state;
    buf_init(&g.body, 100);
    assert_int_equal(PARSER_BAD, feed(head, SPAN("7\r\n"), 9, 6, &g, &taken, &status)); /* announced, not come */
    assert_int_equal(413, status);
    assert_int_equal(PARSER_BAD, feed(head, SPAN("ffffffffffffffff\r\n"), 99, 6, &g, &taken, &status));
    assert_int_equal(413, status);
    assert_int_equal(PARSER_BAD, feed(head, SPAN("4\r\nabcd\r\n4\r\nabcd\r\n"), 99, 6, &g, &taken, &status));
    assert_int_equal(413, status);
    buf_clear(&g.body);
    assert_int_equal(PARSER_BAD, feed(head, SPAN("g\r\n"), 99, 6, &g, &taken, &status));
    assert_int_equal(400, status);
    g.refuse_after = 2;
    assert_int_equal(PARSER_STOPPED, feed(head, SPAN("4\r\nabcd\r\n"), 99, 6, &g, &taken, &status));
    buf_free(&g.body);
}

static int target_status(const char *raw, const char *method, struct target *t)
{
    static struct arena *arena;
    struct http_fault why = {0};
    arena_free(arena);
    arena = NULL;
    if (!raw)
        return 0;
    arena = arena_new(1 << 20);
    target_parse(t, span_of(raw), span_of(method), arena, &why);
    return why.status;
}

static void test_targets(void **state)
{
    struct target t;
    (void)state;
    assert_int_equal(0, target_status("/a/b%2Fc//%C3%BC?x=%20", "GET", &t));
    assert_int_equal(4, t.segment_count);
    assert_true(span_eq(t.segments[1], SPAN("b/c")) && t.segments[2].n == 0 && span_eq(t.segments[3], SPAN("\xC3\xBC")));
    assert_true(span_eq(t.query, SPAN("x=%20")) && span_eq(t.path, SPAN("/a/b%2Fc//%C3%BC")));
    assert_int_equal(0, target_status("http://h:1?q", "GET", &t));
    assert_true(span_eq(t.path, SPAN("/")) && span_eq(t.query, SPAN("q")));
    assert_int_equal(0, target_status("*", "OPTIONS", &t));
    assert_true(t.asterisk);
    static const char *const bad[] = {"*",   "a",       "//%",       "/%0",         "/%00",     "/%0a", "/%GG", "/%C3",
                                      "/\\", "http://", "http:///x", "http://a b/", "ftp://a/", "/?%",  "/?%00"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(400, target_status(bad[i], "GET", &t));
    assert_int_equal(501, target_status("a:1", "CONNECT", &t));
    target_status(NULL, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_fields), cmocka_unit_test(test_keep_alive), cmocka_unit_test(test_prefixes_agree), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_hosts),        cmocka_unit_test(test_bodies),     cmocka_unit_test(test_body_faults),    cmocka_unit_test(test_targets),
    };
    return cmocka_run_group_tests_name("http head", tests, NULL, NULL);
}
