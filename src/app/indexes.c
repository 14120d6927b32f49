/* The in-memory indexes by tenant: who may use one, who brings it up to date, and which is dropped when memory is short.
 *
 * The mutex guards the map, the counts of users and the sums of bytes; it is never held while an index is built, searched or freed. Each entry has a lock of
 * its own: searches share it, an update has it alone. An entry with users is never dropped.
 *
 * A large index that is worn is built anew from the rows by a thread of its own, beside searches and updates of the old one, and then takes its place. */
#include "app/indexes.h"

#include <stdlib.h>
#include <string.h>

#include "app/indexes_internal.h"
#include "base/log.h"
#include "base/map.h"
#include "base/pool.h"

enum { OPEN_TRIES = 8, UNAVAILABLE_RETRY_S = 1, RENEWALS_MAX = 64, RENEW_AGAIN_MS = 60000 };

static struct span key_of(const int64_t *tenant_id)
{
    return (struct span){(const char *)tenant_id, sizeof *tenant_id};
}

struct indexes *indexes_new(struct db *db, size_t memory_bytes, struct encoders *encoders)
{
    struct indexes *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->entries = map_new();
    x->renewals = pool_new("indexes", 1, RENEWALS_MAX);
    if (!x->entries || !x->renewals || pthread_mutex_init(&x->mutex, NULL) != 0) {
        map_free(x->entries);
        pool_free(x->renewals);
        free(x);
        return NULL;
    }
    x->db = db;
    x->memory_max = memory_bytes;
    x->encoders = encoders;
    return x;
}

void indexes_free(struct indexes *x)
{
    if (!x)
        return;
    size_t at = 0;
    struct span key;
    uint64_t value;
    pthread_mutex_lock(&x->mutex); /* nothing more is given to the pool */
    atomic_store(&x->stopping, true);
    pthread_mutex_unlock(&x->mutex);
    pool_free(x->renewals);
    index_saver_free(x->saver);
    while (map_next(x->entries, &at, &key, &value))
        index_entry_free((struct index_entry *)(uintptr_t)value);
    map_free(x->entries);
    pthread_mutex_destroy(&x->mutex);
    free(x);
}

/* ---- under the mutex ---- */

static struct index_entry *find_or_add(struct indexes *x, int64_t tenant_id)
{
    uint64_t value;
    if (map_get(x->entries, key_of(&tenant_id), &value))
        return (struct index_entry *)(uintptr_t)value;
    struct index_entry *e = index_entry_new(tenant_id, x->encoders);
    if (e && !map_put(x->entries, key_of(&tenant_id), (uint64_t)(uintptr_t)e)) {
        index_entry_free(e);
        return NULL;
    }
    return e;
}

/* The entry that nobody uses and that was used longest ago; never the one used last. */
static struct index_entry *least_recent(const struct indexes *x)
{
    struct index_entry *oldest = NULL;
    size_t at = 0;
    struct span key;
    uint64_t value;
    while (map_next(x->entries, &at, &key, &value)) {
        struct index_entry *e = (struct index_entry *)(uintptr_t)value;
        if (!e->users && e->last_use != x->clock && (!oldest || e->last_use < oldest->last_use))
            oldest = e;
    }
    return oldest;
}

/* Takes entries out of the map until the rest fits; they are the caller's to free. */
static struct index_entry *take_surplus(struct indexes *x)
{
    struct index_entry *surplus = NULL, *e;
    while (x->bytes > x->memory_max && (e = least_recent(x))) {
        map_remove(x->entries, key_of(&e->tenant_id));
        x->bytes -= e->bytes + e->kept_bytes;
        x->evicted++;
        e->next = surplus;
        surplus = e;
    }
    return surplus;
}

/* ---- users ---- */

/* Those worth a snapshot that they have not are freed once they have it. */
static void free_list(struct indexes *x, struct index_entry *list)
{
    while (list) {
        struct index_entry *next = list->next;
        if (!x->saver || !index_saver_take(x->saver, list))
            index_entry_free(list);
        list = next;
    }
}

static struct index_entry *pin(struct indexes *x, int64_t tenant_id)
{
    pthread_mutex_lock(&x->mutex);
    struct index_entry *e = find_or_add(x, tenant_id);
    if (e) {
        e->users++;
        e->last_use = ++x->clock;
    }
    pthread_mutex_unlock(&x->mutex);
    return e;
}

void indexes_unpin(struct indexes *x, struct index_entry *e, const size_t *kept_bytes)
{
    pthread_mutex_lock(&x->mutex);
    e->users--;
    if (kept_bytes) {
        x->bytes += *kept_bytes - e->kept_bytes;
        e->kept_bytes = *kept_bytes;
    }
    struct index_entry *surplus = take_surplus(x);
    pthread_mutex_unlock(&x->mutex);
    free_list(x, surplus);
}

static void account(struct indexes *x, struct index_entry *e, size_t bytes, size_t kept_bytes)
{
    pthread_mutex_lock(&x->mutex);
    x->bytes += bytes + kept_bytes - e->bytes - e->kept_bytes;
    e->bytes = bytes;
    e->kept_bytes = kept_bytes;
    struct index_entry *surplus = take_surplus(x);
    pthread_mutex_unlock(&x->mutex);
    free_list(x, surplus);
}

/* ---- building anew ---- */

struct renewal {
    struct indexes *x;
    struct index_entry *entry; /* pinned */
    struct tenant tenant;
};

static void end_renewal(struct renewal *r, bool done)
{
    pthread_mutex_lock(&r->x->mutex);
    r->entry->renewing = false;
    r->entry->renew_after_ms = done ? 0 : sys_mono_ms() + RENEW_AGAIN_MS;
    r->x->renewed += done;
    pthread_mutex_unlock(&r->x->mutex);
    indexes_unpin(r->x, r->entry, NULL);
    free(r);
}

/* Under the mutex. */
static void lose_snapshot(struct index_entry *e)
{
    e->saved.exists = false;
    e->saved.forgotten++;
}

/* The index in use now may be worth a snapshot that the one before was not; that of another model is of no use to it, and one from before its vectors were
 * divided is to be written again, though it may stay until then. Write lock. */
static void note_replaced(struct indexes *x, struct index_entry *e, bool other_model, bool divided)
{
    bool complete = index_entry_complete(e);
    pthread_mutex_lock(&x->mutex);
    if (other_model || divided)
        lose_snapshot(e);
    e->saved.complete = complete;
    e->saved.chunks = lexical_chunks(e->lexical);
    e->saved.changed_ms = sys_mono_ms();
    pthread_mutex_unlock(&x->mutex);
    if (other_model && x->snapshots)
        snapshots_forget(x->snapshots, e->tenant_id);
}

/* What is in use now; false when the rows belong to another epoch than the index, which will be built anew by the next search then. */
static bool replace(struct renewal *r, struct index_entry *fresh)
{
    struct index_entry *e = r->entry;
    pthread_rwlock_wrlock(&e->lock);
    bool same = e->lexical && e->epoch == fresh->epoch;
    if (same) {
        bool other_model = strcmp(e->model.text, fresh->model.text) != 0, divided = !dense_divided(e->dense) && dense_divided(fresh->dense);
        index_entry_swap(e, fresh);
        note_replaced(r->x, e, other_model, divided);
    }
    size_t bytes = index_entry_bytes(e), kept_bytes = index_entry_kept_bytes(e);
    pthread_rwlock_unlock(&e->lock);
    account(r->x, e, bytes, kept_bytes);
    return same;
}

static void renew(void *arg)
{
    struct renewal *r = arg;
    struct index_entry *fresh = index_entry_new(r->tenant.id, r->x->encoders);
    if (fresh)
        fresh->stop = &r->x->stopping;
    bool built = fresh && index_entry_update(fresh, r->x->db, &r->tenant, NULL);
    if (built)
        index_entry_divide(fresh);
    /* Once more what has changed meanwhile, so that the next search has little to add. */
    built = built && index_entry_update(fresh, r->x->db, &r->tenant, NULL);
    bool done = built && replace(r, fresh);
    index_entry_free(fresh);
    if (!built && !atomic_load(&r->x->stopping))
        log_event(LOG_WARN, "an index could not be built anew", log_int("tenant", r->tenant.id));
    end_renewal(r, done);
}

static void begin_renewal(struct indexes *x, struct index_entry *e, const struct tenant *tenant)
{
    struct renewal *r = malloc(sizeof *r);
    if (!r)
        return;
    *r = (struct renewal){x, e, *tenant};
    pthread_mutex_lock(&x->mutex);
    bool now = !atomic_load(&x->stopping) && !e->renewing && sys_mono_ms() >= e->renew_after_ms && pool_submit(x->renewals, renew, r);
    if (now) {
        e->renewing = true;
        e->users++;
    }
    pthread_mutex_unlock(&x->mutex);
    if (!now)
        free(r);
}

/* ---- opening ---- */

/* What an update means for the snapshot: whether the index still is one's worth, and whether the file may stay. */
static void note_update(struct indexes *x, struct index_entry *e, bool ok, bool was_empty, bool loaded)
{
    bool outlived = e->outlived, complete = ok && index_entry_complete(e);
    size_t chunks = ok ? lexical_chunks(e->lexical) : 0;
    pthread_mutex_lock(&x->mutex);
    if (loaded && ok)
        e->saved = (struct saved){.exists = true, .then = chunks, .forgotten = e->saved.forgotten};
    if (outlived)
        lose_snapshot(e);
    e->saved.complete = complete;
    e->saved.chunks = chunks;
    e->saved.changed_ms = sys_mono_ms();
    x->loads[INDEX_FROM_SNAPSHOT] += was_empty && ok && loaded;
    x->loads[INDEX_FROM_ROWS] += was_empty && ok && !loaded;
    pthread_mutex_unlock(&x->mutex);
    if (outlived && x->snapshots)
        snapshots_forget(x->snapshots, e->tenant_id);
}

/* An empty one from its snapshot first, if it has one. Write lock. */
static bool update(struct indexes *x, struct index_entry *e, const struct tenant *tenant, struct problem *problem)
{
    if (index_entry_current(e, tenant))
        return true;
    bool empty = !e->lexical, loaded = empty && x->snapshots && index_entry_load(e, x->snapshots, x->db, tenant);
    bool ok = index_entry_update(e, x->db, tenant, problem);
    note_update(x, e, ok, empty, loaded);
    return ok;
}

bool indexes_bring_up_to_date(struct indexes *x, struct index_entry *e, const struct tenant *tenant, struct problem *problem)
{
    pthread_rwlock_wrlock(&e->lock);
    bool ok = update(x, e, tenant, problem);
    size_t bytes = index_entry_bytes(e), kept_bytes = index_entry_kept_bytes(e);
    bool worn = index_entry_worn(e);
    pthread_rwlock_unlock(&e->lock);
    account(x, e, bytes, kept_bytes);
    if (worn)
        begin_renewal(x, e, tenant);
    return ok;
}

struct index_entry *indexes_open(struct indexes *x, const struct tenant *tenant, struct problem *problem)
{
    struct index_entry *e = pin(x, tenant->id);
    if (!e) {
        problem_db(problem, DB_ERROR);
        return NULL;
    }
    for (int tries = 0; tries < OPEN_TRIES; tries++) {
        pthread_rwlock_rdlock(&e->lock);
        if (index_entry_current(e, tenant)) {
            if (e->outmoded) /* and no change may come that would begin it */
                begin_renewal(x, e, tenant);
            return e;
        }
        pthread_rwlock_unlock(&e->lock);
        if (!indexes_bring_up_to_date(x, e, tenant, problem)) {
            indexes_unpin(x, e, NULL);
            return NULL;
        }
    }
    /* Only with requests of different epochs side by side, or a database that has not caught up with what another node committed. */
    indexes_unpin(x, e, NULL);
    problem_set(problem, PROBLEM_UNAVAILABLE, "", "The search index is being rebuilt. Try again in a moment.");
    if (problem)
        problem->retry_after_s = UNAVAILABLE_RETRY_S;
    return NULL;
}

void indexes_close(struct indexes *x, struct index_entry *e)
{
    if (!e)
        return;
    size_t kept_bytes = index_entry_kept_bytes(e);
    pthread_rwlock_unlock(&e->lock);
    indexes_unpin(x, e, &kept_bytes);
}

bool indexes_encoder(struct indexes *x, const struct tenant *tenant, struct embedder **encoder, struct problem *problem)
{
    struct index_entry *e = indexes_open(x, tenant, problem);
    if (e)
        *encoder = encoders_share(x->encoders, e->encoder);
    indexes_close(x, e);
    return e != NULL;
}

void indexes_held(struct indexes *x, size_t *entries, size_t *bytes)
{
    pthread_mutex_lock(&x->mutex);
    *entries = map_count(x->entries);
    *bytes = x->bytes;
    pthread_mutex_unlock(&x->mutex);
}

uint64_t indexes_evicted(struct indexes *x)
{
    pthread_mutex_lock(&x->mutex);
    uint64_t n = x->evicted;
    pthread_mutex_unlock(&x->mutex);
    return n;
}

uint64_t indexes_loads(struct indexes *x, enum index_from from)
{
    pthread_mutex_lock(&x->mutex);
    uint64_t n = x->loads[from];
    pthread_mutex_unlock(&x->mutex);
    return n;
}

uint64_t indexes_renewed(struct indexes *x)
{
    pthread_mutex_lock(&x->mutex);
    uint64_t n = x->renewed;
    pthread_mutex_unlock(&x->mutex);
    return n;
}
