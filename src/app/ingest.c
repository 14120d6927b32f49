/* The ingest workers: threads that look for ready jobs, tenant by tenant in turn, claim one under a lease and do it. Whatever is not finished when they end
 * stays a row and is taken up by the next run. */
#include "app/ingest_internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/sys.h"

enum { TENANTS_AT_ONCE = 64, POLL_MS = 1000 };

void ingest_poke(struct ingest *i)
{
    pthread_mutex_lock(&i->lock);
    i->pokes++;
    pthread_cond_broadcast(&i->work);
    pthread_mutex_unlock(&i->lock);
}

/* ---- claiming ---- */

int64_t ingest_lease_ms(const struct app_config *config)
{
    const struct extract_limits *limits = &config->extract;
    int64_t wall_s = limits->ocr ? 2 * limits->wall_s + limits->ocr_s : limits->wall_s; /* a document with scanned pages is read twice */
    return wall_s * 1000 + LEASE_REST_MS;
}

struct claim {
    struct ingest *ingest;
    struct tenant tenant;
    int64_t tenants[TENANTS_AT_ONCE];
    size_t count;
    struct job_row job;
    bool found;
};

static enum db_status list_tenants(struct db_conn *c, void *context)
{
    struct claim *claim = context;
    return store_tenants_with_work(c, sys_wall_ms(), claim->tenants, TENANTS_AT_ONCE, &claim->count);
}

static enum db_status claim_job(struct db_conn *c, void *context)
{
    struct claim *claim = context;
    int64_t now = sys_wall_ms();
    return store_job_claim(&claim->tenant, c, claim->ingest->owner, now, now + ingest_lease_ms(claim->ingest->app->config), &claim->job, &claim->found);
}

/* The tenant with the smallest id above the one whose turn it was; the smallest of all when there is none. Its place in the list. */
static size_t next_in_turn(const struct claim *claim, int64_t last)
{
    size_t above = claim->count, least = 0;
    for (size_t n = 0; n < claim->count; n++) {
        if (claim->tenants[n] < claim->tenants[least])
            least = n;
        if (claim->tenants[n] > last && (above == claim->count || claim->tenants[n] < claim->tenants[above]))
            above = n;
    }
    return above < claim->count ? above : least;
}

static int64_t take_turn(struct ingest *i, struct claim *claim)
{
    pthread_mutex_lock(&i->lock);
    size_t n = next_in_turn(claim, i->last_tenant);
    int64_t id = claim->tenants[n];
    i->last_tenant = id;
    pthread_mutex_unlock(&i->lock);
    claim->tenants[n] = claim->tenants[--claim->count];
    return id;
}

/* True when a job was claimed. */
static bool claim_next(struct ingest *i, struct claim *claim)
{
    *claim = (struct claim){.ingest = i};
    if (db_snapshot(i->app->db, list_tenants, claim) != DB_OK)
        return false;
    while (claim->count > 0 && !atomic_load(&i->stopping)) {
        claim->tenant = (struct tenant){.id = take_turn(i, claim)};
        if (db_transact(i->app->db, claim_job, claim) != DB_OK)
            return false;
        if (claim->found)
            return true;
    }
    return false;
}

/* ---- the threads ---- */

static void wait_for_work(struct ingest *i, uint64_t *seen)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += POLL_MS / 1000;
    pthread_mutex_lock(&i->lock);
    while (!atomic_load(&i->stopping) && i->pokes == *seen)
        if (pthread_cond_timedwait(&i->work, &i->lock, &until) != 0)
            break;
    *seen = i->pokes;
    pthread_mutex_unlock(&i->lock);
}

/* Reading, cutting and embedding are long CPU work: a scratch for each worker, kept for its life, and whoever wakes for a moment goes first. */
static void *work(void *arg)
{
    struct ingest *i = arg;
    uint64_t seen = 0;
    struct claim claim;
    struct embedder *embedder = i->app->embedder;
    struct embed_scratch *scratch = embedder ? embedder_batch_scratch(embedder) : NULL;
    sys_in_no_hurry();
    while (!atomic_load(&i->stopping)) {
        if (claim_next(i, &claim))
            ingest_run_job(i, scratch, &claim.tenant, &claim.job);
        else
            wait_for_work(i, &seen);
    }
    embedder_batch_scratch_free(embedder, scratch);
    return NULL;
}

struct leases {
    int64_t after;
    int64_t tenants[TENANTS_AT_ONCE];
    size_t count;
};

static enum db_status free_leases(struct db_conn *c, void *context)
{
    struct leases *l = context;
    enum db_status status = store_tenants_with_jobs(c, l->after, l->tenants, TENANTS_AT_ONCE, &l->count);
    for (size_t n = 0; n < l->count && status == DB_OK; n++)
        status = store_job_free_leases(&(struct tenant){.id = l->tenants[n]}, c, sys_wall_ms());
    return status;
}

/* One process has the database, so a lease that stands at start belongs to nobody. */
static bool take_up_unfinished(struct ingest *i)
{
    struct leases leases = {.after = 0, .count = 0};
    do {
        if (db_transact(i->app->db, free_leases, &leases) != DB_OK)
            return false;
        if (leases.count > 0)
            leases.after = leases.tenants[leases.count - 1];
    } while (leases.count == TENANTS_AT_ONCE);
    return true;
}

static bool start_workers(struct ingest *i)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = waiters_start(&i->waiters);
    while (ok && i->workers < i->app->config->ingest_workers && i->workers < INGEST_WORKERS_MAX) {
        ok = pthread_create(&i->worker[i->workers], NULL, work, i) == 0;
        if (ok)
            pthread_setname_np(i->worker[i->workers++], "ingest");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

struct ingest *ingest_new(struct app *app, char *why, size_t why_size)
{
    struct ingest *i = calloc(1, sizeof *i);
    if (!i) {
        snprintf(why, why_size, "There is not enough memory to start.");
        return NULL;
    }
    i->app = app;
    i->owner = sys_random_id();
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&i->lock, NULL);
    pthread_cond_init(&i->work, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (take_up_unfinished(i) && start_workers(i))
        return i;
    snprintf(why, why_size, "The document workers cannot be started; the log says why.");
    ingest_stop(i);
    ingest_free(i);
    return NULL;
}

void ingest_stop(struct ingest *i)
{
    if (atomic_exchange(&i->stopping, true))
        return;
    ingest_poke(i);
    for (unsigned n = 0; n < i->workers; n++)
        pthread_join(i->worker[n], NULL);
    waiters_stop(&i->waiters);
}

void ingest_free(struct ingest *i)
{
    pthread_cond_destroy(&i->work);
    pthread_mutex_destroy(&i->lock);
    free(i);
}
