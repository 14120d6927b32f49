/* The database: one small interface, written once, run on two engines (SQLite now, PostgreSQL beside it). Who uses it does not know which.
 *
 * A db is a set of connections. A thread acquires one for a few statements and gives it back; it never keeps one while it waits for anything else.
 * SQL is integers (bigint), text and bytea only; parameters are written $1, $2 … and mean the same on both engines; see migrations/README.md for the rules. */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/arena.h"

struct db;
struct db_conn;
struct db_stmt;

enum db_status {
    DB_OK,       /* done */
    DB_ROW,      /* db_step: a row is there */
    DB_RETRY,    /* busy or serialisation failure: run the whole transaction again (db_transact does) */
    DB_CONFLICT, /* a unique or foreign key is violated */
    DB_FULL,     /* disk or quota full */
    DB_ERROR     /* anything else; logged with the statement's name */
};

enum db_access { DB_READ, DB_WRITE };

/* A statement of the product: constant text with a name for logs. All of them stand in the lists of store/statements.h. */
struct db_statement {
    const char *name;
    const char *sql;
};

/* A driver. Only main.c names one. */
struct db_engine;
extern const struct db_engine db_sqlite;

struct db_options {
    unsigned readers;    /* connections for reading, default 4 */
    int busy_timeout_ms; /* default 5000 */
};

/* Opens (SQLite: a file path, made when absent, mode 0600; WAL, synchronous=FULL, foreign_keys on). NULL with a sentence in why. Caller: db_close. */
struct db *db_open(const struct db_engine *engine, const char *location, const struct db_options *options, char *why, size_t why_size);
void db_close(struct db *db);
/* Bytes that it takes on disk; 0 when unknown. */
int64_t db_size(const struct db *db);
/* A number that changes whenever something may have been written: rows that were read after it was asked for are as they were while it is the same. Before a
 * write returns to its caller the number is another. 0: it cannot be told, since other processes may write. */
uint64_t db_mark(struct db *db);
/* Brings the schema to the newest numbered migration, each in its own transaction; refuses a database that is newer than the program. false with a sentence in
 * why. */
bool db_migrate(struct db *db, char *why, size_t why_size);

/* Statements that belong together; see db_transact. */
typedef enum db_status db_body(struct db_conn *c, void *context);

/* Copies the database at location, while others may be writing to it, as one consistent snapshot into a new file: complete, synced and readable by its owner alone
 * when the name appears. False with a sentence in why: the file is there already, there is no database, the disk is full. */
bool db_backup(const struct db_engine *engine, const char *location, const char *file, char *why, size_t why_size);
/* Puts a backup in the place of the database at location (in a folder that is there). The backup is left as it is; its copy is checked, brought to the newest schema,
 * changed by body in a transaction, and only then takes the place; the old database is kept beside it as LOCATION.before-TIME. False with a sentence in why, and
 * everything as it was: the database is in use, the backup is damaged, newer than the program or none. */
bool db_restore(const struct db_engine *engine, const char *location, const char *file, db_body *body, void *context, char *why, size_t why_size);

/* A connection for this thread; waits in line while all are in use, at most 10 s, then NULL. DB_WRITE on SQLite is the one writer. Give it back with
 * db_release. */
struct db_conn *db_acquire(struct db *db, enum db_access access);
void db_release(struct db_conn *c);

/* A write transaction: begin, body, commit; body's result other than DB_OK rolls back. Runs at most 8 times while the result is DB_RETRY, with a growing
 * pause. body must have no effect outside the database. DB_RETRY when no connection became free or every try failed. */
enum db_status db_transact(struct db *db, db_body *body, void *context);
/* A read of one consistent snapshot: the same with DB_READ, not repeated. */
enum db_status db_snapshot(struct db *db, db_body *body, void *context);

/* The prepared form of a statement on this connection (kept for the next time), reset and with all parameters null; NULL on error (logged). One use at a time. */
struct db_stmt *db_prepare(struct db_conn *c, const struct db_statement *statement);
/* Parameters are numbered from 1 as in $1 and bound once. Text and blob bytes must stay until db_end; a span with p == NULL binds null. Text is UTF-8 without
 * NUL, as PostgreSQL wants it; anything else, and a number that the statement lacks, makes db_step give DB_ERROR. A NULL s is ignored. */
void db_bind_int(struct db_stmt *s, int parameter, int64_t value);
void db_bind_text(struct db_stmt *s, int parameter, struct span value);
void db_bind_blob(struct db_stmt *s, int parameter, struct span value);
void db_bind_null(struct db_stmt *s, int parameter);
/* The next row (DB_ROW) or the end (DB_OK), which further steps repeat. A NULL s gives DB_ERROR. */
enum db_status db_step(struct db_stmt *s);
/* Columns of the current row from 0; null reads as 0 or a span with p == NULL. Spans are borrowed until the next step. */
int64_t db_int(struct db_stmt *s, int column);
struct span db_text(struct db_stmt *s, int column);
struct span db_blob(struct db_stmt *s, int column);
bool db_is_null(struct db_stmt *s, int column);
/* Ends the use of a statement; every db_prepare is followed by one. NULL is allowed. */
void db_end(struct db_stmt *s);
/* For statements without rows: steps to the end, ends the use; *changed (may be NULL) gets the number of rows written. A NULL s gives DB_ERROR. */
enum db_status db_run(struct db_stmt *s, int64_t *changed);

#endif
