/* The login limiter, with a clock that is an argument. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/login_limiter.h"

static const struct span address = {"jane@example.com", 16}, peer = {"192.0.2.1", 9};

static int set_up(void **state)
{
    *state = sodium_init() < 0 ? NULL : login_limiter_new();
    return *state == NULL;
}

static int tear_down(void **state)
{
    login_limiter_free(*state);
    return 0;
}

static void use_up(struct login_limiter *l, int64_t from_ms, int64_t step_ms)
{
    int retry = 0;
    for (int i = 0; i < LOGIN_ATTEMPTS_MAX; i++)
        assert_true(login_limiter_take(l, address, peer, from_ms + i * step_ms, &retry));
}

static void test_eleventh_is_refused(void **state)
{
    int retry = 0;
    use_up(*state, 1000, 1000);
    assert_false(login_limiter_take(*state, address, peer, 11000, &retry));
    assert_int_equal(retry, 290);
}

/* The window slides: as each attempt grows old, one more is free, never all ten at once. */
static void test_window_slides(void **state)
{
    int retry = 0;
    use_up(*state, 1000, 1000);
    assert_false(login_limiter_take(*state, address, peer, 300999, &retry));
    assert_int_equal(retry, 1);
    assert_true(login_limiter_take(*state, address, peer, 301000, &retry));
    assert_false(login_limiter_take(*state, address, peer, 301001, &retry));
    assert_true(login_limiter_take(*state, address, peer, 302000, &retry));
    assert_false(login_limiter_take(*state, address, peer, 302001, &retry));
}

/* A refused attempt does not prolong the wait: no lasting lock. */
static void test_refusals_do_not_count(void **state)
{
    int retry = 0;
    use_up(*state, 0, 0);
    for (int i = 0; i < 100; i++)
        assert_false(login_limiter_take(*state, address, peer, 1000 * i, &retry));
    assert_true(login_limiter_take(*state, address, peer, LOGIN_WINDOW_MS, &retry));
}

static void test_pairs_are_apart(void **state)
{
    int retry = 0;
    use_up(*state, 1000, 0);
    assert_true(login_limiter_take(*state, address, SPAN("192.0.2.2"), 1000, &retry));
    assert_true(login_limiter_take(*state, SPAN("john@example.com"), peer, 1000, &retry));
    assert_true(login_limiter_take(*state, SPAN("jane@example.com1"), SPAN("92.0.2.1"), 1000, &retry));
}

static void test_forgiven(void **state)
{
    int retry = 0;
    use_up(*state, 1000, 0);
    login_limiter_forgive(*state, address, SPAN("192.0.2.2"));
    assert_false(login_limiter_take(*state, address, peer, 1000, &retry));
    login_limiter_forgive(*state, address, peer);
    use_up(*state, 1000, 0);
}

/* The table is bounded: a flood of other pairs may push one out, but a pair under attack right now stays. */
static void test_flood(void **state)
{
    int retry = 0;
    for (int i = 0; i < 20000; i++) {
        char other[40];
        snprintf(other, sizeof other, "user%d@example.com", i);
        assert_true(login_limiter_take(*state, span_of(other), peer, i, &retry));
    }
    use_up(*state, 20000, 0);
    assert_false(login_limiter_take(*state, address, peer, 20001, &retry));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_eleventh_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_window_slides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals_do_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pairs_are_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_forgiven, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flood, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
