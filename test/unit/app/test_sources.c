/* Sources of an answer: what stands around a passage decides beside its own score. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/sources.h"

enum { PASSAGES_MAX = 8, ARENA_BYTES = 1 << 20 };

/* Passages as a search found them: best first. */
struct found {
    struct passage list[PASSAGES_MAX];
    struct passage_match matches[PASSAGES_MAX];
    struct passages passages;
};

static void add(struct found *f, double fused, int64_t document, int32_t ordinal, int32_t page, const char *heading)
{
    size_t i = f->passages.count++;
    f->list[i] = (struct passage){
        .document_id = document, .score = fused, .chunk = {.ordinal = ordinal, .page = page, .heading = span_of(heading), .text = SPAN("text")}};
    f->matches[i] = (struct passage_match){.fused = fused};
    f->passages.list = f->list;
    f->passages.matches = f->matches;
}

/* Arranges and compares "document/ordinal" of what is left; the scores stand where they stood. */
static void expect(struct found *f, size_t wanted, const char *places)
{
    char got[128] = "";
    struct arena *arena = arena_new(ARENA_BYTES);
    assert_true(sources_arrange(&f->passages, wanted, arena));
    for (size_t i = 0; i < f->passages.count; i++) {
        assert_true(f->passages.list[i].score == f->list[i].score && f->passages.matches[i].fused == f->matches[i].fused);
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%d/%d", i ? " " : "", (int)f->passages.list[i].document_id,
                 (int)f->passages.list[i].chunk.ordinal);
    }
    assert_string_equal(got, places);
    arena_free(arena);
}

static void test_where_the_matter_begins(void **state)
{
    (void)state;
    struct found f = {0};
    add(&f, 0.60, 1, 5, 3, "Leave");
    add(&f, 0.58, 1, 4, 2, "Leave");
    add(&f, 0.30, 2, 0, 1, "Cars");
    expect(&f, 3, "1/4 1/5 2/0");
}

static void test_a_clearly_better_passage_stays_first(void **state)
{
    (void)state;
    struct found f = {0};
    add(&f, 0.80, 1, 5, 3, "Leave");
    add(&f, 0.40, 1, 4, 2, "Leave");
    expect(&f, 2, "1/5 1/4");
}

static void test_other_pages_come_before_a_second_passage_of_one(void **state)
{
    (void)state;
    struct found f = {0};
    add(&f, 0.60, 1, 7, 3, "A");
    add(&f, 0.56, 1, 2, 3, "B");
    add(&f, 0.54, 2, 0, 3, "C");
    expect(&f, 2, "1/7 2/0");
}

static void test_without_pages_passages_stand_for_themselves(void **state)
{
    (void)state;
    struct found f = {0};
    add(&f, 0.60, 1, 7, 0, "A");
    add(&f, 0.56, 1, 2, 0, "B");
    add(&f, 0.54, 2, 0, 0, "C");
    expect(&f, 5, "1/7 1/2 2/0");
}

static void test_nothing_found(void **state)
{
    (void)state;
    struct found f = {0};
    expect(&f, 5, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_the_matter_begins),
        cmocka_unit_test(test_a_clearly_better_passage_stays_first),
        cmocka_unit_test(test_other_pages_come_before_a_second_passage_of_one),
        cmocka_unit_test(test_without_pages_passages_stand_for_themselves),
        cmocka_unit_test(test_nothing_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
