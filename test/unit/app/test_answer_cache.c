/* Kept answers and reserved tokens: bounds, order, and that nothing is found that should not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/answer_cache.h"
#include "app/budget.h"

struct key {
    unsigned char bytes[ANSWER_KEY_SIZE];
};

static struct key key_of(int number)
{
    struct key k = {{0}};
    memcpy(k.bytes, &number, sizeof number);
    return k;
}

static bool holds(struct answer_cache *c, int number, const char *answer)
{
    struct arena *arena = arena_new(1 << 20);
    struct span found = answer_cache_get(c, key_of(number).bytes, arena);
    bool same = found.p && span_eq(found, span_of(answer));
    assert_true(same || !found.p);
    arena_free(arena);
    return same;
}

static void the_oldest_goes_first(void **state)
{
    (void)state;
    struct answer_cache *c = answer_cache_new(1000); /* five of these */
    assert_non_null(c);
    for (int i = 0; i < 3; i++)
        answer_cache_put(c, key_of(i).bytes, SPAN("an answer"));
    assert_true(holds(c, 0, "an answer") && holds(c, 1, "an answer") && holds(c, 2, "an answer"));
    assert_true(holds(c, 0, "an answer")); /* used last, so that 1 is the oldest */
    for (int i = 3; i < 6; i++)
        answer_cache_put(c, key_of(i).bytes, SPAN("an answer"));
    assert_false(holds(c, 1, "an answer"));
    for (int i = 2; i < 6; i++)
        assert_true(holds(c, i, "an answer"));
    assert_true(holds(c, 0, "an answer"));
    assert_false(holds(c, 7, "an answer"));
    answer_cache_free(c);
}

static void one_key_has_one_answer(void **state)
{
    (void)state;
    struct answer_cache *c = answer_cache_new(4000);
    for (int i = 0; i < 100; i++)
        answer_cache_put(c, key_of(1).bytes, i % 2 ? SPAN("odd") : SPAN("even"));
    answer_cache_put(c, key_of(2).bytes, SPAN("two"));
    assert_true(holds(c, 1, "odd") && holds(c, 2, "two"));
    char large[5000] = {0};
    answer_cache_put(c, key_of(3).bytes, (struct span){large, sizeof large});
    assert_true(holds(c, 1, "odd") && holds(c, 2, "two") && !holds(c, 3, large));
    answer_cache_free(c);
}

static void reserved_tokens_add_up(void **state)
{
    (void)state;
    struct budget *b = budget_new(3);
    int64_t reserved;
    assert_non_null(b);
    assert_true(budget_reserve(b, 7, 100, &reserved) && reserved == 100);
    assert_true(budget_reserve(b, 7, 50, &reserved) && reserved == 150);
    assert_true(budget_reserve(b, 8, 10, &reserved) && reserved == 10);
    assert_false(budget_reserve(b, 9, 1, &reserved)); /* three at most */
    budget_release(b, 7, 100);
    assert_true(budget_reserve(b, 7, 1, &reserved) && reserved == 51);
    budget_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_oldest_goes_first), cmocka_unit_test(one_key_has_one_answer),
                                       cmocka_unit_test(reserved_tokens_add_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
