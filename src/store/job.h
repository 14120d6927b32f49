/* The work queue: jobs are rows under a lease. Conventions as in store/account.h. */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include "db/db.h"
#include "doc/tenant.h"

struct job_row {
    int64_t job_id, document_id, version, attempts;
};

/* Queues an ingest of that version and notes that the tenant has work from `ready_at` on. */
enum db_status store_job_insert(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int64_t now, int64_t ready_at);
/* Lookup: up to `limit` tenants with work ready at `now`, longest waiting first; how many in *count. */
enum db_status store_tenants_with_work(struct db_conn *c, int64_t now, int64_t *tenant_ids, size_t limit, size_t *count);
/* Lookup: up to `limit` tenants with any job, ready or not, ids rising from above `after`: to walk through all of them. */
enum db_status store_tenants_with_jobs(struct db_conn *c, int64_t after, int64_t *tenant_ids, size_t limit, size_t *count);
/* Claims the tenant's oldest ready job: free, or its lease has run out. Raises attempts. When none is ready, the tenant's entry is set to its next job's time,
 * or removed. */
enum db_status store_job_claim(const struct tenant *t, struct db_conn *c, int64_t owner, int64_t now, int64_t lease_until, struct job_row *job, bool *found);
/* Prolongs a lease; *held false when it was lost. */
enum db_status store_job_renew(const struct tenant *t, struct db_conn *c, int64_t job_id, int64_t owner, int64_t lease_until, bool *held);
/* Gives the job back for a later try; *held false when the lease was lost. */
enum db_status store_job_release(const struct tenant *t, struct db_conn *c, int64_t job_id, int64_t owner, int64_t next_try_at, bool *held);
/* Removes a finished job; *held false when the lease was lost (then nothing of the work may be committed). */
enum db_status store_job_finish(const struct tenant *t, struct db_conn *c, int64_t job_id, int64_t owner, bool *held);
/* At start on an engine with one node: frees the tenant's leases, which their holders cannot have survived, and makes all its jobs ready: a time
 * ahead may be one of a clock that was set back since. */
enum db_status store_job_free_leases(const struct tenant *t, struct db_conn *c, int64_t now);

#endif
