/* What a driver gives the database, and the parts of connection and statement that all drivers share. For the files of db/ and their tests only. */
#ifndef DB_ENGINE_H
#define DB_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "db/db.h"

/* Changes the copy of a backup, a database at location that nobody else knows; false with a sentence in why. */
typedef bool db_adapt(const char *location, void *context, char *why, size_t why_size);

enum { DB_PARAMETERS_MAX = 40, DB_CACHE_SLOTS = 64 };

/* A driver. `struct db_conn` and `struct db_stmt` are the first members of the driver's own structs. A driver logs its errors, by the statement's name and
 * never with values, and keeps no state outside what it is handed. Every function but open and close is called by one thread at a time for one connection. */
struct db_engine {
    const char *name;
    unsigned writers; /* connections that may write at the same time */
    bool alone;       /* while it is open no other process writes */

    /* Takes hold of the place and keeps what it needs in db->place; false with a sentence in why. close gives it back. */
    bool (*open)(struct db *db, const char *location, char *why, size_t why_size);
    void (*close)(struct db *db);
    /* db_backup and db_restore, which say what they do; the database at location is not open here. adapt is called with the checked copy. */
    bool (*backup)(const char *location, const char *file, char *why, size_t why_size);
    bool (*restore)(const char *location, const char *file, db_adapt *adapt, void *context, char *why, size_t why_size);
    /* Bytes that it takes on disk; 0 when unknown. */
    int64_t (*size)(const struct db *db);
    /* A connection with `db` and `access` set; NULL with a sentence in why. */
    struct db_conn *(*connect)(struct db *db, enum db_access access, char *why, size_t why_size);
    void (*disconnect)(struct db_conn *c);

    enum db_status (*begin)(struct db_conn *c);
    enum db_status (*commit)(struct db_conn *c);
    /* Leaves the connection without a transaction, whatever happened before. */
    void (*rollback)(struct db_conn *c);
    /* Runs the statements of a migration, without parameters or rows; on failure a sentence in why. */
    enum db_status (*exec)(struct db_conn *c, const char *sql, char *why, size_t why_size);

    struct db_stmt *(*prepare)(struct db_conn *c, const struct db_statement *text);
    void (*finalize)(struct db_stmt *s);
    /* The parameter is from 1 to DB_PARAMETERS_MAX; a span's bytes stay until reset. */
    enum db_status (*bind_int)(struct db_stmt *s, int parameter, int64_t value);
    enum db_status (*bind_text)(struct db_stmt *s, int parameter, struct span value);
    enum db_status (*bind_blob)(struct db_stmt *s, int parameter, struct span value);
    enum db_status (*step)(struct db_stmt *s);
    int64_t (*column_int)(struct db_stmt *s, int column);
    struct span (*column_text)(struct db_stmt *s, int column);
    struct span (*column_blob)(struct db_stmt *s, int column);
    bool (*column_is_null)(struct db_stmt *s, int column);
    /* Rows written by the statement that has just ended. */
    int64_t (*changes)(struct db_stmt *s);
    /* Back to before the first row, all parameters null. */
    void (*reset)(struct db_stmt *s);
};

struct db_conn {
    struct db *db;
    enum db_access access;
    bool in_transaction;
    unsigned in_use;      /* statements prepared and not yet ended */
    struct db_conn *next; /* in the pool's lists */
    struct db_stmt *cache[DB_CACHE_SLOTS];
};

struct db_stmt {
    struct db_conn *conn;
    const struct db_statement *text;
    struct db_stmt *next; /* in its slot of the cache */
    bool in_use;
    bool done; /* no more rows, or an error: `status` says which, and is what further steps give */
    enum db_status status;
};

struct waiter;

/* Connections of one access. Who finds none waits in line and is handed one by its giver. */
struct db_pool {
    pthread_mutex_t lock;
    struct db_conn *idle;
    struct waiter *first, *last;
};

struct db {
    const struct db_engine *engine;
    struct db_options options;
    void *place;             /* the driver's */
    _Atomic uint64_t writes; /* from 1; counted up whenever a connection that may write is given back */
    struct db_pool pools[2];
};

/* db_pool.c. */
bool db_pool_open(struct db *db, enum db_access access, unsigned count, char *why, size_t why_size);
void db_pool_close(struct db *db, enum db_access access);

/* db_statement.c: ends statements that were left in use; finalizes all. */
void db_statements_end(struct db_conn *c);
void db_statements_free(struct db_conn *c);

/* A step of the schema; db_migrations is made by the build from migrations/NNN_name.sql. */
struct db_migration {
    int version; /* from 1, without gaps */
    const char *name;
    const char *sql;
};
extern const struct db_migration db_migrations[];
extern const size_t db_migrations_count;
/* db_migrate with a list of one's own. */
bool db_migrate_list(struct db *db, const struct db_migration *list, size_t count, char *why, size_t why_size);

#endif
