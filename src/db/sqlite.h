/* What the files of the SQLite driver share: connections are in sqlite.c, statements in sqlite_statement.c, copies in sqlite_backup.c. */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include <sqlite3.h>

#include "db/engine.h"

struct sqlite_conn {
    struct db_conn base;
    sqlite3 *handle;
};

struct sqlite_stmt {
    struct db_stmt base;
    sqlite3_stmt *handle;
    unsigned char index[DB_PARAMETERS_MAX + 1]; /* SQLite's number of parameter $n; 0: not in the text */
};

/* What an SQLite result code means here; errors are logged under `name`. */
enum db_status sqlite_status(struct sqlite_conn *c, int code, const char *name);

/* Takes the lock that one process at a time holds on the database at location; the descriptor to close, or -1 with a sentence in why. */
int sqlite_lock(const char *location, char *why, size_t why_size);
/* Makes the names in path's folder last; false with errno. */
bool sqlite_sync_folder_of(const char *path);

/* sqlite_backup.c. */
bool sqlite_backup(const char *location, const char *file, char *why, size_t why_size);
bool sqlite_restore(const char *location, const char *file, db_adapt *adapt, void *context, char *why, size_t why_size);

struct db_stmt *sqlite_prepare(struct db_conn *c, const struct db_statement *text);
void sqlite_finalize(struct db_stmt *s);
enum db_status sqlite_bind_integer(struct db_stmt *s, int parameter, int64_t value);
enum db_status sqlite_bind_string(struct db_stmt *s, int parameter, struct span value);
enum db_status sqlite_bind_bytes(struct db_stmt *s, int parameter, struct span value);
enum db_status sqlite_step(struct db_stmt *s);
int64_t sqlite_integer(struct db_stmt *s, int column);
struct span sqlite_string(struct db_stmt *s, int column);
struct span sqlite_bytes(struct db_stmt *s, int column);
bool sqlite_is_null(struct db_stmt *s, int column);
int64_t sqlite_changed(struct db_stmt *s);
void sqlite_reset(struct db_stmt *s);

#endif
