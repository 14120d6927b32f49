/* The thread that deletes old conversations. */
#include "app/retention.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "app/settings.h"
#include "base/log.h"
#include "store/account.h"
#include "store/conversation.h"

enum { TENANTS_AT_ONCE = 64, ROWS_AT_ONCE = 200, PAUSE_MS = 20, ROUND_MS = 3600000, SETTING_BYTES = 4096 };
static const int64_t day_ms = 86400000;

struct retention {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
};

/* False when it is to end. */
static bool rest(struct retention *r, int64_t ms)
{
    int64_t until_ms = sys_mono_ms() + ms;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = (until_ms % 1000) * 1000000};
    pthread_mutex_lock(&r->lock);
    while (!r->stopping && sys_mono_ms() < until_ms)
        pthread_cond_timedwait(&r->changed, &r->lock, &until);
    bool go_on = !r->stopping;
    pthread_mutex_unlock(&r->lock);
    return go_on;
}

/* ---- one tenant ---- */

struct sweep {
    struct tenant tenant;
    int64_t days;
    int64_t before, deleted;
};

static enum db_status read_days(struct db_conn *c, void *context)
{
    struct sweep *s = context;
    struct span value;
    bool found;
    struct arena *arena = arena_new(SETTING_BYTES);
    enum db_status status = arena ? store_setting_get(&s->tenant, c, settings_retention_name, arena, &value, &found) : DB_ERROR;
    if (status == DB_OK && found)
        span_to_int(value, 0, SETTINGS_DAYS_MAX, &s->days);
    arena_free(arena);
    return status;
}

static enum db_status expire(struct db_conn *c, void *context)
{
    struct sweep *s = context;
    return store_sessions_expire(&s->tenant, c, s->before, ROWS_AT_ONCE, &s->deleted);
}

/* False when the thread is to end. What fails is tried again in the next round. */
static bool sweep_tenant(struct retention *r, int64_t tenant_id)
{
    struct db *db = r->app->db;
    struct sweep s = {.tenant = {.id = tenant_id}, .days = r->app->config->retention_days};
    int64_t total = 0;
    bool go_on = true;
    if (db_snapshot(db, read_days, &s) != DB_OK || s.days == 0)
        return true;
    s.before = sys_wall_ms() - s.days * day_ms;
    do {
        if (db_transact(db, expire, &s) != DB_OK)
            return true;
        total += s.deleted;
        go_on = s.deleted == 0 || rest(r, PAUSE_MS);
    } while (s.deleted > 0 && go_on);
    if (total)
        log_event(LOG_INFO, "old conversations deleted", log_int("rows", total));
    return go_on;
}

/* ---- all of them ---- */

struct tenants {
    int64_t after;
    int64_t ids[TENANTS_AT_ONCE];
    size_t count;
};

static enum db_status list_tenants(struct db_conn *c, void *context)
{
    struct tenants *t = context;
    return store_tenants_all(c, t->after, t->ids, TENANTS_AT_ONCE, &t->count);
}

static bool sweep_all(struct retention *r)
{
    struct tenants t = {0};
    do {
        if (db_snapshot(r->app->db, list_tenants, &t) != DB_OK)
            return true;
        for (size_t i = 0; i < t.count; i++) {
            if (!sweep_tenant(r, t.ids[i]))
                return false;
            t.after = t.ids[i];
        }
    } while (t.count == TENANTS_AT_ONCE && rest(r, 0));
    return true;
}

static void *work(void *arg)
{
    struct retention *r = arg;
    while (sweep_all(r) && rest(r, ROUND_MS))
        ;
    return NULL;
}

/* Signals go to the main thread alone. */
struct retention *retention_new(struct app *app)
{
    struct retention *r = calloc(1, sizeof *r);
    pthread_condattr_t monotonic;
    sigset_t all, before;
    if (!r)
        return NULL;
    r->app = app;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool running = pthread_create(&r->thread, NULL, work, r) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (running) {
        pthread_setname_np(r->thread, "retention");
        return r;
    }
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    free(r);
    return NULL;
}

void retention_free(struct retention *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    free(r);
}
