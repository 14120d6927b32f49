/* The work queue: jobs under leases, and the table that says which tenants have any.
 *
 * A job is ready when its next try and the end of its lease lie behind. tenant_work has an entry for every tenant with a job, from when it is worth a look. A
 * claim begins by moving the entry to now, and whoever queues a job writes the entry in the same transaction: on an engine with many writers the entry's
 * row lock keeps a claim that finds nothing from removing the entry of a job just being queued, and two claims of a tenant from taking the same job. It
 * also puts the tenant at the end of the line, so that tenants take turns. */
#include "store/job.h"

#include "base/sys.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_job_sql[JOB_SQL] = {
    [JOB_INSERT] = {"job.insert", "insert into job (tenant_id, job_id, kind, document_id, version, attempts, next_try_at, lease_owner, lease_until, created_at)"
                                  " values ($1, $2, 'ingest', $3, $4, 0, $5, 0, 0, $6)"},
    [JOB_CLAIM] =
        {"job.claim",
         "update job set lease_owner = $2, lease_until = $3, attempts = attempts + 1 where tenant_id = $1 and lease_until <= $4 and job_id ="
         " (select j.job_id from job j where j.tenant_id = $1 and j.next_try_at <= $4 and j.lease_until <= $4 order by j.created_at, j.job_id limit 1)"
         " returning job_id, document_id, version, attempts"},
    [JOB_RENEW] = {"job.renew", "update job set lease_until = $4 where tenant_id = $1 and job_id = $2 and lease_owner = $3"},
    [JOB_RELEASE] = {"job.release",
                     "update job set lease_owner = 0, lease_until = 0, next_try_at = $4 where tenant_id = $1 and job_id = $2 and lease_owner = $3"},
    [JOB_FINISH] = {"job.finish", "delete from job where tenant_id = $1 and job_id = $2 and lease_owner = $3"},
    [JOB_FREE_LEASES] = {"job.free_leases",
                         "update job set lease_owner = 0, lease_until = 0, next_try_at = case when next_try_at > $2 then $2 else next_try_at end"
                         " where tenant_id = $1 and (lease_owner <> 0 or next_try_at > $2)"},
    [JOB_NEXT_TIME] = {"job.next_time", "select min(case when next_try_at > lease_until then next_try_at else lease_until end) from job where tenant_id = $1"
                                        " having count(*) > 0"},
    [WORK_NOTE] = {"work.note", "insert into tenant_work (tenant_id, ready_at) values ($1, $2) on conflict (tenant_id) do update"
                                " set ready_at = case when excluded.ready_at < tenant_work.ready_at then excluded.ready_at else tenant_work.ready_at end"},
    [WORK_SET] = {"work.set", "update tenant_work set ready_at = $2 where tenant_id = $1"},
    [WORK_REMOVE] = {"work.remove", "delete from tenant_work where tenant_id = $1"},
};

const struct db_statement store_work_sql[WORK_SQL] = {
    [WORK_READY] = {"work.ready", "select tenant_id from tenant_work where ready_at <= $1 order by ready_at, tenant_id limit $2"},
    [WORK_ALL] = {"work.all", "select tenant_id from tenant_work where tenant_id > $1 order by tenant_id limit $2"},
};

static struct db_stmt *prepare(const struct tenant *t, struct db_conn *c, enum job_sql which, int64_t second)
{
    struct db_stmt *s = row_prepare(t, c, &store_job_sql[which]);
    db_bind_int(s, 2, second);
    return s;
}

/* The tenant is worth a look from `ready_at` on, or earlier. */
static enum db_status note_work(const struct tenant *t, struct db_conn *c, int64_t ready_at)
{
    return db_run(prepare(t, c, WORK_NOTE, ready_at), NULL);
}

enum db_status store_job_insert(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int64_t now, int64_t ready_at)
{
    struct db_stmt *s = prepare(t, c, JOB_INSERT, sys_random_id());
    db_bind_int(s, 3, document_id);
    db_bind_int(s, 4, version);
    db_bind_int(s, 5, ready_at);
    db_bind_int(s, 6, now);
    enum db_status status = db_run(s, NULL);
    return status == DB_OK ? note_work(t, c, ready_at) : status;
}

/* ---- which tenants ---- */

static enum db_status read_tenants(struct db_conn *c, enum work_sql which, int64_t bound, int64_t *tenant_ids, size_t limit, size_t *count)
{
    struct db_stmt *s = db_prepare(c, &store_work_sql[which]);
    enum db_status status;
    db_bind_int(s, 1, bound);
    db_bind_int(s, 2, (int64_t)limit);
    *count = 0;
    while ((status = db_step(s)) == DB_ROW && *count < limit)
        tenant_ids[(*count)++] = db_int(s, 0);
    db_end(s);
    return status;
}

enum db_status store_tenants_with_work(struct db_conn *c, int64_t now, int64_t *tenant_ids, size_t limit, size_t *count)
{
    return read_tenants(c, WORK_READY, now, tenant_ids, limit, count);
}

enum db_status store_tenants_with_jobs(struct db_conn *c, int64_t after, int64_t *tenant_ids, size_t limit, size_t *count)
{
    return read_tenants(c, WORK_ALL, after, tenant_ids, limit, count);
}

/* ---- claim ---- */

static enum db_status take_oldest(const struct tenant *t, struct db_conn *c, int64_t owner, int64_t now, int64_t lease_until, struct job_row *job, bool *found)
{
    struct row_reader r = {.s = prepare(t, c, JOB_CLAIM, owner)};
    db_bind_int(r.s, 3, lease_until);
    db_bind_int(r.s, 4, now);
    enum db_status status = row_first(r.s, found);
    if (*found)
        *job = (struct job_row){.job_id = db_int(r.s, 0), .document_id = db_int(r.s, 1), .version = db_int(r.s, 2), .attempts = db_int(r.s, 3)};
    return row_end(&r, status);
}

/* After a look that found nothing. */
static enum db_status put_off(const struct tenant *t, struct db_conn *c)
{
    int64_t next;
    bool found;
    enum db_status status = row_number(row_prepare(t, c, &store_job_sql[JOB_NEXT_TIME]), &next, &found);
    if (status != DB_OK)
        return status;
    return found ? db_run(prepare(t, c, WORK_SET, next), NULL) : db_run(row_prepare(t, c, &store_job_sql[WORK_REMOVE]), NULL);
}

enum db_status store_job_claim(const struct tenant *t, struct db_conn *c, int64_t owner, int64_t now, int64_t lease_until, struct job_row *job, bool *found)
{
    int64_t entries;
    *found = false;
    enum db_status status = db_run(prepare(t, c, WORK_SET, now), &entries);
    if (status != DB_OK || entries == 0)
        return status;
    status = take_oldest(t, c, owner, now, lease_until, job, found);
    return status == DB_OK && !*found ? put_off(t, c) : status;
}

/* ---- under the lease ---- */

static enum db_status run_held(struct db_stmt *s, bool *held)
{
    int64_t rows;
    enum db_status status = db_run(s, &rows);
    *held = rows > 0;
    return status;
}

static struct db_stmt *prepare_owned(const struct tenant *t, struct db_conn *c, enum job_sql which, int64_t job_id, int64_t owner)
{
    struct db_stmt *s = prepare(t, c, which, job_id);
    db_bind_int(s, 3, owner);
    return s;
}

enum db_status store_job_renew(const struct tenant *t, struct db_conn *c, int64_t job_id, int64_t owner, int64_t lease_until, bool *held)
{
    struct db_stmt *s = prepare_owned(t, c, JOB_RENEW, job_id, owner);
    db_bind_int(s, 4, lease_until);
    return run_held(s, held);
}

enum db_status store_job_release(const struct tenant *t, struct db_conn *c, int64_t job_id, int64_t owner, int64_t next_try_at, bool *held)
{
    struct db_stmt *s = prepare_owned(t, c, JOB_RELEASE, job_id, owner);
    db_bind_int(s, 4, next_try_at);
    enum db_status status = run_held(s, held);
    return status == DB_OK && *held ? note_work(t, c, next_try_at) : status;
}

enum db_status store_job_finish(const struct tenant *t, struct db_conn *c, int64_t job_id, int64_t owner, bool *held)
{
    return run_held(prepare_owned(t, c, JOB_FINISH, job_id, owner), held);
}

enum db_status store_job_free_leases(const struct tenant *t, struct db_conn *c, int64_t now)
{
    enum db_status status = db_run(prepare(t, c, JOB_FREE_LEASES, now), NULL);
    return status == DB_OK ? note_work(t, c, now) : status;
}
