/* The router: 404 and 405 told apart, literals before parameters, decoded slashes that change nothing. And the error bodies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/problem_reply.h"
#include "http/reply.h"
#include "http/router.h"

static const struct route routes[] = {
    {HTTP_GET, "/", NULL, NULL, 0, 0, "root"},
    {HTTP_GET, "/a/{id}", NULL, NULL, 0, 0, "get"},
    {HTTP_DELETE, "/a/{id}", NULL, NULL, 0, 0, "delete"},
    {HTTP_GET, "/a/special", NULL, NULL, 0, 0, "special"},
    {HTTP_POST, "/a", NULL, NULL, 0, 0, "post"},
    {HTTP_GET, "/a/{id}/b/{other}", NULL, NULL, 0, 0, "two"},
    {HTTP_GET, "/h", NULL, NULL, 0, 0, "hget"},
    {HTTP_HEAD, "/h", NULL, NULL, 0, 0, "hhead"},
};

static struct route_match match;

/* The operation found, or "404" or "405". */
static const char *find(enum http_method method, const char *path)
{
    static char text[64];
    struct http_fault why;
    struct target t;
    struct arena *arena = arena_new(65536);
    assert_true(target_parse(&t, span_of(path), span_of(http_method_name(method)), arena, &why));
    enum route_result r = router_find(routes, sizeof routes / sizeof *routes, method, &t, &match);
    if (r == ROUTE_FOUND && match.param_count)
        span_to_cstr(match.params[match.param_count - 1].value, text, sizeof text);
    else
        text[0] = '\0';
    arena_free(arena);
    if (text[0])
        return text;
    return r == ROUTE_FOUND ? match.route->operation : r == ROUTE_NO_PATH ? "404" : "405";
}

static void test_finds(void **state)
{
    (void)state;
    assert_string_equal("root", find(HTTP_GET, "/"));
    assert_string_equal("x", find(HTTP_GET, "/a/x"));
    assert_string_equal("x/y", find(HTTP_GET, "/a/x%2Fy"));
    assert_string_equal("special", find(HTTP_GET, "/a/special"));
    assert_string_equal("special", find(HTTP_GET, "/a/speci%61l"));
    assert_string_equal("special", find(HTTP_DELETE, "/a/special")); /* as a parameter */
    assert_string_equal("delete", match.route->operation);
    assert_string_equal("2", find(HTTP_GET, "/a/1/b/2"));
    assert_true(span_eq(match.params[0].name, SPAN("id")));
    assert_string_equal("root", find(HTTP_HEAD, "/"));
    assert_string_equal("hhead", find(HTTP_HEAD, "/h"));
    assert_string_equal("hget", find(HTTP_GET, "/h"));
}

static void test_does_not_find(void **state)
{
    static const char *const paths[] = {"/a/", "/a//", "//a", "/a/x/", "/a/x/b", "/a/x/b/", "/b", "/A", "/a/.", "/a/..", "/a/%2e%2e", "/a%2Fx", "/a/x/b/y/z"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_string_equal("404", find(HTTP_GET, paths[i]));
    assert_string_equal("405", find(HTTP_GET, "/a"));
    assert_string_equal("405", find(HTTP_POST, "/a/x"));
    assert_string_equal("405", find(HTTP_METHODS, "/a/x"));
    assert_string_equal("404", find(HTTP_METHODS, "/b"));
    assert_string_equal("404", find(HTTP_GET, "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6"));
}

static void test_allow(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 200);
    find(HTTP_POST, "/a/special");
    router_allow(&b, match.allow);
    assert_string_equal("GET, DELETE, HEAD, OPTIONS", buf_cstr(&b));
    buf_clear(&b);
    find(HTTP_GET, "/a");
    router_allow(&b, match.allow);
    assert_string_equal("POST, OPTIONS", buf_cstr(&b));
    buf_free(&b);
}

static void test_methods(void **state)
{
    (void)state;
    for (unsigned m = 0; m < HTTP_METHODS; m++)
        assert_int_equal(m, http_method_of(span_of(http_method_name((enum http_method)m))));
    assert_int_equal(HTTP_METHODS, http_method_of(SPAN("get")));
    assert_int_equal(HTTP_METHODS, http_method_of(SPAN("TRACE")));
}

static void test_problem(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    problem_body(&b, 404, "not-found", "No \"such\" thing.", "req_1");
    assert_string_equal(
        "{\"detail\":\"No \\\"such\\\" thing.\",\"type\":\"/errors/not-found\",\"title\":\"Not Found\",\"status\":404,\"request_id\":\"req_1\"}", buf_cstr(&b));
    assert_string_equal("Content Too Large", http_reason(413));
    assert_string_equal("Unknown", http_reason(299));
    buf_clear(&b);
    reply_date(&b, 784111777000);
    assert_string_equal("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", buf_cstr(&b));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds),   cmocka_unit_test(test_does_not_find), cmocka_unit_test(test_allow),
        cmocka_unit_test(test_methods), cmocka_unit_test(test_problem),
    };
    return cmocka_run_group_tests_name("http router", tests, NULL, NULL);
}
