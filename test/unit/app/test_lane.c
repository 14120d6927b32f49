/* Questions before batches: who waits, who is let go on, and that no batch waits for ever. The threads are watched by what the lane counts, so nothing depends on time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include "app/lane.h"

enum { FOREVER_MS = 3600000, BATCHES = 3 };

/* A batch of one layer. */
struct batch {
    struct lane *lane;
    pthread_t thread;
    _Atomic unsigned *passed;
};

static void *run(void *arg)
{
    struct batch *b = arg;
    lane_step_aside(b->lane);
    atomic_fetch_add(b->passed, 1);
    return NULL;
}

static void start(struct batch *batches, size_t count, struct lane *l, _Atomic unsigned *passed)
{
    for (size_t i = 0; i < count; i++) {
        lane_add_batches(l);
        batches[i] = (struct batch){.lane = l, .passed = passed};
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&batches[i].thread, NULL, run, &batches[i]), 0);
}

static void join(const struct batch *batches, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pthread_join(batches[i].thread, NULL);
}

static void until_aside(struct lane *l, unsigned count)
{
    while (lane_aside(l) != count)
        sched_yield();
}

static void until_passed(const _Atomic unsigned *passed, unsigned count)
{
    while (atomic_load(passed) != count)
        sched_yield();
}

static void without_questions_nobody_waits(void **state)
{
    (void)state;
    struct lane l;
    lane_init(&l, 1, FOREVER_MS);
    for (int i = 0; i < BATCHES; i++)
        lane_add_batches(&l);
    lane_step_aside(&l);
    lane_begin_question(&l);
    lane_end_question(&l);
    lane_step_aside(&l);
    assert_int_equal(lane_aside(&l), 0);
    lane_end(&l);
}

static void with_places_for_all_nobody_waits(void **state)
{
    (void)state;
    struct lane l;
    lane_init(&l, BATCHES + 1, FOREVER_MS);
    for (int i = 0; i < BATCHES; i++)
        lane_add_batches(&l);
    lane_begin_question(&l);
    lane_step_aside(&l);
    lane_end_question(&l);
    lane_end(&l);
}

/* Three batches, three places: each question takes one, and gives one back. */
static void as_many_wait_as_there_are_questions(void **state)
{
    (void)state;
    struct lane l;
    struct batch batches[BATCHES];
    _Atomic unsigned passed = 0;
    lane_init(&l, BATCHES, FOREVER_MS);
    for (int i = 0; i < 2; i++)
        lane_begin_question(&l);
    start(batches, BATCHES, &l, &passed);
    until_aside(&l, 2);
    until_passed(&passed, 1);
    lane_end_question(&l);
    until_passed(&passed, 2);
    assert_int_equal(lane_aside(&l), 1);
    lane_end_question(&l);
    join(batches, BATCHES);
    assert_int_equal(passed, 3);
    lane_end(&l);
}

static void all_wait_for_more_questions_than_places(void **state)
{
    (void)state;
    struct lane l;
    struct batch batches[BATCHES];
    _Atomic unsigned passed = 0;
    lane_init(&l, 1, FOREVER_MS);
    lane_begin_question(&l);
    start(batches, BATCHES, &l, &passed);
    until_aside(&l, BATCHES);
    assert_int_equal(passed, 0);
    lane_end_question(&l);
    join(batches, BATCHES);
    assert_int_equal(passed, BATCHES);
    lane_end(&l);
}

/* A worker that ends is in nobody's way. */
static void a_batch_that_goes_makes_place(void **state)
{
    (void)state;
    struct lane l;
    struct batch batch;
    _Atomic unsigned passed = 0;
    lane_init(&l, 2, FOREVER_MS);
    lane_add_batches(&l);
    lane_begin_question(&l);
    start(&batch, 1, &l, &passed);
    until_aside(&l, 1);
    lane_remove_batches(&l);
    join(&batch, 1);
    lane_end_question(&l);
    lane_end(&l);
}

static void patience_ends_though_questions_do_not(void **state)
{
    (void)state;
    struct lane l;
    lane_init(&l, 1, 1);
    lane_add_batches(&l);
    lane_begin_question(&l);
    lane_step_aside(&l);
    lane_step_aside(&l);
    assert_int_equal(lane_aside(&l), 0);
    lane_end_question(&l);
    lane_end(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_questions_nobody_waits),      cmocka_unit_test(with_places_for_all_nobody_waits),
        cmocka_unit_test(as_many_wait_as_there_are_questions), cmocka_unit_test(all_wait_for_more_questions_than_places),
        cmocka_unit_test(a_batch_that_goes_makes_place),       cmocka_unit_test(patience_ends_though_questions_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
