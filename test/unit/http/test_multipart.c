/* The multipart reader: a table of bodies, each read whole, byte by byte and cut at every place, with the same result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/multipart.h"

struct form {
    struct buf text; /* "name|filename|type|data;" a part; '-' for a part that is no file */
    int stop_at;     /* refuse the n-th event */
};

static bool go_on(struct form *f)
{
    return --f->stop_at != 0;
}

static bool on_part(void *context, const struct multipart_part *p)
{
    struct form *f = context;
    buf_printf(&f->text, "%s|%s|%s|", p->name, p->is_file ? p->filename : "-", p->media_type);
    return go_on(f);
}

static bool on_data(void *context, struct span bytes)
{
    struct form *f = context;
    assert_true(bytes.n > 0);
    buf_span(&f->text, bytes);
    return go_on(f);
}

static bool on_end(void *context)
{
    struct form *f = context;
    buf_char(&f->text, ';');
    return go_on(f);
}

static const struct multipart_events events = {on_part, on_data, on_end};

static enum multipart_status feed(const char *type, struct span body, size_t first, size_t step, struct form *f)
{
    struct multipart *m = multipart_new(span_of(type), &events, f);
    enum multipart_status status = MULTIPART_MORE;
    assert_non_null(m);
    buf_clear(&f->text);
    while (body.n) {
        size_t n = first ? first : step;
        struct span piece = {body.p, n < body.n ? n : body.n};
        enum multipart_status next = multipart_feed(m, piece);
        assert_true(status == MULTIPART_MORE || next == status); /* once ended, it stays so */
        status = next;
        body = span_skip(body, piece.n);
        first = 0;
    }
    assert_true((status == MULTIPART_BAD) == (multipart_error(m)[0] != '\0'));
    multipart_free(m);
    return status;
}

#define PART "--b\r\nContent-Disposition: form-data; "
#define END "\r\n--b--\r\n"

struct sample {
    const char *body;
    enum multipart_status status;
    const char *text;
};

static const struct sample samples[] = {
    {PART "name=\"a\"\r\n\r\nhello" END, MULTIPART_DONE, "a|-||hello;"},
    {PART "name=a\r\n\r\nhello" END, MULTIPART_DONE, "a|-||hello;"},
    {PART "name = a ; filename = x.txt\r\n\r\nhello" END, MULTIPART_DONE, "a|x.txt||hello;"},
    {PART "name=\"a\"; filename=\"x.txt\"\r\nContent-Type: Text/Plain; charset=utf-8\r\n\r\n" END, MULTIPART_DONE, "a|x.txt|text/plain|;"},
    {PART "filename=\"x.txt\"; name=\"a\"\r\n\r\n1" END, MULTIPART_DONE, "a|x.txt||1;"},
    {"--b\r\ncontent-type: a/b\r\nCONTENT-DISPOSITION: Form-Data;NAME=a\r\n\r\n1" END, MULTIPART_DONE, "a|-|a/b|1;"},
    {PART "name=a\r\n\r\n1\r\n" PART "name=b\r\n\r\n2" END, MULTIPART_DONE, "a|-||1;b|-||2;"},
    {"preamble\r\n" PART "name=a\r\n\r\n1" END "epilogue", MULTIPART_DONE, "a|-||1;"},
    {"--bx\r\n--b\r\r\n" PART "name=a\r\n\r\n1" END, MULTIPART_DONE, "a|-||1;"},
    {"--b--", MULTIPART_DONE, ""},
    {"--b \t \r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--", MULTIPART_DONE, "a|-||1;"},
    {PART "name=\"file\"; filename=\"\"\r\n\r\n" END, MULTIPART_DONE, "file|||;"},
    {PART "name=a;\r\n\r\n1" END, MULTIPART_DONE, "a|-||1;"},
    /* names of files */
    {PART "name=a; filename=\"C:\\dir\\x.txt\"\r\n\r\n" END, MULTIPART_DONE, "a|x.txt||;"},
    {PART "name=a; filename=\"../../etc/passwd\"\r\n\r\n" END, MULTIPART_DONE, "a|passwd||;"},
    {PART "name=a; filename=\"x/..\"\r\n\r\n" END, MULTIPART_DONE, "a|||;"},
    {PART "name=a; filename=\"q\\\"q.txt\"\r\n\r\n" END, MULTIPART_DONE, "a|q\"q.txt||;"},
    {PART "name=a; filename=\"x%22y%0d%0Az.txt\"\r\n\r\n" END, MULTIPART_DONE, "a|x\"y__z.txt||;"},
    {PART "name=a; filename=\"100%25 %C3%A4.txt\"\r\n\r\n" END, MULTIPART_DONE, "a|100%25 %C3%A4.txt||;"},
    {PART "name=a; filename=\"a;b=c.txt\"\r\n\r\n" END, MULTIPART_DONE, "a|a;b=c.txt||;"},
    {PART "name=a; filename=my file.txt\r\n\r\n" END, MULTIPART_DONE, "a|my file.txt||;"},
    {PART "name=a; filename=\"\xC3\xA4.txt\"\r\n\r\n" END, MULTIPART_DONE, "a|\xC3\xA4.txt||;"},
    {PART "name=a; filename=\"\xE4.txt\"\r\n\r\n" END, MULTIPART_DONE, "a|\xC3\xA4.txt||;"},
    {PART "name=a; filename=x.txt; filename*=utf-8''%C3%A4%20b.txt\r\n\r\n" END, MULTIPART_DONE, "a|\xC3\xA4 b.txt||;"},
    {PART "name=a; filename*=UTF-8'en'%e2%82%ac.txt; filename=\"x.txt\"\r\n\r\n" END, MULTIPART_DONE, "a|\xE2\x82\xAC.txt||;"},
    {PART "name=a; filename*=iso-8859-1''%E4.txt\r\n\r\n" END, MULTIPART_DONE, "a|\xC3\xA4.txt||;"},
    {PART "name=a; filename*=utf-8''..%2F..%2Fx.txt\r\n\r\n" END, MULTIPART_DONE, "a|x.txt||;"},
    {PART "name=a; filename=x.txt; filename*=koi8-r''%C1.txt\r\n\r\n" END, MULTIPART_DONE, "a|x.txt||;"},
    {PART "name=a; filename*=utf-8''%00x.txt\r\n\r\n" END, MULTIPART_DONE, "a|_x.txt||;"},
    /* look-alikes in the data */
    {PART "name=a\r\n\r\n\r\n--\r\n--bb\r\n--c\r\n-\r\n\r\r\n-b\n--b--\r--b" END, MULTIPART_DONE, "a|-||\r\n--\r\n--bb\r\n--c\r\n-\r\n\r\r\n-b\n--b--\r--b;"},
    {PART "name=a\r\n\r\n--b" END, MULTIPART_DONE, "a|-||--b;"},
    {PART "name=a\r\n\r\nx\r\n--b-x\r\n--b \rx\r\n--b\r\r\n--b\t-" END, MULTIPART_DONE, "a|-||x\r\n--b-x\r\n--b \rx\r\n--b\r\r\n--b\t-;"},
    {PART "name=a\r\n\r\n\r\r\n\r\n\r\n" END, MULTIPART_DONE, "a|-||\r\r\n\r\n\r\n;"},
    /* not complete, not right */
    {"", MULTIPART_MORE, ""},
    {PART "name=a\r\n\r\nhello", MULTIPART_MORE, "a|-||hello"},
    {PART "name=a\r\n\r\nhello\r\n--b", MULTIPART_MORE, "a|-||hello"},
    {PART "name=a\r\n", MULTIPART_MORE, ""},
    {"no delimiter at all", MULTIPART_MORE, ""},
    {"--b\r\n\r\nhello" END, MULTIPART_BAD, ""},
    {"--b\r\nContent-Type: a/b\r\n\r\nhello" END, MULTIPART_BAD, ""},
    {PART "filename=x\r\n\r\nhello" END, MULTIPART_BAD, ""},
    {PART "name=\"\"\r\n\r\nhello" END, MULTIPART_BAD, ""},
    {"--b\r\nContent-Disposition: attachment; name=a\r\n\r\nhello" END, MULTIPART_BAD, ""},
    {PART "name=a\r\nContent-Disposition: form-data; name=b\r\n\r\nhello" END, MULTIPART_BAD, ""},
    {PART "name=a\r\nnonsense\r\n\r\nhello" END, MULTIPART_BAD, ""},
    {PART "name=a\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=" END, MULTIPART_BAD, ""},
    {PART "name=a\r\nContent-Transfer-Encoding: binary\r\n\r\nhello" END, MULTIPART_DONE, "a|-||hello;"},
};

static void test_table(void **state)
{
    struct form f = {.stop_at = 0};
    (void)state;
    buf_init(&f.text, 65536);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct span body = span_of(samples[i].body);
        for (size_t cut = 0; cut <= body.n; cut++) {
            assert_int_equal(samples[i].status, feed("multipart/form-data; boundary=b", body, cut, cut ? body.n : 1, &f));
            assert_string_equal(samples[i].text, buf_cstr(&f.text));
        }
    }
    buf_free(&f.text);
}

static void test_boundaries(void **state)
{
    static const char *const good[] = {"multipart/form-data; boundary=b", "Multipart/Form-Data;boundary=\"b\"",
                                       "multipart/form-data; charset=utf-8; BOUNDARY=b", "multipart/form-data; boundary=b; x=\"y\"",
                                       "multipart/form-data ; boundary = b"};
    static const char *const bad[] = {"",
                                      "multipart/form-data",
                                      "multipart/form-data; boundary=",
                                      "multipart/form-data; boundary=\"\"",
                                      "multipart/mixed; boundary=b",
                                      "text/plain; boundary=b",
                                      "multipart/form-data; boundary=\"b \"",
                                      "multipart/form-data; xboundary=b",
                                      "multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789x"};
    struct form f = {.stop_at = 0};
    (void)state;
    buf_init(&f.text, 65536);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(MULTIPART_DONE, feed(good[i], span_of(samples[0].body), 0, 7, &f));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(multipart_new(span_of(bad[i]), &events, &f));
    struct multipart *longest =
        multipart_new(SPAN("multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789"), &events, &f);
    assert_non_null(longest);
    multipart_free(longest);
    buf_free(&f.text);
}

static void test_limits(void **state)
{
    struct form f = {.stop_at = 0};
    struct buf body;
    (void)state;
    buf_init(&f.text, 65536);
    buf_init(&body, 65536);
    for (int i = 0; i < 64; i++)
        buf_str(&body, PART "name=a\r\n\r\n\r\n");
    size_t before = body.n;
    buf_str(&body, "--b--");
    assert_int_equal(MULTIPART_DONE, feed("multipart/form-data; boundary=b", buf_view(&body), 0, 1000, &f));
    body.n = before;
    buf_str(&body, PART "name=a\r\n\r\n" END);
    assert_int_equal(MULTIPART_BAD, feed("multipart/form-data; boundary=b", buf_view(&body), 0, 1000, &f));
    buf_clear(&body);
    buf_str(&body, PART "name=a; filename=\"");
    for (int i = 0; i < 1200; i++)
        buf_str(&body, "\xC3\xA4");
    buf_str(&body, "\"\r\n\r\n" END);
    assert_int_equal(MULTIPART_DONE, feed("multipart/form-data; boundary=b", buf_view(&body), 0, 1, &f));
    assert_int_equal(strlen("a|||;") + 1054, f.text.n); /* 527 whole characters of 2 bytes */
    buf_clear(&body);
    buf_str(&body, PART "name=");
    for (int i = 0; i < 128; i++)
        buf_char(&body, 'x');
    buf_str(&body, "\r\n\r\n" END);
    assert_int_equal(MULTIPART_BAD, feed("multipart/form-data; boundary=b", buf_view(&body), 0, 1, &f));
    buf_clear(&body);
    buf_str(&body, PART "name=a\r\nX: ");
    for (int i = 0; i < 8192; i++)
        buf_char(&body, 'x');
    assert_int_equal(MULTIPART_BAD, feed("multipart/form-data; boundary=b", buf_view(&body), 0, 1000, &f));
    buf_free(&body);
    buf_free(&f.text);
}

static void test_stopping(void **state)
{
    struct form f = {.stop_at = 0};
    (void)state;
    buf_init(&f.text, 65536);
    for (int stop = 1; stop <= 6; stop++) {
        f.stop_at = stop;
        assert_int_equal(MULTIPART_STOPPED, feed("multipart/form-data; boundary=b", span_of(samples[6].body), 0, 1000, &f));
        assert_int_equal(0, f.stop_at); /* and nothing was called after that */
    }
    buf_free(&f.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_boundaries),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_stopping),
    };
    return cmocka_run_group_tests_name("http multipart", tests, NULL, NULL);
}
