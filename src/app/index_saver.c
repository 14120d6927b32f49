/* The thread that writes snapshots of indexes: of one that has been quiet for a while, of one that is dropped for want of memory, and of all at the end.
 *
 * It takes the lock of an index for the copying of a piece only, never while the disk is busy, and begins again later when the index has changed in between;
 * so a search waits for it no longer than for another search. Before it writes it brings the index up to date: what was deleted before is in no file that it
 * writes, and what is deleted meanwhile makes the file moot (snapshots_forget). */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/indexes_internal.h"
#include "base/log.h"
#include "base/map.h"
#include "store/account.h"
#include "store/document.h"

enum {
    GROWN_SHARE = 8,   /* of the chunks as many must be new before a file is written again */
    QUIET_MS = 10000,  /* without a change, before it is written */
    AGAIN_MS = 600000, /* between two writings of one index */
    ROUND_MS = 2000,
    END_MS = 4000,     /* for what is missing at the end */
    END_BEHIND = 256,  /* changes that an index may be behind to be brought up to date then */
    LEAVING_SHARE = 4, /* of index-memory may be waiting to be written and freed */
    ARENA_BYTES = 64 << 20
};

struct index_saver {
    struct indexes *x;
    int64_t epoch;
    size_t least_bytes, most_bytes; /* of an index worth a file, and of one that there can be room for */
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    bool stopping;
    struct index_entry *leaving; /* owned */
    size_t leaving_bytes;
};

/* ---- which ---- */

/* Under the mutex of the indexes. */
static bool is_missing(const struct index_saver *saver, const struct index_entry *e)
{
    const struct saved *s = &e->saved;
    return e->bytes >= saver->least_bytes && e->bytes <= saver->most_bytes && s->complete && (!s->exists || s->chunks > s->then + s->then / GROWN_SHARE);
}

/* At the end each is tried once, whenever it was written or changed. */
static bool is_due(const struct saved *s, bool hurry)
{
    int64_t now = sys_mono_ms();
    return hurry ? !s->tried : now >= s->again_ms && now >= s->changed_ms + QUIET_MS;
}

/* The next index to write, pinned; NULL: none. hurry: the end is near. */
static struct index_entry *pick(struct index_saver *s, bool hurry)
{
    struct indexes *x = s->x;
    struct index_entry *found = NULL;
    struct span key;
    uint64_t value;
    pthread_mutex_lock(&x->mutex);
    for (size_t at = 0; !found && map_next(x->entries, &at, &key, &value);) {
        struct index_entry *e = (struct index_entry *)(uintptr_t)value;
        if (is_missing(s, e) && !e->renewing && is_due(&e->saved, hurry))
            found = e;
    }
    if (found) {
        found->users++;
        found->saved.tried = hurry;
    }
    pthread_mutex_unlock(&x->mutex);
    return found;
}

/* ---- writing one ---- */

struct job {
    struct indexes *x;
    struct index_entry *entry;
    bool alone;       /* nobody else knows the entry: no lock is needed */
    uint64_t changes; /* of the entry, when writing began */
    int64_t until_ms; /* of the monotonic clock */
};

static bool save_part(void *context, enum snapshot_part which, const struct index_sink *sink)
{
    const struct job *j = context;
    return index_entry_save_part(j->entry, which, sink);
}

static void pause_job(void *context)
{
    struct job *j = context;
    if (!j->alone)
        pthread_rwlock_unlock(&j->entry->lock);
}

static bool resume_job(void *context)
{
    struct job *j = context;
    if (!j->alone)
        pthread_rwlock_rdlock(&j->entry->lock);
    return j->entry->changes == j->changes && sys_mono_ms() < j->until_ms;
}

static enum snapshot_end write_file(struct job *j, size_t *chunks)
{
    struct index_entry *e = j->entry;
    enum snapshot_end end = SNAPSHOT_CHANGED;
    if (!j->alone)
        pthread_rwlock_rdlock(&e->lock);
    if (index_entry_complete(e)) {
        struct snapshot_of of = {.tenant_id = e->tenant_id, .epoch = e->epoch, .seq = e->seq, .model = span_of(e->model.text)};
        j->changes = e->changes;
        *chunks = lexical_chunks(e->lexical);
        end = snapshots_save(j->x->snapshots, &of, &(struct snapshot_writing){save_part, pause_job, resume_job, j});
    }
    int error = errno;
    if (!j->alone)
        pthread_rwlock_unlock(&e->lock);
    errno = error;
    return end;
}

/* One that could not be written is tried again later. */
static void note_end(struct job *j, enum snapshot_end end, size_t chunks, uint64_t forgotten)
{
    struct indexes *x = j->x;
    struct saved *s = &j->entry->saved;
    int error = errno;
    pthread_mutex_lock(&x->mutex);
    s->again_ms = sys_mono_ms() + (end == SNAPSHOT_CHANGED ? QUIET_MS : AGAIN_MS);
    if (end == SNAPSHOT_DONE) {
        s->exists = s->forgotten == forgotten;
        s->then = chunks;
        x->saved++;
    }
    pthread_mutex_unlock(&x->mutex);
    if (end == SNAPSHOT_FAILED)
        log_event(LOG_WARN, "an index snapshot cannot be written", log_int("tenant", j->entry->tenant_id), log_str("why", strerror(error)));
}

static enum db_status read_seq(struct db_conn *c, void *context)
{
    struct tenant *t = context;
    return store_tenant_seq(t, c, &t->index_seq);
}

/* Brings the index up to date, so that nothing is written that was deleted before. hurry: not if that takes long. */
static bool refresh(struct job *j, bool hurry)
{
    struct index_entry *e = j->entry;
    pthread_rwlock_rdlock(&e->lock);
    struct tenant t = {.id = e->tenant_id, .index_epoch = e->epoch};
    int64_t seq = e->seq;
    pthread_rwlock_unlock(&e->lock);
    if (db_snapshot(j->x->db, read_seq, &t) != DB_OK || (hurry && t.index_seq - seq > END_BEHIND))
        return false;
    return j->alone ? index_entry_current(e, &t) || index_entry_update(e, j->x->db, &t, NULL) : indexes_bring_up_to_date(j->x, e, &t, NULL);
}

/* Brought up to date twice: the first time may take long and removes a file that has been outlived; what happens from the second on makes this one moot. */
static void save(struct job *j, bool hurry)
{
    size_t chunks = 0;
    bool ready = refresh(j, hurry);
    pthread_mutex_lock(&j->x->mutex);
    uint64_t forgotten = j->entry->saved.forgotten;
    pthread_mutex_unlock(&j->x->mutex);
    snapshots_begin(j->x->snapshots, j->entry->tenant_id);
    enum snapshot_end end = ready && refresh(j, hurry) ? write_file(j, &chunks) : SNAPSHOT_CHANGED;
    note_end(j, end, chunks, forgotten);
}

static void save_all(struct index_saver *s, bool hurry, int64_t until_ms)
{
    struct job j = {.x = s->x, .until_ms = until_ms};
    while (sys_mono_ms() < until_ms && (j.entry = pick(s, hurry))) {
        save(&j, hurry);
        indexes_unpin(s->x, j.entry, NULL);
    }
}

/* ---- those that leave ---- */

bool index_saver_take(struct index_saver *s, struct index_entry *e)
{
    pthread_mutex_lock(&s->x->mutex);
    bool wanted = is_missing(s, e) && sys_mono_ms() >= e->saved.again_ms;
    pthread_mutex_unlock(&s->x->mutex);
    pthread_mutex_lock(&s->lock);
    bool taken = wanted && !s->stopping && s->leaving_bytes + e->bytes <= s->x->memory_max / LEAVING_SHARE;
    if (taken) {
        e->next = s->leaving;
        s->leaving = e;
        s->leaving_bytes += e->bytes;
        pthread_cond_signal(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
    return taken;
}

static struct index_entry *next_leaving(struct index_saver *s)
{
    pthread_mutex_lock(&s->lock);
    struct index_entry *e = s->leaving;
    if (e)
        s->leaving = e->next;
    pthread_mutex_unlock(&s->lock);
    return e;
}

static void save_leaving(struct index_saver *s, bool hurry, int64_t until_ms)
{
    struct job j = {.x = s->x, .alone = true, .until_ms = until_ms};
    while ((j.entry = next_leaving(s))) {
        size_t bytes = j.entry->bytes;
        if (sys_mono_ms() < until_ms)
            save(&j, hurry);
        index_entry_free(j.entry);
        pthread_mutex_lock(&s->lock);
        s->leaving_bytes -= bytes;
        pthread_mutex_unlock(&s->lock);
    }
}

/* ---- those of the run before ---- */

struct visit {
    struct index_saver *saver;
    struct tenant tenant;
    bool stays;
};

/* It stays when the tenant and its encoder do, and nothing that it holds was deleted or replaced: else words would lie on the disk that are in no document,
 * until the next search at worst for ever. */
static enum db_status judge(struct db_conn *c, void *context)
{
    struct visit *v = context;
    struct arena *arena = arena_new(ARENA_BYTES);
    struct tenant_row row;
    struct model_name model;
    struct document_change *changes;
    size_t count = 0;
    bool found = false;
    enum db_status status = arena ? store_tenant_get(&v->tenant, c, arena, &row, &found) : DB_ERROR;
    if (status == DB_OK)
        status = index_model(v->saver->x->encoders, &v->tenant, c, &model);
    struct snapshot_of of = {.tenant_id = v->tenant.id, .epoch = v->saver->epoch, .model = span_of(model.text)};
    v->stays = status == DB_OK && found && snapshots_peek(v->saver->x->snapshots, &of) && of.seq <= row.index_seq;
    if (v->stays)
        status = store_document_changes(&v->tenant, c, of.seq, arena, &changes, &count);
    for (size_t i = 0; status == DB_OK && v->stays && i < count; i++)
        v->stays = changes[i].alive && changes[i].indexed_version <= 1;
    arena_free(arena);
    return status;
}

static void visit_file(void *context, int64_t tenant_id)
{
    struct index_saver *s = context;
    struct visit v = {.saver = s, .tenant = {.id = tenant_id}};
    if (db_snapshot(s->x->db, judge, &v) != DB_OK || !v.stays)
        snapshots_forget(s->x->snapshots, tenant_id);
}

/* ---- the thread ---- */

/* False when it is to end. */
static bool rest(struct index_saver *s)
{
    int64_t until_ms = sys_mono_ms() + ROUND_MS;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = (until_ms % 1000) * 1000000};
    pthread_mutex_lock(&s->lock);
    while (!s->stopping && !s->leaving && sys_mono_ms() < until_ms)
        pthread_cond_timedwait(&s->changed, &s->lock, &until);
    bool go_on = !s->stopping;
    pthread_mutex_unlock(&s->lock);
    return go_on;
}

static void *work(void *arg)
{
    struct index_saver *s = arg;
    snapshots_each(s->x->snapshots, visit_file, s);
    while (rest(s)) {
        save_leaving(s, false, INT64_MAX);
        save_all(s, false, INT64_MAX);
    }
    int64_t until_ms = sys_mono_ms() + END_MS;
    save_all(s, true, until_ms);
    save_leaving(s, true, until_ms);
    return NULL;
}

/* Signals go to the main thread alone. */
static bool start(struct index_saver *s)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool running = pthread_create(&s->thread, NULL, work, s) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (running)
        pthread_setname_np(s->thread, "snapshots");
    return running;
}

static void destroy(struct index_saver *s)
{
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

bool indexes_keep_snapshots(struct indexes *x, struct snapshots *snapshots, int64_t epoch, size_t least_bytes)
{
    struct index_saver *s = calloc(1, sizeof *s);
    pthread_condattr_t monotonic;
    if (!s)
        return false;
    s->x = x;
    s->epoch = epoch;
    s->least_bytes = least_bytes;
    s->most_bytes = (size_t)snapshots_limit(snapshots);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    x->snapshots = snapshots;
    x->saver = s;
    if (start(s))
        return true;
    x->snapshots = NULL;
    x->saver = NULL;
    destroy(s);
    return false;
}

void index_saver_free(struct index_saver *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    destroy(s);
}

/* ---- what others ask of it ---- */

void indexes_forget_snapshot(struct indexes *x, const struct tenant *tenant)
{
    uint64_t value;
    if (!x->snapshots)
        return;
    pthread_mutex_lock(&x->mutex);
    if (map_get(x->entries, (struct span){(const char *)&tenant->id, sizeof tenant->id}, &value)) {
        struct saved *s = &((struct index_entry *)(uintptr_t)value)->saved;
        s->exists = false;
        s->forgotten++;
    }
    pthread_mutex_unlock(&x->mutex);
    snapshots_forget(x->snapshots, tenant->id);
}

uint64_t indexes_saved(struct indexes *x)
{
    pthread_mutex_lock(&x->mutex);
    uint64_t n = x->saved;
    pthread_mutex_unlock(&x->mutex);
    return n;
}

int64_t indexes_snapshot_bytes(struct indexes *x)
{
    return x->snapshots ? snapshots_bytes(x->snapshots) : 0;
}
