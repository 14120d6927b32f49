/* Opening and closing a database, and its transactions: what is the same for every driver. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/sys.h"
#include "db/engine.h"

enum { READERS = 4, READERS_MAX = 64, BUSY_TIMEOUT_MS = 5000, TRIES = 8 };

static bool open_pools(struct db *db, char *why, size_t why_size)
{
    if (!db_pool_open(db, DB_WRITE, db->engine->writers, why, why_size))
        return false;
    if (db_pool_open(db, DB_READ, db->options.readers, why, why_size))
        return true;
    db_pool_close(db, DB_WRITE);
    return false;
}

struct db *db_open(const struct db_engine *engine, const char *location, const struct db_options *options, char *why, size_t why_size)
{
    struct db *db = calloc(1, sizeof *db);
    if (!db) {
        snprintf(why, why_size, "There is no memory to open the database.");
        return NULL;
    }
    db->engine = engine;
    db->writes = 1;
    if (options)
        db->options = *options;
    if (db->options.readers == 0)
        db->options.readers = READERS;
    if (db->options.readers > READERS_MAX)
        db->options.readers = READERS_MAX;
    if (db->options.busy_timeout_ms <= 0)
        db->options.busy_timeout_ms = BUSY_TIMEOUT_MS;
    if (!engine->open(db, location, why, why_size)) {
        free(db);
        return NULL;
    }
    if (!open_pools(db, why, why_size)) {
        engine->close(db);
        free(db);
        return NULL;
    }
    return db;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db_pool_close(db, DB_READ);
    db_pool_close(db, DB_WRITE);
    db->engine->close(db);
    free(db);
}

int64_t db_size(const struct db *db)
{
    return db->engine->size(db);
}

uint64_t db_mark(struct db *db)
{
    return db->engine->alone ? atomic_load(&db->writes) : 0;
}

/* One try: begin, body, commit; anything but DB_OK leaves no trace. */
static enum db_status attempt(struct db_conn *c, db_body *body, void *context)
{
    const struct db_engine *engine = c->db->engine;
    enum db_status status = engine->begin(c);
    if (status != DB_OK)
        return status;
    c->in_transaction = true;
    status = body(c, context);
    if (status == DB_ROW)
        status = DB_ERROR;
    db_statements_end(c);
    if (status == DB_OK)
        status = engine->commit(c);
    if (status != DB_OK)
        engine->rollback(c);
    c->in_transaction = false;
    return status;
}

/* 2, 4, 8 … ms and up to as much again by chance, so that two rivals do not meet a second time. */
static void pause_before(unsigned retry)
{
    int64_t ms = (int64_t)1 << retry;
    ms += (int64_t)(sys_random_u64() % (uint64_t)ms);
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

enum db_status db_transact(struct db *db, db_body *body, void *context)
{
    for (unsigned tries = 0; tries < TRIES; tries++) {
        if (tries > 0)
            pause_before(tries);
        struct db_conn *c = db_acquire(db, DB_WRITE);
        if (!c)
            return DB_RETRY;
        enum db_status status = attempt(c, body, context);
        db_release(c);
        if (status != DB_RETRY)
            return status;
    }
    log_event(LOG_WARN, "transaction given up", log_int("tries", TRIES));
    return DB_RETRY;
}

enum db_status db_snapshot(struct db *db, db_body *body, void *context)
{
    struct db_conn *c = db_acquire(db, DB_READ);
    if (!c)
        return DB_RETRY;
    enum db_status status = attempt(c, body, context);
    db_release(c);
    return status;
}
