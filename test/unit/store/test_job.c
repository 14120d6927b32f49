/* The work queue: leases, turns, and what a tenant's entry says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

enum { ME = 11, OTHER = 12, LEASE = 100 };

static void queue(struct fixture *f, const struct tenant *t, int number, int64_t now, int64_t ready_at)
{
    fixture_insert_document(f, t, number);
    assert_ok(store_job_insert(t, f->c, number, 1, now, ready_at));
}

static bool claim(struct fixture *f, const struct tenant *t, int64_t owner, int64_t now, struct job_row *job)
{
    bool found;
    assert_ok(store_job_claim(t, f->c, owner, now, now + LEASE, job, &found));
    return found;
}

/* The document whose job is claimed, 0 when none is ready. */
static int64_t next(struct fixture *f, const struct tenant *t, int64_t now)
{
    struct job_row job;
    return claim(f, t, ME, now, &job) ? job.document_id : 0;
}

/* The first tenant with work ready: 'a', 'b', or '-' for none. */
static char turn(struct fixture *f, int64_t now)
{
    int64_t ids[4];
    size_t count;
    assert_ok(store_tenants_with_work(f->c, now, ids, 4, &count));
    return count == 0 ? '-' : ids[0] == f->a.id ? 'a' : 'b';
}

static void jobs_come_oldest_first_and_once(void **state)
{
    struct fixture *f = *state;
    struct job_row job;
    for (int i = 3; i >= 1; i--)
        queue(f, &f->a, i, NOW + i, NOW + i);
    assert_true(claim(f, &f->a, ME, NOW + 10, &job));
    assert_true(job.document_id == 1 && job.version == 1 && job.attempts == 1);
    assert_int_equal(next(f, &f->a, NOW + 10), 2);
    assert_int_equal(next(f, &f->a, NOW + 10), 3);
    assert_int_equal(next(f, &f->a, NOW + 10), 0);
}

static void a_job_waits_for_its_time(void **state)
{
    struct fixture *f = *state;
    queue(f, &f->a, 1, NOW, NOW + 50);
    assert_int_equal(turn(f, NOW + 49), '-');
    assert_int_equal(next(f, &f->a, NOW + 49), 0);
    assert_int_equal(turn(f, NOW + 49), '-');
    assert_int_equal(turn(f, NOW + 50), 'a');
    assert_int_equal(next(f, &f->a, NOW + 50), 1);
}

static void an_expired_lease_goes_to_another(void **state)
{
    struct fixture *f = *state;
    struct job_row first, second;
    bool held;
    queue(f, &f->a, 1, NOW, NOW);
    assert_true(claim(f, &f->a, ME, NOW, &first));
    assert_false(claim(f, &f->a, OTHER, NOW + LEASE - 1, &second));
    assert_int_equal(turn(f, NOW + LEASE - 1), '-');
    assert_int_equal(turn(f, NOW + LEASE), 'a');
    assert_true(claim(f, &f->a, OTHER, NOW + LEASE, &second));
    assert_int_equal(second.job_id, first.job_id);
    assert_int_equal(second.attempts, 2);
    assert_ok(store_job_renew(&f->a, f->c, first.job_id, ME, NOW + 500, &held));
    assert_false(held);
    assert_ok(store_job_release(&f->a, f->c, first.job_id, ME, NOW, &held));
    assert_false(held);
    assert_ok(store_job_finish(&f->a, f->c, first.job_id, ME, &held));
    assert_false(held);
    assert_ok(store_job_finish(&f->a, f->c, first.job_id, OTHER, &held));
    assert_true(held);
    assert_int_equal(fixture_count(f, &f->a, IN_JOB), 0);
}

static void a_renewed_lease_holds(void **state)
{
    struct fixture *f = *state;
    struct job_row job, other;
    bool held;
    queue(f, &f->a, 1, NOW, NOW);
    assert_true(claim(f, &f->a, ME, NOW, &job));
    assert_ok(store_job_renew(&f->a, f->c, job.job_id, ME, NOW + 3 * LEASE, &held));
    assert_true(held);
    assert_false(claim(f, &f->a, OTHER, NOW + 2 * LEASE, &other));
    assert_true(claim(f, &f->a, OTHER, NOW + 3 * LEASE, &other));
}

static void a_released_job_comes_back_in_time(void **state)
{
    struct fixture *f = *state;
    struct job_row job;
    bool held;
    queue(f, &f->a, 1, NOW, NOW);
    assert_true(claim(f, &f->a, ME, NOW, &job));
    assert_int_equal(next(f, &f->a, NOW), 0); /* the entry now says: when the lease ends */
    assert_ok(store_job_release(&f->a, f->c, job.job_id, ME, NOW + 30, &held));
    assert_true(held);
    assert_int_equal(turn(f, NOW + 29), '-');
    assert_int_equal(next(f, &f->a, NOW + 29), 0);
    assert_int_equal(turn(f, NOW + 30), 'a');
    assert_true(claim(f, &f->a, OTHER, NOW + 30, &job));
    assert_int_equal(job.attempts, 2);
}

static void the_entry_goes_with_the_last_job(void **state)
{
    struct fixture *f = *state;
    struct job_row job;
    bool held;
    queue(f, &f->a, 1, NOW, NOW);
    assert_true(claim(f, &f->a, ME, NOW, &job));
    assert_ok(store_job_finish(&f->a, f->c, job.job_id, ME, &held));
    assert_true(held);
    assert_int_equal(next(f, &f->a, NOW), 0);
    assert_int_equal(fixture_count(f, &f->a, IN_TENANT_WORK), 0);
    queue(f, &f->a, 2, NOW, NOW);
    assert_int_equal(turn(f, NOW), 'a');
}

static void an_earlier_job_moves_the_entry_forward_only(void **state)
{
    struct fixture *f = *state;
    queue(f, &f->a, 1, NOW, NOW + 100);
    queue(f, &f->a, 2, NOW, NOW + 20);
    assert_int_equal(turn(f, NOW + 20), 'a');
    queue(f, &f->a, 3, NOW, NOW + 200);
    assert_int_equal(turn(f, NOW + 20), 'a');
    assert_int_equal(turn(f, NOW + 19), '-');
}

static void tenants_take_turns(void **state)
{
    struct fixture *f = *state;
    for (int i = 1; i <= 3; i++) /* one tenant's backlog is older than the other's only job */
        queue(f, &f->a, i, NOW + i, NOW + i);
    queue(f, &f->b, 1, NOW + 10, NOW + 10);
    assert_int_equal(turn(f, NOW + 20), 'a');
    assert_int_equal(next(f, &f->a, NOW + 20), 1);
    assert_int_equal(turn(f, NOW + 21), 'b');
    assert_int_equal(next(f, &f->b, NOW + 21), 1);
    assert_int_equal(turn(f, NOW + 22), 'a');
    assert_int_equal(next(f, &f->a, NOW + 22), 2);
}

static void leases_are_freed_at_start(void **state)
{
    struct fixture *f = *state;
    int64_t ids[4];
    size_t count;
    for (int i = 1; i <= 2; i++)
        queue(f, &f->a, i, NOW + i, NOW);
    queue(f, &f->b, 1, NOW, NOW);
    assert_int_equal(next(f, &f->a, NOW + 5), 1);
    assert_int_equal(next(f, &f->a, NOW + 5), 2);
    assert_int_equal(next(f, &f->b, NOW + 5), 1);
    assert_int_equal(next(f, &f->a, NOW + 5), 0);
    assert_ok(store_job_free_leases(&f->a, f->c, NOW + 6));
    assert_ok(store_tenants_with_jobs(f->c, 0, ids, 4, &count));
    assert_int_equal(count, 2);
    assert_true(ids[0] == f->b.id && ids[1] == f->a.id);
    assert_ok(store_tenants_with_jobs(f->c, ids[0], ids, 1, &count));
    assert_true(count == 1 && ids[0] == f->a.id);
    assert_int_equal(next(f, &f->a, NOW + 6), 1);
    assert_int_equal(next(f, &f->b, NOW + 6), 0); /* the other tenant's lease was left alone */
}

/* Queued, or put off, before the clock was set back. */
static void a_start_waits_for_no_time_ahead(void **state)
{
    struct fixture *f = *state;
    const int64_t hour = 3600000;
    int64_t id;
    size_t count;
    queue(f, &f->a, 1, NOW + hour, NOW + hour);
    queue(f, &f->b, 1, NOW + hour, NOW + hour);
    assert_ok(store_job_free_leases(&f->a, f->c, NOW));
    assert_ok(store_tenants_with_work(f->c, NOW, &id, 1, &count));
    assert_true(count == 1 && id == f->a.id);
    assert_int_equal(next(f, &f->a, NOW), 1);
    assert_int_equal(next(f, &f->b, NOW), 0);
}

static void the_list_of_tenants_keeps_to_its_limit(void **state)
{
    struct fixture *f = *state;
    int64_t ids[4] = {0, -1, -1, -1};
    size_t count;
    queue(f, &f->a, 1, NOW, NOW);
    queue(f, &f->b, 1, NOW, NOW + 1);
    assert_ok(store_tenants_with_work(f->c, NOW + 9, ids, 1, &count));
    assert_true(count == 1 && ids[0] == f->a.id && ids[1] == -1);
    assert_ok(store_tenants_with_work(f->c, NOW + 9, ids, 0, &count));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(jobs_come_oldest_first_and_once),
        STORE_TEST(a_job_waits_for_its_time),
        STORE_TEST(an_expired_lease_goes_to_another),
        STORE_TEST(a_renewed_lease_holds),
        STORE_TEST(a_released_job_comes_back_in_time),
        STORE_TEST(the_entry_goes_with_the_last_job),
        STORE_TEST(an_earlier_job_moves_the_entry_forward_only),
        STORE_TEST(tenants_take_turns),
        STORE_TEST(leases_are_freed_at_start),
        STORE_TEST(a_start_waits_for_no_time_ahead),
        STORE_TEST(the_list_of_tenants_keeps_to_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
