/* Who waits for a document: an upload that wants to answer once it is searchable. Waiting holds no thread but this file's one, which watches the deadlines. */
#include <string.h>
#include <time.h>

#include "app/ingest_internal.h"

/* Takes those that `fires` picks out of their places, at most max; they are called without the lock. */
static size_t take(struct waiters *w, bool (*fires)(const struct waiter *, const struct waiter *), const struct waiter *by, struct waiter *out, size_t max)
{
    size_t count = 0;
    pthread_mutex_lock(&w->lock);
    for (size_t n = 0; n < WAITERS_MAX && count < max; n++) {
        if (!w->place[n].done || !fires(&w->place[n], by))
            continue;
        out[count++] = w->place[n];
        w->place[n].done = NULL;
    }
    pthread_mutex_unlock(&w->lock);
    return count;
}

static void fire_all(struct waiters *w, bool (*fires)(const struct waiter *, const struct waiter *), const struct waiter *by)
{
    struct waiter batch[32];
    size_t count;
    while ((count = take(w, fires, by, batch, 32)) > 0)
        for (size_t n = 0; n < count; n++)
            batch[n].done(batch[n].context);
}

static bool is_for(const struct waiter *w, const struct waiter *by)
{
    return w->tenant_id == by->tenant_id && w->document_id == by->document_id && w->version <= by->version;
}

static bool is_due(const struct waiter *w, const struct waiter *by)
{
    return w->deadline <= by->deadline;
}

void waiters_fire(struct waiters *w, int64_t tenant_id, int64_t document_id, int64_t version)
{
    fire_all(w, is_for, &(struct waiter){.tenant_id = tenant_id, .document_id = document_id, .version = version});
}

/* Waits for the nearest deadline, a change, or the end; false at the end. */
static bool sleep_until_due(struct waiters *w)
{
    pthread_mutex_lock(&w->lock);
    int64_t nearest = sys_mono_ms() + 60000;
    for (size_t n = 0; n < WAITERS_MAX; n++)
        if (w->place[n].done && w->place[n].deadline < nearest)
            nearest = w->place[n].deadline;
    struct timespec until = {.tv_sec = nearest / 1000, .tv_nsec = (nearest % 1000) * 1000000};
    if (!w->stopping)
        pthread_cond_timedwait(&w->changed, &w->lock, &until);
    bool go_on = !w->stopping;
    pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void *watch(void *arg)
{
    struct waiters *w = arg;
    while (sleep_until_due(w))
        fire_all(w, is_due, &(struct waiter){.deadline = sys_mono_ms()});
    return NULL;
}

bool waiters_start(struct waiters *w)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    w->running = pthread_create(&w->thread, NULL, watch, w) == 0;
    if (w->running)
        pthread_setname_np(w->thread, "ingest-wait");
    return w->running;
}

void waiters_stop(struct waiters *w)
{
    if (!w->running)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    w->running = false;
    fire_all(w, is_due, &(struct waiter){.deadline = INT64_MAX});
}

static bool add(struct waiters *w, const struct waiter *waiter)
{
    bool added = false;
    pthread_mutex_lock(&w->lock);
    for (size_t n = 0; n < WAITERS_MAX && !added && !w->stopping; n++) {
        if (w->place[n].done)
            continue;
        w->place[n] = *waiter;
        added = true;
    }
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return added;
}

struct status_query {
    const struct tenant *tenant;
    int64_t document_id, version;
    struct arena *arena;
    bool unfinished;
};

static enum db_status ask_status(struct db_conn *c, void *context)
{
    struct status_query *q = context;
    struct document_row row;
    bool found;
    enum db_status status = store_document_get(q->tenant, c, q->document_id, q->arena, &row, &found);
    q->unfinished = status == DB_OK && found && row.version == q->version && (strcmp(row.status, "queued") == 0 || strcmp(row.status, "processing") == 0);
    return status;
}

/* The status is asked after the waiter stands, so that an end between the two is not missed. */
bool ingest_wait(struct app *app, const struct principal *by, int64_t document_id, int64_t version, int64_t deadline_mono_ms, void (*done)(void *context),
                 void *context)
{
    struct waiters *w = &app->ingest->waiters;
    struct waiter waiter = {by->tenant.id, document_id, version, deadline_mono_ms, done, context};
    struct arena *arena = arena_new(1 << 20);
    if (!arena || !add(w, &waiter)) {
        arena_free(arena);
        return false;
    }
    struct status_query query = {&by->tenant, document_id, version, arena, false};
    db_snapshot(app->db, ask_status, &query);
    arena_free(arena);
    if (!query.unfinished)
        waiters_fire(w, by->tenant.id, document_id, version);
    return true;
}
