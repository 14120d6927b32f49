/* The sink: what it cleans, what it bounds, and how it says no. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "extract/format.h"

/* What came through, the texts joined by "¶". */
struct listener {
    struct buf text;
    size_t blocks, longest;
    struct block last;
    bool deaf;
};

static bool hear(void *ctx, const struct block *b)
{
    struct listener *l = ctx;
    if (l->blocks++)
        buf_str(&l->text, "\xC2\xB6");
    buf_span(&l->text, b->text);
    l->longest = b->text.n > l->longest ? b->text.n : l->longest;
    l->last = *b;
    assert_true(utf8_valid(b->text));
    return !l->deaf;
}

static void begin(struct sink *s, struct listener *l, int64_t bytes_max)
{
    *l = (struct listener){0};
    buf_init(&l->text, 1 << 24);
    sink_init(s, hear, l, bytes_max);
}

static void end(struct sink *s, struct listener *l)
{
    sink_free(s);
    buf_free(&l->text);
}

static const struct {
    enum block_kind kind;
    struct span text;
    const char *expected; /* NULL: no block */
} cases[] = {
    {BLOCK_PARAGRAPH, SPAN("  a \t b\r\n c  "), "a b c"},
    {BLOCK_PARAGRAPH, SPAN(" \n\t "), NULL},
    {BLOCK_PARAGRAPH, SPAN(""), NULL},
    {BLOCK_PARAGRAPH, SPAN("\0\x01\x1B\x7F"), NULL},
    {BLOCK_PARAGRAPH, SPAN("a\0b\x1B[2Jc"), "ab[2Jc"},
    {BLOCK_PARAGRAPH, SPAN("\xFF"), "\xEF\xBF\xBD"},
    {BLOCK_PARAGRAPH, SPAN("a\xC3(\xED\xA0\x80"), "a\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {BLOCK_PARAGRAPH, SPAN("soft\xC2\xADhyphen"), "softhyphen"},
    {BLOCK_PARAGRAPH, SPAN("zero\xE2\x80\x8Bwidth\xEF\xBB\xBF"), "zerowidth"},
    {BLOCK_PARAGRAPH, SPAN("\xE2\x80\xAEoverride\xE2\x80\xAC"), "override"},
    {BLOCK_PARAGRAPH, SPAN("tag\xF3\xA0\x81\x81s"), "tags"},
    {BLOCK_PARAGRAPH, SPAN("a\xC2\xA0\xE3\x80\x80z"), "a z"},
    {BLOCK_PARAGRAPH, SPAN("a\xC2\x85z\xE2\x80\xA8y"), "a z y"},
    {BLOCK_PARAGRAPH, SPAN("e\xEF\xAC\x83 \xEF\xAC\x81"), "effi fi"},
    {BLOCK_PARAGRAPH,
     SPAN("a\xE2\x80\x8D"
          "b"),
     "ab"},
    {BLOCK_PARAGRAPH, SPAN("\xD9\x85\xE2\x80\x8C\xD9\x85"), "\xD9\x85\xE2\x80\x8C\xD9\x85"},
    {BLOCK_TABLE_ROW, SPAN("a \t b\nc\t\t"), "a\tb c\t\t"},
    {BLOCK_TABLE_ROW, SPAN("\t\t"), NULL},
    {BLOCK_CODE, SPAN("\n\n  if x:\r\n\ty  \n\n"), "  if x:\n    y"},
    {BLOCK_CODE, SPAN("a\rb"), "a\nb"},
    {BLOCK_CODE, SPAN("a\n\nb"), "a\n\nb"},
};

static void texts_are_cleaned(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sink s;
        struct listener l;
        begin(&s, &l, 1 << 20);
        assert_true(sink_put(&s, cases[i].kind, 0, 0, cases[i].text));
        if (!span_eq(buf_view(&l.text), span_of(cases[i].expected)))
            fail_msg("case %zu: %.*s", i, SPAN_ARG(buf_view(&l.text)));
        assert_int_equal(l.blocks, cases[i].expected != NULL);
        end(&s, &l);
    }
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    enum { LONG = 3 * SINK_TEXT_MAX };
    static const char *const units[] = {"word ", "\xC3\xA4", "a\t"};
    char *text = malloc(LONG);
    assert_non_null(text);
    for (size_t i = 0; i < 3; i++) {
        struct sink s;
        struct listener l;
        size_t unit = strlen(units[i]), used = LONG / unit * unit;
        for (size_t at = 0; at < used; at += unit)
            memcpy(text + at, units[i], unit);
        begin(&s, &l, LONG);
        assert_true(sink_put(&s, i == 2 ? BLOCK_TABLE_ROW : BLOCK_PARAGRAPH, 0, 0, (struct span){text, used}));
        assert_in_range(l.blocks, 3, 4);
        assert_in_range(l.longest, SINK_TEXT_MAX / 2, SINK_TEXT_MAX);
        end(&s, &l);
    }
    free(text);
}

static void output_has_a_bound(void **state)
{
    (void)state;
    struct sink s;
    struct listener l;
    begin(&s, &l, 10);
    assert_true(sink_put(&s, BLOCK_PARAGRAPH, 0, 0, SPAN("12345")));
    assert_true(sink_put(&s, BLOCK_PARAGRAPH, 0, 0, SPAN("67890")));
    assert_false(sink_put(&s, BLOCK_PARAGRAPH, 0, 0, SPAN("x")));
    assert_int_equal(s.error, EXTRACT_TOO_LARGE);
    assert_int_equal(l.blocks, 2);
    end(&s, &l);
}

static void blocks_have_a_bound(void **state)
{
    (void)state;
    struct sink s;
    struct listener l;
    begin(&s, &l, INT64_MAX);
    s.blocks = SINK_BLOCKS_MAX - 1;
    assert_true(sink_put(&s, BLOCK_PARAGRAPH, 0, 0, SPAN("the last one")));
    assert_false(sink_put(&s, BLOCK_PARAGRAPH, 0, 0, SPAN("one more")));
    assert_int_equal(s.error, EXTRACT_TOO_LARGE);
    end(&s, &l);
}

static void the_first_refusal_counts(void **state)
{
    (void)state;
    struct sink s;
    struct listener l;
    begin(&s, &l, 100);
    assert_false(sink_refuse(&s, EXTRACT_ENCRYPTED, "Locked."));
    assert_false(sink_no_memory(&s));
    assert_false(sink_put(&s, BLOCK_PARAGRAPH, 0, 0, SPAN("text")));
    assert_int_equal(s.error, EXTRACT_ENCRYPTED);
    assert_string_equal(s.message, "Locked.");
    assert_int_equal(l.blocks, 0);
    end(&s, &l);
}

static void a_lost_listener_stops_the_reader(void **state)
{
    (void)state;
    struct sink s;
    struct listener l;
    begin(&s, &l, 100);
    l.deaf = true;
    assert_false(sink_put(&s, BLOCK_PARAGRAPH, 0, 0, SPAN("text")));
    assert_int_equal(s.error, EXTRACT_INTERNAL);
    end(&s, &l);
}

static void levels_are_kept_in_bounds(void **state)
{
    (void)state;
    struct sink s;
    struct listener l;
    begin(&s, &l, 100);
    assert_true(sink_put(&s, BLOCK_LIST_ITEM, INT32_MAX, 3, SPAN("x")));
    assert_int_equal(l.last.level, SINK_LEVEL_MAX);
    assert_int_equal(l.last.page, 3);
    assert_true(sink_put(&s, BLOCK_LIST_ITEM, INT32_MIN, 0, SPAN("x")));
    assert_int_equal(l.last.level, 0);
    assert_int_equal(heading_level(INT64_MIN), 1);
    assert_int_equal(heading_level(4), 4);
    assert_int_equal(heading_level(INT64_MAX), 6);
    end(&s, &l);
}

static void notes_are_lines(void **state)
{
    (void)state;
    struct sink s;
    struct listener l;
    begin(&s, &l, 1000);
    assert_string_equal(s.notes, "");
    sink_note(&s, "One.");
    sink_note(&s, "Zw\xC3\xB6lf.");
    sink_note(&s, "One.");
    sink_note(&s, "");
    sink_note(&s, "two\nlines");
    sink_note(&s, "\xC3");
    assert_string_equal(s.notes, "One.\nZw\xC3\xB6lf.");
    end(&s, &l);
}

static void notes_have_a_bound(void **state)
{
    (void)state;
    struct sink s;
    struct listener l;
    char sentence[NOTES_SIZE];
    begin(&s, &l, 1000);
    memset(sentence, 'x', sizeof sentence);
    sentence[NOTES_SIZE - 1] = '\0';
    sink_note(&s, sentence);
    assert_string_equal(s.notes, "");
    sentence[NOTES_SIZE - 2] = '\0';
    sink_note(&s, sentence);
    sink_note(&s, "One.");
    assert_string_equal(s.notes, sentence);
    end(&s, &l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_cleaned),         cmocka_unit_test(long_texts_are_cut),       cmocka_unit_test(output_has_a_bound),
        cmocka_unit_test(blocks_have_a_bound),       cmocka_unit_test(the_first_refusal_counts), cmocka_unit_test(a_lost_listener_stops_the_reader),
        cmocka_unit_test(levels_are_kept_in_bounds), cmocka_unit_test(notes_are_lines),          cmocka_unit_test(notes_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
