/* One thread with a short queue writes the times of use. A small table of what was queued lately keeps many requests of one key from queueing the
 * same; two keys that share a slot cost a write more, no harm. */
#include "app/key_uses.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/pool.h"
#include "store/account.h"

enum { SLOTS = 1024, QUEUE_MAX = 64, PAUSE_MS = 60000 };

struct slot {
    int64_t key_id, at;
};

struct key_uses {
    struct db *db;
    struct pool *writer;
    pthread_mutex_t lock;
    struct slot slots[SLOTS]; /* under lock */
};

struct use {
    struct key_uses *uses;
    struct tenant tenant;
    int64_t key_id, at;
};

struct key_uses *key_uses_new(struct db *db)
{
    struct key_uses *u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    u->db = db;
    if (pthread_mutex_init(&u->lock, NULL) == 0) {
        u->writer = pool_new("key-uses", 1, QUEUE_MAX);
        if (u->writer)
            return u;
        pthread_mutex_destroy(&u->lock);
    }
    free(u);
    return NULL;
}

void key_uses_free(struct key_uses *u)
{
    if (!u)
        return;
    pool_free(u->writer);
    pthread_mutex_destroy(&u->lock);
    free(u);
}

static enum db_status write_use(struct db_conn *c, void *context)
{
    const struct use *use = context;
    return store_api_key_used(&use->tenant, c, use->key_id, use->at);
}

/* A lost note of use is no fault of anybody's; the database has logged why. */
static void run_use(void *arg)
{
    struct use *use = arg;
    db_transact(use->uses->db, write_use, use);
    free(use);
}

/* Whether it is this caller's turn to write. */
static bool take_turn(struct key_uses *u, int64_t key_id, int64_t now_ms)
{
    struct slot *s = &u->slots[(uint64_t)key_id % SLOTS];
    pthread_mutex_lock(&u->lock);
    bool turn = s->key_id != key_id || now_ms - s->at >= PAUSE_MS;
    if (turn)
        *s = (struct slot){key_id, now_ms};
    pthread_mutex_unlock(&u->lock);
    return turn;
}

void key_uses_note(struct key_uses *u, const struct tenant *tenant, int64_t key_id, int64_t last_ms, int64_t now_ms)
{
    if (now_ms - last_ms < PAUSE_MS || !take_turn(u, key_id, now_ms))
        return;
    struct use *use = malloc(sizeof *use);
    if (!use)
        return;
    *use = (struct use){u, *tenant, key_id, now_ms};
    if (!pool_submit(u->writer, run_use, use))
        free(use);
}
