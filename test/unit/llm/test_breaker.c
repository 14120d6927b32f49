/* The circuit breaker: closed, open, half open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "llm/breaker.h"

static struct breaker opened_at(int64_t now)
{
    struct breaker b = {0};
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        assert_true(breaker_admits(&b, now));
        breaker_failed(&b, now);
    }
    return b;
}

static void opens_after_failures_in_a_row(void **state)
{
    (void)state;
    struct breaker b = opened_at(1000);
    assert_false(breaker_admits(&b, 1000));
    assert_false(breaker_admits(&b, 1000 + BREAKER_OPEN_MS - 1));
    assert_true(breaker_admits(&b, 1000 + BREAKER_OPEN_MS));
}

static void a_success_starts_the_count_anew(void **state)
{
    (void)state;
    struct breaker b = {0};
    for (int i = 0; i < 3 * BREAKER_FAILURES; i++) {
        assert_true(breaker_admits(&b, 0));
        if (i % 2)
            breaker_succeeded(&b);
        else
            breaker_failed(&b, 0);
    }
}

static void one_call_finds_out(void **state)
{
    (void)state;
    struct breaker b = opened_at(0);
    assert_true(breaker_admits(&b, BREAKER_OPEN_MS));
    assert_false(breaker_admits(&b, BREAKER_OPEN_MS + 1));
    breaker_failed(&b, BREAKER_OPEN_MS + 2);
    assert_false(breaker_admits(&b, 2 * BREAKER_OPEN_MS + 1));
    assert_true(breaker_admits(&b, 2 * BREAKER_OPEN_MS + 2));
    breaker_shows_life(&b);
    assert_true(breaker_admits(&b, 2 * BREAKER_OPEN_MS + 2));
}

static void a_call_given_up_decides_nothing(void **state)
{
    (void)state;
    struct breaker b = opened_at(0);
    assert_true(breaker_admits(&b, BREAKER_OPEN_MS));
    breaker_learned_nothing(&b);
    assert_true(breaker_admits(&b, BREAKER_OPEN_MS));
    assert_false(breaker_admits(&b, BREAKER_OPEN_MS));
}

static void late_failures_do_not_lengthen_the_pause(void **state)
{
    (void)state;
    struct breaker b = opened_at(0);
    breaker_failed(&b, BREAKER_OPEN_MS - 1);
    assert_true(breaker_admits(&b, BREAKER_OPEN_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_after_failures_in_a_row),   cmocka_unit_test(a_success_starts_the_count_anew),         cmocka_unit_test(one_call_finds_out),
        cmocka_unit_test(a_call_given_up_decides_nothing), cmocka_unit_test(late_failures_do_not_lengthen_the_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
