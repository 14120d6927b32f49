/* A table of what is open beside the server's own encoder, by name and with a count of users. */
#include "app/encoders.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "store/account.h"

enum { PLACES = 4, STATE_BYTES = 16 << 10, REASON = 512, AGAIN_MS = 60000 };

/* Of the server's state: the model that vectors are to come from, and for each one by name where its weight file lay. */
static const char target_key[] = "encoder";
#define FILE_KEY "encoder-file/%s"

struct place {
    struct model_name name;    /* "": free */
    struct embedder *embedder; /* NULL: it could not be opened … */
    int64_t again_ms;          /* … and until then (of the monotonic clock) nobody tries again */
    size_t users;
};

struct encoders {
    struct db *db;
    struct embedder *own;
    pthread_mutex_t lock;
    struct place places[PLACES]; /* under lock */
};

static void file_key(const char *model, char out[128])
{
    snprintf(out, 128, FILE_KEY, model);
}

static bool is_name(const struct model_name *name, struct span text)
{
    return span_eq(span_of(name->text), text);
}

static bool name_from(struct span text, struct model_name *name)
{
    *name = (struct model_name){""};
    if (text.n >= sizeof name->text)
        return false;
    memcpy(name->text, text.p, text.n);
    return true;
}

/* ---- what the database says ---- */

struct record {
    struct span model, file;
    struct model_name before; /* the target until then */
};

static enum db_status write_record(struct db_conn *c, void *context)
{
    struct record *r = context;
    char key[128];
    struct span before = SPAN("");
    struct arena *arena = arena_new(STATE_BYTES);
    file_key(r->model.p, key);
    enum db_status status = arena ? store_server_state(c, target_key, r->model, arena, &before) : DB_ERROR;
    if (status == DB_OK)
        status = store_server_state_put(c, target_key, r->model);
    if (status == DB_OK)
        status = store_server_state_put(c, key, r->file);
    name_from(before, &r->before);
    arena_free(arena);
    return status;
}

/* The newest start wins: whatever another server that uses the database was started with, it follows. */
static bool record(const struct encoders *e, const char *path)
{
    char *whole = realpath(path, NULL);
    struct record r = {.model = embedder_name(e->own), .file = span_of(whole ? whole : path)};
    bool ok = db_transact(e->db, write_record, &r) == DB_OK;
    if (ok && !is_name(&r.before, r.model))
        log_event(LOG_INFO, "the encoder is another one", log_str("before", r.before.text), log_str("now", r.model.p));
    free(whole);
    return ok;
}

struct lookup {
    const char *key;
    char value[4096];
};

static enum db_status read_state(struct db_conn *c, void *context)
{
    struct lookup *l = context;
    struct span value = SPAN("");
    bool found = false;
    struct arena *arena = arena_new(STATE_BYTES);
    enum db_status status = arena ? store_server_state_get(c, l->key, arena, &value, &found) : DB_ERROR;
    if (found && value.n < sizeof l->value)
        memcpy(l->value, value.p, value.n);
    arena_free(arena);
    return status;
}

bool encoders_target(struct encoders *e, struct model_name *name)
{
    struct lookup l = {.key = target_key};
    return db_snapshot(e->db, read_state, &l) == DB_OK && name_from(span_of(l.value), name) && l.value[0];
}

/* ---- opening and closing ---- */

struct encoders *encoders_new(struct db *db, const char *path, char *why, size_t why_size)
{
    struct encoders *e = calloc(1, sizeof *e);
    if (!e) {
        snprintf(why, why_size, "There is not enough memory to start.");
        return NULL;
    }
    e->db = db;
    pthread_mutex_init(&e->lock, NULL);
    e->own = embedder_open(path, why, why_size);
    if (e->own && record(e, path))
        return e;
    if (e->own)
        snprintf(why, why_size, "The database cannot be written; the log says why.");
    encoders_free(e);
    return NULL;
}

void encoders_free(struct encoders *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < PLACES; i++)
        embedder_close(e->places[i].embedder);
    embedder_close(e->own);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

struct embedder *encoders_own(const struct encoders *e)
{
    return e ? e->own : NULL;
}

/* NULL with a sentence in why, unless the file holds what is wanted. */
static struct embedder *open_former(struct encoders *e, const struct model_name *name, struct lookup *file, char why[REASON])
{
    char key[128];
    file_key(name->text, key);
    *file = (struct lookup){.key = key};
    snprintf(why, REASON, "Nobody knows where its weight file lay.");
    if (db_snapshot(e->db, read_state, file) != DB_OK || !file->value[0])
        return NULL;
    struct embedder *opened = embedder_open(file->value, why, REASON);
    if (opened && is_name(name, embedder_name(opened)))
        return opened;
    if (opened)
        snprintf(why, REASON, "The file holds another model now.");
    embedder_close(opened);
    return NULL;
}

/* ---- under the lock ---- */

static struct place *find(struct encoders *e, const struct model_name *name)
{
    for (size_t i = 0; i < PLACES; i++)
        if (strcmp(e->places[i].name.text, name->text) == 0)
            return &e->places[i];
    return NULL;
}

/* For a name that has none: one that holds nothing open. */
static struct place *find_room(struct encoders *e)
{
    for (size_t i = 0; i < PLACES; i++)
        if (!e->places[i].embedder)
            return &e->places[i];
    return NULL;
}

/* *known: what is returned counts. */
static struct embedder *take_known(struct encoders *e, const struct model_name *name, bool *known)
{
    struct place *p = find(e, name);
    *known = p && (p->embedder || sys_mono_ms() < p->again_ms);
    if (!*known || !p->embedder)
        return NULL;
    p->users++;
    return p->embedder;
}

/* Another thread may have been faster; what is too much then is left in *surplus. */
static struct embedder *keep(struct encoders *e, const struct model_name *name, struct embedder *opened, struct embedder **surplus)
{
    bool known;
    struct embedder *taken = take_known(e, name, &known);
    struct place *p = find(e, name);
    if (!taken && (p || (p = find_room(e)))) {
        *p = (struct place){.name = *name, .embedder = opened, .again_ms = sys_mono_ms() + AGAIN_MS, .users = opened != NULL};
        return opened;
    }
    *surplus = opened;
    return taken;
}

/* ---- users ---- */

static void log_missing(const struct model_name *name, const char *file, const char *why)
{
    log_event(LOG_WARN, "an encoder cannot be loaded: what has only its vectors is found by words", log_str("model", name->text), log_str("file", file),
              log_str("reason", why));
}

struct embedder *encoders_take(struct encoders *e, const struct model_name *name)
{
    bool known;
    if (!e || !name->text[0])
        return NULL;
    if (is_name(name, embedder_name(e->own)))
        return e->own;
    pthread_mutex_lock(&e->lock);
    struct embedder *taken = take_known(e, name, &known);
    pthread_mutex_unlock(&e->lock);
    if (known)
        return taken;
    char why[REASON];
    struct lookup file;
    struct embedder *surplus = NULL, *opened = open_former(e, name, &file, why);
    if (!opened)
        log_missing(name, file.value, why);
    pthread_mutex_lock(&e->lock);
    taken = keep(e, name, opened, &surplus);
    pthread_mutex_unlock(&e->lock);
    embedder_close(surplus);
    return taken;
}

static struct place *place_of(struct encoders *e, const struct embedder *taken)
{
    size_t i = 0;
    while (e->places[i].embedder != taken)
        i++;
    return &e->places[i];
}

void encoders_give(struct encoders *e, struct embedder *taken)
{
    if (!taken || taken == e->own)
        return;
    pthread_mutex_lock(&e->lock);
    struct place *p = place_of(e, taken);
    bool last = --p->users == 0;
    if (last)
        *p = (struct place){.name = {""}};
    pthread_mutex_unlock(&e->lock);
    if (last)
        embedder_close(taken);
}

struct embedder *encoders_share(struct encoders *e, struct embedder *taken)
{
    if (!taken || taken == e->own)
        return taken;
    pthread_mutex_lock(&e->lock);
    place_of(e, taken)->users++;
    pthread_mutex_unlock(&e->lock);
    return taken;
}

size_t encoders_open_count(struct encoders *e)
{
    size_t count = e != NULL;
    if (!e)
        return 0;
    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < PLACES; i++)
        count += e->places[i].embedder != NULL;
    pthread_mutex_unlock(&e->lock);
    return count;
}
