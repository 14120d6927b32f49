/* Spans, UTF-8, buffers, and JSON behind its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void spans_are_compared_and_cut(void **state)
{
    (void)state;
    struct span head, tail;
    assert_int_equal(span_of(NULL).n, 0);
    assert_true(span_eq(SPAN("ab"), span_of("ab")));
    assert_false(span_eq(SPAN("ab"), SPAN("aB")));
    assert_true(span_eq_nocase(SPAN("ab-1"), SPAN("AB-1")));
    assert_true(span_starts(SPAN("abc"), SPAN("ab")));
    assert_false(span_starts(SPAN("a"), SPAN("ab")));
    assert_true(span_ends_nocase(SPAN("x.PDF"), SPAN(".pdf")));
    assert_false(span_ends_nocase(SPAN("pdf"), SPAN(".pdf")));
    assert_int_equal(span_find(SPAN("abcabc"), SPAN("ca")), 2);
    assert_int_equal(span_find(SPAN("abc"), SPAN("x")), -1);
    assert_true(span_cut(SPAN("a=b=c"), '=', &head, &tail));
    assert_true(span_eq(head, SPAN("a")) && span_eq(tail, SPAN("b=c")));
    assert_false(span_cut(SPAN("abc"), '=', &head, &tail));
    assert_true(span_eq(head, SPAN("abc")) && tail.n == 0);
    assert_true(span_eq(span_trim(SPAN(" \t a b\r\n")), SPAN("a b")));
    assert_int_equal(span_trim(SPAN(" \n ")).n, 0);
    assert_int_equal(span_skip(SPAN("abc"), 5).n, 0);
}

struct int_case {
    const char *text;
    int64_t min, max, value;
    bool ok;
};

static void integers_have_a_range(void **state)
{
    (void)state;
    static const struct int_case cases[] = {
        {"0", 0, 10, 0, true},
        {"10", 0, 10, 10, true},
        {"11", 0, 10, 0, false},
        {"-1", -5, 5, -1, true},
        {"-1", 0, 5, 0, false},
        {"-", -5, 5, 0, false},
        {"", 0, 5, 0, false},
        {"1x", 0, 50, 0, false},
        {" 1", 0, 50, 0, false},
        {"+1", 0, 50, 0, false},
        {"9223372036854775807", 0, INT64_MAX, INT64_MAX, true},
        {"9223372036854775808", 0, INT64_MAX, 0, false},
        {"99999999999999999999", 0, INT64_MAX, 0, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = 77;
        assert_int_equal(span_to_int(span_of(cases[i].text), cases[i].min, cases[i].max, &value), cases[i].ok);
        assert_true(value == (cases[i].ok ? cases[i].value : 77));
    }
}

static void copies_fit_or_are_refused(void **state)
{
    (void)state;
    char out[4] = "zzz";
    assert_true(span_to_cstr(SPAN("abc"), out, sizeof out));
    assert_string_equal(out, "abc");
    assert_false(span_to_cstr(SPAN("abcd"), out, sizeof out));
    assert_string_equal(out, "");
    assert_false(span_to_cstr((struct span){"a\0b", 3}, out, sizeof out));
    assert_false(span_to_cstr(SPAN(""), out, 0));
}

struct utf8_case {
    const char *bytes;
    uint32_t code_point; /* UTF8_INVALID for ill-formed ones */
    size_t used;
};

/* Edges of each row of Unicode's table 3-7, and what lies just outside. */
static const struct utf8_case code_points[] = {
    {"\x01", 0x01, 1},
    {"\x7F", 0x7F, 1},
    {"\xC2\x80", 0x80, 2},
    {"\xDF\xBF", 0x7FF, 2},
    {"\xE0\xA0\x80", 0x800, 3},
    {"\xE1\x80\x80", 0x1000, 3},
    {"\xEC\xBF\xBF", 0xCFFF, 3},
    {"\xED\x9F\xBF", 0xD7FF, 3},
    {"\xEE\x80\x80", 0xE000, 3},
    {"\xEF\xBF\xBF", 0xFFFF, 3},
    {"\xF0\x90\x80\x80", 0x10000, 4},
    {"\xF1\x80\x80\x80", 0x40000, 4},
    {"\xF3\xBF\xBF\xBF", 0xFFFFF, 4},
    {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4},
    {"\x80", UTF8_INVALID, 1},             /* a lone continuation */
    {"\xC0\x80", UTF8_INVALID, 1},         /* overlong NUL */
    {"\xC1\xBF", UTF8_INVALID, 1},         /* overlong */
    {"\xE0\x9F\xBF", UTF8_INVALID, 1},     /* overlong */
    {"\xF0\x8F\xBF\xBF", UTF8_INVALID, 1}, /* overlong */
    {"\xED\xA0\x80", UTF8_INVALID, 1},     /* a surrogate */
    {"\xF4\x90\x80\x80", UTF8_INVALID, 1}, /* above the last */
    {"\xF5\x80\x80\x80", UTF8_INVALID, 1},
    {"\xFF", UTF8_INVALID, 1},
    {"\xC3", UTF8_INVALID, 1}, /* cut short */
    {"\xC3x", UTF8_INVALID, 1},
    {"\xE2\x82", UTF8_INVALID, 2},
    {"\xE2\x82x", UTF8_INVALID, 2},
    {"\xF0\x9F\x98", UTF8_INVALID, 3},
    {"\xF0\x9F\x98x", UTF8_INVALID, 3},
};

static void utf8_follows_its_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(code_points); i++) {
        const struct utf8_case *c = &code_points[i];
        uint32_t got;
        char back[4];
        assert_int_equal(utf8_next(span_of(c->bytes), &got), c->used);
        assert_int_equal(got, c->code_point);
        assert_int_equal(utf8_valid(span_of(c->bytes)), c->code_point != UTF8_INVALID);
        if (c->code_point == UTF8_INVALID)
            continue;
        assert_int_equal(utf8_put(back, c->code_point), c->used);
        assert_memory_equal(back, c->bytes, c->used);
    }
    char out[4];
    assert_int_equal(utf8_put(out, 0xD800), 3);
    assert_memory_equal(out, "\xEF\xBF\xBD", 3);
    assert_int_equal(utf8_put(out, 0x110000), 3);
    assert_memory_equal(out, "\xEF\xBF\xBD", 3);
}

static void utf8_is_measured_and_clipped(void **state)
{
    (void)state;
    struct span text = SPAN("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z"); /* a é € 😀 z */
    assert_int_equal(utf8_length(text), 5);
    static const size_t offsets[] = {0, 1, 3, 6, 10, 11, 11};
    for (size_t i = 0; i < COUNT(offsets); i++)
        assert_int_equal(utf8_offset(text, i), offsets[i]);
    static const size_t clipped[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t i = 0; i < COUNT(clipped); i++)
        assert_int_equal(utf8_clip(text, i).n, clipped[i]);
    assert_int_equal(utf8_length(SPAN("\xFF\xFF")), 2);
}

static void buffers_grow_to_their_bound(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(buf_view(&b).n, 0);
    for (int i = 0; i < 500; i++)
        buf_printf(&b, "%d", i % 10);
    buf_str(&b, "ab");
    buf_char(&b, 'c');
    assert_false(b.failed);
    assert_int_equal(b.n, 503);
    buf_consume(&b, 500);
    assert_string_equal(buf_cstr(&b), "abc");
    buf_consume(&b, 900);
    assert_int_equal(b.n, 0);
    static const char zeros[1000];
    buf_put(&b, zeros, 1000);
    assert_false(b.failed);
    assert_null(buf_cstr(&b)); /* no room for the NUL */
    assert_true(b.failed);
    buf_char(&b, 'x');
    assert_int_equal(b.n, 1000);
    buf_clear(&b);
    assert_false(b.failed);
    buf_put(&b, zeros, 600);
    buf_put(&b, zeros, 401);
    assert_true(b.failed); /* wholly or not at all */
    assert_int_equal(b.n, 600);
    buf_free(&b);
}

static void long_formats_are_whole(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4000);
    buf_printf(&b, "%0300d.", 7);
    buf_printf(&b, "%s", "");
    assert_int_equal(b.n, 301);
    assert_int_equal(b.p[300], '.');
    assert_int_equal(b.p[299], '7');
    buf_free(&b);
}

struct json_case {
    struct span text;
    const char *escaped;
};

static void strings_are_escaped(void **state)
{
    (void)state;
    static const struct json_case cases[] = {
        {SPAN(""), "\"\""},
        {SPAN("a\"b\\c/"), "\"a\\\"b\\\\c/\""},
        {SPAN("\b\t\n\v\f\r\x01\x1f\x7f"), "\"\\b\\t\\n\\u000b\\f\\r\\u0001\\u001f\\u007f\""},
        {{"a\0b", 3}, "\"a\\u0000b\""},
        {SPAN("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\""},
        {SPAN("x\xFFy\xE2\x82"), "\"x\xEF\xBF\xBDy\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf b;
        buf_init(&b, 1000);
        buf_json(&b, cases[i].text);
        assert_string_equal(buf_cstr(&b), cases[i].escaped);
        buf_free(&b);
    }
}

/* Runs of plain bytes are taken whole: each other byte is seen wherever it stands among them. */
static void every_byte_is_escaped_wherever_it_stands(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        struct buf alone, among;
        char text[24];
        char one = (char)byte;
        buf_init(&alone, 100);
        buf_json(&alone, (struct span){&one, 1});
        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, 'a', sizeof text);
            text[at] = one;
            buf_init(&among, 200);
            buf_json(&among, (struct span){text, sizeof text});
            assert_int_equal(among.n, sizeof text + 1 + alone.n - 2);
            assert_memory_equal(among.p + 1 + at, alone.p + 1, alone.n - 2);
            for (size_t i = 0; i < at; i++)
                assert_int_equal(among.p[1 + i], 'a');
            buf_free(&among);
        }
        buf_free(&alone);
    }
}

static json_t *nested(int depth, char *why, size_t why_size)
{
    struct buf b;
    buf_init(&b, 4096);
    for (int i = 0; i < depth; i++)
        buf_char(&b, '[');
    buf_str(&b, "\"[[[[\\\"[[[[\"");
    for (int i = 0; i < depth; i++)
        buf_char(&b, ']');
    json_t *value = json_read(buf_view(&b), why, why_size);
    buf_free(&b);
    return value;
}

static void json_depth_is_bounded(void **state)
{
    (void)state;
    char why[200] = "";
    json_t *value = nested(JSON_DEPTH_MAX, why, sizeof why);
    assert_non_null(value);
    json_decref(value);
    assert_null(nested(JSON_DEPTH_MAX + 1, why, sizeof why));
    assert_non_null(strstr(why, "nested deeper"));
    static const struct span bad[] = {SPAN(""), SPAN("{"), SPAN("{\"a\":1} x"), SPAN("\"\xFF\""), SPAN("[1,]"), SPAN("{a:1}")};
    for (size_t i = 0; i < COUNT(bad); i++) {
        why[0] = '\0';
        assert_null(json_read(bad[i], why, sizeof why));
        assert_non_null(strstr(why, "not valid JSON"));
    }
}

static void json_goes_in_and_out(void **state)
{
    (void)state;
    char why[200];
    struct span text = SPAN("{\"b\":[1,true,null],\"a\":\"\xC3\xA9\\n\"}");
    json_t *value = json_read(text, why, sizeof why);
    assert_non_null(value);
    struct buf b;
    buf_init(&b, 1000);
    json_write(&b, value);
    assert_true(span_eq(buf_view(&b), text));
    assert_true(span_eq(json_text(json_object_get(value, "a")), SPAN("\xC3\xA9\n")));
    assert_null(json_text(json_object_get(value, "b")).p);
    assert_null(json_text(NULL).p);
    json_decref(value);
    buf_free(&b);
    buf_init(&b, 3);
    json_write(&b, NULL);
    assert_true(b.failed);
    buf_free(&b);
    value = json_from(SPAN("a\xFFz"));
    assert_true(span_eq(json_text(value), SPAN("a\xEF\xBF\xBDz")));
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_compared_and_cut),
        cmocka_unit_test(integers_have_a_range),
        cmocka_unit_test(copies_fit_or_are_refused),
        cmocka_unit_test(utf8_follows_its_table),
        cmocka_unit_test(utf8_is_measured_and_clipped),
        cmocka_unit_test(buffers_grow_to_their_bound),
        cmocka_unit_test(long_formats_are_whole),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(json_depth_is_bounded),
        cmocka_unit_test(json_goes_in_and_out),
        cmocka_unit_test(every_byte_is_escaped_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
