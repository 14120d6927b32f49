/* Lists of pages: how they read, and where they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extract/page_list.h"

static bool refuse_block(void *ctx, const struct block *b)
{
    (void)ctx;
    (void)b;
    return false;
}

/* The note about the pages before the 0. */
static void expect(const int32_t *pages, const char *note)
{
    struct page_list l = {0};
    struct sink s;
    sink_init(&s, refuse_block, NULL, 0);
    for (; *pages; pages++)
        page_list_add(&l, *pages);
    page_list_note(&l, "is blue", "are blue", &s);
    assert_string_equal(s.notes, note);
    sink_free(&s);
}

static void pages_in_a_row_are_one_range(void **state)
{
    (void)state;
    expect((int32_t[]){0}, "");
    expect((int32_t[]){3, 0}, "Page 3 is blue.");
    expect((int32_t[]){3, 4, 0}, "Pages 3-4 are blue.");
    expect((int32_t[]){1, 3, 0}, "Pages 1 and 3 are blue.");
    expect((int32_t[]){1, 3, 4, 5, 6, 9, 0}, "Pages 1, 3-6 and 9 are blue.");
}

static void long_lists_are_cut(void **state)
{
    (void)state;
    struct page_list l = {0};
    struct sink s;
    sink_init(&s, refuse_block, NULL, 0);
    for (int32_t page = SINK_PAGES_MAX - 199; page < SINK_PAGES_MAX; page += 2)
        page_list_add(&l, page);
    page_list_add(&l, SINK_PAGES_MAX);
    assert_int_equal(page_list_size(&l), 101);
    page_list_note(&l, "", "are blue", &s);
    assert_non_null(strstr(s.notes, "Pages 19801, 19803, "));
    assert_non_null(strstr(s.notes, " 19839 and 81 more are blue."));
    sink_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_in_a_row_are_one_range),
        cmocka_unit_test(long_lists_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
