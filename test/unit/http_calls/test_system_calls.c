/* Liveness, readiness, the documentation and the explanations of errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_exchange.h"
#include "http/error_types.h"
#include "http/problem_reply.h"
#include "http/routes.h"
#include "world.h"

static void test_livez(void **state)
{
    (void)state;
    struct exchange *x = fake_new(HTTP_GET, "/livez", NULL);
    call_livez(x);
    assert_int_equal(fake_status(x), 200);
    assert_true(span_eq(fake_reply_body(x), SPAN("{\"status\":\"ok\"}")));
    fake_free(x);
}

static void test_readyz(void **state)
{
    struct world *w = *state;
    struct exchange *x = fake_new(HTTP_GET, "/readyz", &w->app);
    call_readyz(x);
    assert_true(span_eq(fake_reply_body(x), SPAN("{\"status\":\"ok\"}")));
    fake_free(x);
    x = fake_new(HTTP_GET, "/readyz?verbose", &w->app);
    call_readyz(x);
    assert_true(span_eq(fake_reply_body(x), SPAN("{\"status\":\"ok\",\"checks\":{\"database\":\"ok\",\"vectors\":\"ok\"}}")));
    fake_free(x);
    world_sql(w, "drop table login");
    x = fake_new(HTTP_GET, "/readyz", &w->app);
    call_readyz(x);
    assert_int_equal(fake_status(x), 503);
    assert_non_null(fake_reply_header(x, "Retry-After"));
    fake_free(x);
}

static struct exchange *error_page(const char *slug, const char *accept)
{
    struct exchange *x = fake_new(HTTP_GET, "/errors/x", NULL);
    fake_path_param(x, "slug", slug);
    if (accept)
        fake_header(x, "Accept", accept);
    call_error_page(x);
    return x;
}

static void test_error_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < error_type_count; i++) {
        struct exchange *x = error_page(error_types[i].slug, i % 2 ? "*/*" : NULL);
        json_t *reply = fake_reply_json(x);
        assert_int_equal(fake_status(x), 200);
        assert_int_equal(json_integer_value(json_object_get(reply, "status")), error_types[i].status);
        json_decref(reply);
        fake_free(x);
        x = error_page(error_types[i].slug, "text/html,application/xhtml+xml,*/*;q=0.8");
        assert_string_equal(fake_content_type(x), "text/html; charset=utf-8");
        assert_true(span_find(fake_reply_body(x), span_of(error_types[i].slug)) > 0);
        fake_free(x);
    }
    struct exchange *x = error_page("<script>", "text/html");
    assert_int_equal(fake_status(x), 404);
    assert_true(span_find(fake_reply_body(x), SPAN("<script>")) < 0);
    fake_free(x);
}

/* Whatever an error reply names as its type is explained. */
static void test_every_type_is_explained(void **state)
{
    (void)state;
    for (int kind = PROBLEM_BAD_REQUEST; kind <= PROBLEM_STORAGE; kind++) {
        int status = error_status((enum problem_kind)kind);
        const struct error_type *type = error_type_find(span_of(http_slug(status)));
        assert_non_null(type);
        assert_int_equal(type->status, status);
    }
    static const int core[] = {400, 404, 405, 408, 411, 413, 414, 417, 431, 500, 501, 503, 505};
    for (size_t i = 0; i < sizeof core / sizeof *core; i++) {
        if (!error_type_find(span_of(http_slug(core[i]))))
            fail_msg("%s is not explained", http_slug(core[i]));
    }
    for (size_t i = 0; i < error_type_count; i++)
        assert_ptr_equal(error_type_find(span_of(error_types[i].slug)), &error_types[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_livez),
        cmocka_unit_test_setup_teardown(test_readyz, world_open, world_close),
        cmocka_unit_test(test_error_pages),
        cmocka_unit_test(test_every_type_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
