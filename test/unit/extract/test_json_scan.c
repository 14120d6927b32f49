/* The JSON scanner: verdicts, places of errors, every cut, and the walk over what was accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "extract/json_scan.h"

static const struct {
    const char *text;
    enum json_verdict verdict;
    size_t at; /* of what is wrong; not looked at otherwise */
} cases[] = {
    {"{}", JSON_WHOLE, 0},
    {" [ ] \r\n\t", JSON_WHOLE, 0},
    {"\"x\"", JSON_WHOLE, 0},
    {"-0.5e+3", JSON_WHOLE, 0},
    {"null ", JSON_WHOLE, 0},
    {"[1,\"\\u00e4\\n\\/\",true,false,null,{\"a\":[]}]", JSON_WHOLE, 0},
    {"{\"a\":1}\n{\"a\":2}", JSON_LINES, 0},
    {"[1]\n\n[2]\n", JSON_LINES, 0},
    {"", JSON_CUT, 0},
    {"[1,", JSON_CUT, 0},
    {"{\"a\"", JSON_CUT, 0},
    {"tru", JSON_CUT, 0},
    {"{\"a\":1}\n{\"a\":", JSON_CUT, 0},
    {"{\"a\":1} {\"a\":2}", JSON_BAD, 8},
    {"1\n2", JSON_BAD, 2},
    {"[1]\n2", JSON_BAD, 4},
    {"[01]", JSON_BAD, 2},
    {"[1.]", JSON_BAD, 3},
    {"[+1]", JSON_BAD, 1},
    {"[.5]", JSON_BAD, 1},
    {"[-]", JSON_BAD, 2},
    {"[1e]", JSON_BAD, 3},
    {"[1,]", JSON_BAD, 3},
    {"[,1]", JSON_BAD, 1},
    {"[1 2]", JSON_BAD, 3},
    {"{1:2}", JSON_BAD, 1},
    {"{\"a\" 1}", JSON_BAD, 5},
    {"{\"a\":1,}", JSON_BAD, 7},
    {"['a']", JSON_BAD, 1},
    {"[\"\\x\"]", JSON_BAD, 3},
    {"[\"\\u12g4\"]", JSON_BAD, 6},
    {"[\"a\nb\"]", JSON_BAD, 3},
    {"[nul]", JSON_BAD, 4},
    {"[NaN]", JSON_BAD, 1},
    {"}", JSON_BAD, 0},
    {"[1]]", JSON_BAD, 3},
    {"\f[]", JSON_BAD, 0},
};

static void verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t at = 0;
        enum json_verdict v = json_scan(span_of(cases[i].text), &at);
        if (v != cases[i].verdict || (v == JSON_BAD && at != cases[i].at))
            fail_msg("%s: verdict %d at %zu", cases[i].text, (int)v, at);
        assert_int_equal(json_scan(span_of(cases[i].text), NULL), cases[i].verdict);
    }
}

/* In a block of exactly its size, so that the sanitizer sees a read past the end. */
static void every_cut_of_a_sound_document_is_a_cut(void **state)
{
    (void)state;
    struct span whole = SPAN("{\"a\": [1, -2.5e3, \"\\u20ac \\\"x\\\"\", true, null], \"b\": {\"c\": false}}");
    assert_int_equal(json_scan(whole, NULL), JSON_WHOLE);
    for (size_t n = 0; n < whole.n; n++) {
        char *exact = malloc(n ? n : 1);
        assert_non_null(exact);
        memcpy(exact, whole.p, n);
        assert_int_equal(json_scan((struct span){exact, n}, NULL), JSON_CUT);
        free(exact);
    }
}

static enum json_verdict nested(size_t depth)
{
    struct buf b;
    buf_init(&b, 1 << 22);
    for (size_t i = 0; i < depth; i++)
        buf_char(&b, '[');
    for (size_t i = 0; i < depth; i++)
        buf_char(&b, ']');
    enum json_verdict v = json_scan(buf_view(&b), NULL);
    buf_free(&b);
    return v;
}

static void depth_has_a_bound(void **state)
{
    (void)state;
    assert_int_equal(nested(JSON_SCAN_DEPTH), JSON_WHOLE);
    assert_int_equal(nested(JSON_SCAN_DEPTH + 1), JSON_DEEP);
    assert_int_equal(nested(1000000), JSON_DEEP);
}

static void take_walks_members(void **state)
{
    (void)state;
    static const char *const expected[] = {"\"a\"", "1", "\"b\"", "[2, {\"c\": 3}]", "\"d\"", "\"\""};
    struct span rest = json_inside(SPAN("{\"a\" : 1,\n \"b\":[2, {\"c\": 3}], \"d\": \"\"}"));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(span_eq(json_take(&rest), span_of(expected[i])));
    assert_int_equal(json_take(&rest).n, 0);
    assert_int_equal(json_inside(SPAN("[]")).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),
        cmocka_unit_test(every_cut_of_a_sound_document_is_a_cut),
        cmocka_unit_test(depth_has_a_bound),
        cmocka_unit_test(take_walks_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
