/* The documentation page and its files: what is sent, coded how, and to whom nothing is. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fake_exchange.h"
#include "http/routes.h"
#include "web/web.h"

static struct exchange *asked(const char *file, const char *header, const char *value)
{
    struct exchange *x = fake_new(HTTP_GET, "/docs/file", NULL);
    fake_path_param(x, "file", file);
    if (header)
        fake_header(x, header, value);
    call_docs_file(x);
    return x;
}

static void test_page(void **state)
{
    (void)state;
    struct exchange *x = fake_new(HTTP_GET, "/docs", NULL);
    call_docs(x);
    struct span page = fake_reply_body(x);
    assert_int_equal(fake_status(x), 200);
    assert_string_equal(fake_content_type(x), "text/html; charset=utf-8");
    assert_true(span_find(page, SPAN("docs/swagger-ui-bundle.js")) > 0);
    assert_null(fake_reply_header(x, "Content-Encoding"));
    /* Nothing from elsewhere, nothing inside that the policy would have to let through. */
    static const char *const banned[] = {"http://", "https://", "//cdn", "<script>", "onload", "<style", "style=\""};
    for (size_t i = 0; i < sizeof banned / sizeof *banned; i++) {
        if (span_find(page, span_of(banned[i])) >= 0)
            fail_msg("the page holds %s", banned[i]);
    }
    const char *policy = fake_reply_header(x, "Content-Security-Policy");
    assert_non_null(policy);
    assert_non_null(strstr(policy, "default-src 'none'; script-src 'self'; style-src 'self'"));
    assert_null(strstr(policy, "unsafe"));
    fake_free(x);
}

static void test_codings(void **state)
{
    (void)state;
    static const struct {
        const char *accepted;
        bool gzip;
    } cases[] = {{"gzip", true},          {"br, GZIP;q=0.5, *", true}, {"deflate,gzip", true}, {"gzip;q=1", true}, {"gzip; q=0.0", false},
                 {"gzip;q=0, br", false}, {"identity", false},         {"xgzip", false},       {"", false}};
    const struct web_file *file = web_file_find(SPAN("docs/init.js"));
    assert_non_null(file);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange *x = asked("init.js", "Accept-Encoding", cases[i].accepted);
        struct span wanted = cases[i].gzip ? file->gzip : file->plain;
        if (!span_eq(fake_reply_body(x), wanted) || (fake_reply_header(x, "Content-Encoding") != NULL) != cases[i].gzip)
            fail_msg("Accept-Encoding: %s", cases[i].accepted);
        assert_string_equal(fake_reply_header(x, "Vary"), "Accept-Encoding");
        fake_free(x);
    }
}

static void test_revalidation(void **state)
{
    (void)state;
    const struct web_file *file = web_file_find(SPAN("docs/docs.css"));
    assert_non_null(file);
    const char *const known[] = {file->etag, strchr(file->etag, '"'), "*"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct exchange *x = asked("docs.css", "If-None-Match", known[i]);
        assert_int_equal(fake_status(x), 304);
        assert_string_equal(fake_reply_header(x, "ETag"), file->etag);
        fake_free(x);
    }
    struct exchange *x = asked("docs.css", "If-None-Match", "W/\"0123456789abcdef\"");
    assert_int_equal(fake_status(x), 200);
    assert_string_equal(fake_reply_header(x, "Cache-Control"), "no-cache");
    fake_free(x);
}

static void test_unknown_files(void **state)
{
    (void)state;
    char long_name[200];
    memset(long_name, 'a', sizeof long_name);
    long_name[sizeof long_name - 1] = 0;
    const char *const names[] = {"none.js", "", "../docs/init.js", long_name};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct exchange *x = asked(names[i], NULL, NULL);
        assert_int_equal(fake_status(x), 404);
        fake_free(x);
    }
}

static void test_packed_files(void **state)
{
    (void)state;
    assert_true(web_file_count >= 7);
    for (size_t i = 0; i < web_file_count; i++) {
        const struct web_file *file = &web_files[i];
        assert_ptr_equal(web_file_find(span_of(file->name)), file);
        assert_true(file->plain.n > 0);
        assert_memory_equal(file->gzip.p, "\x1f\x8b\x08", 3);
    }
    assert_true(web_file_find(SPAN("docs/swagger-ui-bundle.js"))->plain.n > 1000000);
}

static void test_favicon(void **state)
{
    (void)state;
    struct exchange *x = fake_new(HTTP_GET, "/favicon.ico", NULL);
    call_favicon(x);
    assert_int_equal(fake_status(x), 200);
    assert_string_equal(fake_content_type(x), "image/svg+xml");
    fake_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page),          cmocka_unit_test(test_codings),      cmocka_unit_test(test_revalidation),
        cmocka_unit_test(test_unknown_files), cmocka_unit_test(test_packed_files), cmocka_unit_test(test_favicon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
