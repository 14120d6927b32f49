/* Tables of documents: which first row becomes a header, and what a row is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extract/table.h"

/* Rows are separated by '/', cells by '|'. Behind a '#' stands a header row, behind a '~' one with text that is not emphasised. */
static const struct {
    const char *table, *expected; /* H header, R row, P paragraph */
} cases[] = {
    {"Name|Age|Town/Ada|36|Bonn", "H Name|Age|Town/R Ada|36|Bonn"},
    {"~Name|Age|Town/~Ada|36|Bonn", "H Name|Age|Town/R Ada|36|Bonn"},
    {"Name|Age/Ada|36", "H Name|Age/R Ada|36"},
    {"~Name|Ada/~Born|1815", "R Name|Ada/R Born|1815"},
    {"#1|2/3|4", "H 1|2/R 3|4"},
    {"1|2|3/4|5|6", "R 1|2|3/R 4|5|6"},
    {"A||C/1|2|3", "R A||C/R 1|2|3"},
    {"Name|Age|Town", "R Name|Age|Town"},
    {"#Name|Age", "R Name|Age"},
    {"One cell", "P One cell"},
    {"#Over all/a|b|c", "P Over all/R a|b|c"},
    {"a b\tc|d\ne|f/1|2|3", "H a b c|d e|f/R 1|2|3"},
    {"", ""},
};

static bool collect(void *ctx, const struct block *b)
{
    struct buf *out = ctx;
    if (out->n)
        buf_char(out, '/');
    buf_str(out, b->kind == BLOCK_TABLE_HEADER ? "H " : b->kind == BLOCK_TABLE_ROW ? "R " : "P ");
    for (size_t i = 0; i < b->text.n; i++)
        buf_char(out, b->text.p[i] == '\t' ? '|' : b->text.p[i]);
    return true;
}

static void put_table(const char *text, struct sink *out)
{
    struct table t;
    struct span rest = span_of(text), row, cell;
    table_init(&t);
    table_begin(&t, 0);
    while (rest.n) {
        span_cut(rest, '/', &row, &rest);
        if (span_starts(row, SPAN("#")))
            table_mark_header(&t);
        if (span_starts(row, SPAN("~")))
            table_mark_plain(&t);
        row = span_skip(row, span_starts(row, SPAN("#")) || span_starts(row, SPAN("~")));
        for (bool more = true; more;) {
            more = span_cut(row, '|', &cell, &row);
            table_cell(&t, cell);
        }
        assert_true(table_row(&t, out));
    }
    assert_true(table_row(&t, out)); /* a row without cells is none */
    assert_true(table_end(&t, out));
    table_free(&t);
}

static void first_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf got;
        struct sink sink;
        buf_init(&got, 1 << 16);
        sink_init(&sink, collect, &got, 1 << 20);
        put_table(cases[i].table, &sink);
        assert_string_equal(buf_cstr(&got), cases[i].expected);
        sink_free(&sink);
        buf_free(&got);
    }
}

static bool count_cells(void *ctx, const struct block *b)
{
    size_t *cells = ctx;
    *cells = 1;
    for (size_t i = 0; i < b->text.n; i++)
        *cells += b->text.p[i] == '\t';
    return true;
}

static void columns_have_a_bound(void **state)
{
    (void)state;
    struct table t;
    struct sink sink;
    size_t cells = 0;
    sink_init(&sink, count_cells, &cells, 1 << 20);
    table_init(&t);
    table_begin(&t, 0);
    for (size_t i = 0; i < SINK_CELLS_MAX + 5; i++)
        table_cell(&t, SPAN("x"));
    assert_true(table_row(&t, &sink));
    assert_true(table_end(&t, &sink));
    assert_int_equal(cells, SINK_CELLS_MAX);
    table_free(&t);
    sink_free(&sink);
}

static void cells_reach_over_others(void **state)
{
    (void)state;
    struct buf got;
    struct sink sink;
    struct table t;
    buf_init(&got, 1 << 16);
    sink_init(&sink, collect, &got, 1 << 20);
    table_init(&t);
    table_begin(&t, 0);
    table_cell_over(&t, SPAN("day"), 1, 2);
    table_cell_over(&t, SPAN("hours"), 2, 1);
    assert_true(table_row(&t, &sink));
    table_cell(&t, SPAN("from"));
    table_cell(&t, SPAN("to"));
    assert_true(table_row(&t, &sink));
    table_cell(&t, SPAN("1"));
    table_cell_over(&t, SPAN("8"), 1, 3);
    table_cell_over(&t, SPAN("18"), 1, 64);
    assert_true(table_row(&t, &sink));
    table_cell(&t, SPAN("2"));
    assert_true(table_row(&t, &sink));
    table_cell(&t, SPAN("3"));
    table_cell(&t, SPAN("more"));
    assert_true(table_row(&t, &sink));
    assert_true(table_end(&t, &sink));
    assert_string_equal(buf_cstr(&got), "R day|hours|/R day|from|to/R 1|8|18/R 2|8|18/R 3|8|18|more");
    got.n = 0;
    table_begin(&t, 0); /* nothing reaches into the next table */
    table_cell(&t, SPAN("1"));
    table_cell(&t, SPAN("2"));
    assert_true(table_row(&t, &sink));
    assert_true(table_end(&t, &sink));
    assert_string_equal(buf_cstr(&got), "R 1|2");
    table_free(&t);
    sink_free(&sink);
    buf_free(&got);
}

static void names_of_columns(void **state)
{
    (void)state;
    assert_true(table_cell_is_name(SPAN("Name")));
    assert_true(table_cell_is_name(SPAN(" Q1 ")));
    assert_true(table_cell_is_name(SPAN("\xE5\x90\x8D\xE5\x89\x8D")));
    assert_false(table_cell_is_name(SPAN("")));
    assert_false(table_cell_is_name(SPAN("2024")));
    assert_false(table_cell_is_name(SPAN("12.5 kg")));
    assert_false(table_cell_is_name(SPAN("-")));
    assert_true(table_cell_is_name(SPAN("eighty bytes ...............................................................aaaa")));
    assert_false(table_cell_is_name(SPAN("eighty-one bytes ................................................................")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(first_rows), cmocka_unit_test(columns_have_a_bound), cmocka_unit_test(cells_reach_over_others),
                                       cmocka_unit_test(names_of_columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
