/* The worker pool: order, bound, stop. Tasks wait on a gate that the test opens, so nothing depends on time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/pool.h"

enum { TASKS = 200 };

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool open;
    int entered; /* tasks that reached the gate */
    int order[TASKS], done;
};

struct job {
    struct gate *gate;
    int number;
};

static void gate_init(struct gate *g)
{
    *g = (struct gate){.open = false};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->moved, NULL);
}

static void gate_free(struct gate *g)
{
    pthread_cond_destroy(&g->moved);
    pthread_mutex_destroy(&g->lock);
}

static void pass(void *arg)
{
    struct gate *g = arg;
    pthread_mutex_lock(&g->lock);
    g->entered++;
    pthread_cond_broadcast(&g->moved);
    while (!g->open)
        pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void note(void *arg)
{
    struct job *job = arg;
    pthread_mutex_lock(&job->gate->lock);
    job->gate->order[job->gate->done++] = job->number;
    pthread_mutex_unlock(&job->gate->lock);
}

static void wait_entered(struct gate *g, int count)
{
    pthread_mutex_lock(&g->lock);
    while (g->entered < count)
        pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void open_gate(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->open = true;
    pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}

static void one_worker_keeps_the_order_and_finishes_at_stop(void **state)
{
    (void)state;
    struct gate gate;
    gate_init(&gate);
    struct pool *p = pool_new("order", 1, TASKS);
    assert_non_null(p);
    assert_true(pool_submit(p, pass, &gate));
    wait_entered(&gate, 1);
    static struct job jobs[TASKS];
    for (int i = 0; i < TASKS; i++) {
        jobs[i] = (struct job){&gate, i};
        assert_true(pool_submit(p, note, &jobs[i]));
    }
    assert_int_equal(pool_waiting(p), TASKS);
    assert_false(pool_submit(p, note, &jobs[0])); /* full */
    open_gate(&gate);
    pool_free(p); /* what is queued is done first */
    assert_int_equal(gate.done, TASKS);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(gate.order[i], i);
    gate_free(&gate);
}

static void workers_run_side_by_side(void **state)
{
    (void)state;
    struct gate gate;
    gate_init(&gate);
    struct pool *p = pool_new("side", 3, 3);
    assert_non_null(p);
    for (int i = 0; i < 3; i++)
        assert_true(pool_submit(p, pass, &gate));
    wait_entered(&gate, 3); /* never comes about with fewer threads */
    assert_int_equal(pool_waiting(p), 0);
    open_gate(&gate);
    pool_free(p);
    gate_free(&gate);
}

static void sizes_are_checked(void **state)
{
    (void)state;
    assert_null(pool_new("none", 0, 1));
    assert_null(pool_new("many", 65, 1));
    assert_null(pool_new("room", 1, 0));
    pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_worker_keeps_the_order_and_finishes_at_stop),
        cmocka_unit_test(workers_run_side_by_side),
        cmocka_unit_test(sizes_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
