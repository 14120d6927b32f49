/* The thread: which tenants are left, in rounds, and what is told of it. */
#include "app/reembed_internal.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"
#include "store/document.h"

/* NICENESS: beside a busy thread a tenth of a processor, so that questions and uploads come first. */
enum { TENANTS_AT_ONCE = 64, ROUND_MS = 60000, TELL_MS = 60000, NICENESS = 10 };

/* Until somebody pokes, a minute is over, or the end. False at the end. */
static bool rest(struct reembed *r, uint64_t *seen)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ROUND_MS / 1000;
    pthread_mutex_lock(&r->lock);
    while (!r->stopping && r->pokes == *seen)
        if (pthread_cond_timedwait(&r->changed, &r->lock, &until) != 0)
            break;
    *seen = r->pokes;
    pthread_mutex_unlock(&r->lock);
    return !r->stopping;
}

/* ---- the tenants that are left ---- */

struct listing {
    const struct reembed_round *round;
    int64_t after;
    int64_t ids[TENANTS_AT_ONCE];
    size_t count;
};

static enum db_status list_tenants(struct db_conn *c, void *context)
{
    struct listing *l = context;
    return store_tenants_unsettled(c, l->after, span_of(l->round->model.text), l->ids, TENANTS_AT_ONCE, &l->count);
}

/* Calls visit for each, until it returns false. False when it did, or the database failed. */
static bool each_tenant(struct reembed_round *round, bool (*visit)(struct reembed_round *round, int64_t tenant_id))
{
    struct listing l = {.round = round};
    do {
        if (db_snapshot(round->reembed->app->db, list_tenants, &l) != DB_OK)
            return false;
        for (size_t i = 0; i < l.count; l.after = l.ids[i++])
            if (!visit(round, l.ids[i]))
                return false;
    } while (l.count == TENANTS_AT_ONCE);
    return true;
}

struct counting {
    struct tenant tenant;
    int64_t passages;
};

static enum db_status count_passages(struct db_conn *c, void *context)
{
    struct counting *counting = context;
    return store_document_passages(&counting->tenant, c, &counting->passages);
}

static bool count_tenant(struct reembed_round *round, int64_t tenant_id)
{
    struct reembed *r = round->reembed;
    struct counting counting = {.tenant = {.id = tenant_id}};
    if (r->stopping || db_snapshot(r->app->db, count_passages, &counting) != DB_OK)
        return false;
    r->tenants++;
    r->passages += counting.passages;
    return true;
}

static bool work_on(struct reembed_round *round, int64_t tenant_id)
{
    struct reembed *r = round->reembed;
    enum reembed_end end = reembed_tenant(round, tenant_id);
    if (end == REEMBED_SETTLED)
        r->tenants--;
    round->failed += end == REEMBED_FAILED && !r->stopping;
    return !r->stopping;
}

/* ---- a round ---- */

static void forget_progress(struct reembed *r)
{
    r->tenants = r->passages = r->done = 0;
}

void reembed_tell(struct reembed *r)
{
    if (sys_mono_ms() - r->told_ms < TELL_MS)
        return;
    r->told_ms = sys_mono_ms();
    log_event(LOG_INFO, "new vectors are being made", log_int("companies_left", r->tenants), log_int("passages", r->passages), log_int("done", r->done));
}

/* A round without passages, such as one for a company that is new, is not worth a line. */
static void run(struct reembed_round *round)
{
    struct reembed *r = round->reembed;
    int64_t began = sys_mono_ms(), passages;
    uint64_t made = r->made;
    r->told_ms = began;
    forget_progress(r);
    if (!each_tenant(round, count_tenant) || !r->tenants)
        return;
    passages = r->passages;
    if (passages)
        log_event(LOG_INFO, "new vectors begin", log_str("model", round->model.text), log_int("companies", r->tenants), log_int("passages", passages));
    bool ended = each_tenant(round, work_on) && !r->tenants;
    if (passages)
        log_event(round->failed ? LOG_WARN : LOG_INFO, ended ? "new vectors are complete" : "new vectors are not complete yet",
                  log_str("model", round->model.text), log_int("companies_left", r->tenants), log_int("passages", passages),
                  log_int("vectors", (int64_t)(r->made - made)), log_int("ms", sys_mono_ms() - began));
    if (ended)
        forget_progress(r);
}

/* A node that lacks the weight file of the newest start leaves the work to those that have it. */
static void look(struct reembed *r)
{
    struct reembed_round round = {.reembed = r};
    if (!encoders_target(r->app->encoders, &round.model))
        return;
    round.encoder = encoders_take(r->app->encoders, &round.model);
    round.scratch = round.encoder ? embed_scratch_new(embedder_model(round.encoder)) : NULL;
    if (round.scratch)
        run(&round);
    r->alone = false;
    embed_scratch_free(round.scratch);
    encoders_give(r->app->encoders, round.encoder);
}

static void *work(void *arg)
{
    struct reembed *r = arg;
    uint64_t seen = 0;
    pthread_setname_np(pthread_self(), "vectors");
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS); /* of this thread alone; where it may not be, the work is done all the same */
    do
        look(r);
    while (rest(r, &seen));
    return NULL;
}

/* ---- start and end ---- */

/* Signals go to the main thread alone. */
struct reembed *reembed_new(struct app *app)
{
    struct reembed *r = calloc(1, sizeof *r);
    pthread_condattr_t monotonic;
    sigset_t all, before;
    if (!r)
        return NULL;
    r->app = app;
    r->owner = sys_random_id();
    r->alone = true;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r->running = pthread_create(&r->thread, NULL, work, r) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r->running)
        return r;
    reembed_free(r);
    return NULL;
}

void reembed_poke(struct reembed *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->pokes++;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

void reembed_stop(struct reembed *r)
{
    if (!r || !r->running)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    r->running = false;
}

void reembed_free(struct reembed *r)
{
    if (!r)
        return;
    reembed_stop(r);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

void reembed_progress(const struct reembed *r, struct reembed_progress *progress)
{
    *progress = (struct reembed_progress){0};
    if (r)
        *progress = (struct reembed_progress){r->tenants, r->passages, r->done};
}
