/* The SQLite driver, connections: one file in WAL mode with every commit synced, one connection that writes and a few that read, one process at a time. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "db/sqlite.h"

enum { PLACE_MAX = 4096 };

struct place {
    char path[PLACE_MAX];
    int lock; /* held by flock until close: leases are freed at start, so a second process would work on the same jobs */
};

static bool is_conflict(int code)
{
    return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_FOREIGNKEY;
}

static bool is_full(struct sqlite_conn *c, int code)
{
    int primary = code & 0xff, cause = sqlite3_system_errno(c->handle);
    if (primary == SQLITE_FULL)
        return true;
    return (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) && (cause == ENOSPC || cause == EDQUOT || cause == EFBIG);
}

enum db_status sqlite_status(struct sqlite_conn *c, int code, const char *name)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
        return DB_OK;
    case SQLITE_ROW:
        return DB_ROW;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return DB_RETRY;
    default:
        break;
    }
    if (is_conflict(code))
        return DB_CONFLICT;
    bool full = is_full(c, code);
    log_event(LOG_ERROR, full ? "database full" : "database error", log_str("statement", name), log_str("error", sqlite3_errstr(code)), log_int("code", code));
    return full ? DB_FULL : DB_ERROR;
}

/* ---- the file ---- */

bool sqlite_sync_folder_of(const char *path)
{
    char folder[PLACE_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Makes the file before SQLite does, readable by the owner alone; its log and index files take over the mode. */
static bool make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    close(fd);
    return sqlite_sync_folder_of(path);
}

static int try_lock(const char *path)
{
    char name[PLACE_MAX + 8];
    snprintf(name, sizeof name, "%s.lock", path);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return -1;
}

int sqlite_lock(const char *location, char *why, size_t why_size)
{
    if (strlen(location) >= PLACE_MAX) {
        snprintf(why, why_size, "The path of the database is too long.");
        return -1;
    }
    int lock = try_lock(location);
    if (lock < 0 && errno == EWOULDBLOCK)
        snprintf(why, why_size, "The database %s is in use by another process: stop that one first.", location);
    else if (lock < 0)
        snprintf(why, why_size, "The database %s cannot be opened: %s.", location, strerror(errno));
    return lock;
}

static bool open_place(struct db *db, const char *location, char *why, size_t why_size)
{
    struct place *place = calloc(1, sizeof *place);
    if (!place) {
        snprintf(why, why_size, "There is no memory to open the database.");
        return false;
    }
    place->lock = sqlite_lock(location, why, why_size);
    if (place->lock >= 0 && make_file(location)) {
        memcpy(place->path, location, strlen(location) + 1);
        db->place = place;
        return true;
    }
    if (place->lock >= 0) {
        snprintf(why, why_size, "The database %s cannot be opened: %s.", location, strerror(errno));
        close(place->lock);
    }
    free(place);
    return false;
}

static void close_place(struct db *db)
{
    struct place *place = db->place;
    close(place->lock);
    free(place);
    db->place = NULL;
}

/* The file and its log. */
static int64_t place_size(const struct db *db)
{
    const struct place *place = db->place;
    char log[PLACE_MAX + 8];
    struct stat st;
    int64_t bytes = stat(place->path, &st) == 0 ? st.st_size : 0;
    snprintf(log, sizeof log, "%s-wal", place->path);
    return stat(log, &st) == 0 ? bytes + st.st_size : bytes;
}

/* ---- connections ---- */

static const char settings[] = "pragma journal_mode=wal;"
                               "pragma synchronous=full;"
                               "pragma foreign_keys=on;"
                               "pragma secure_delete=on;"  /* what a customer deletes is overwritten, also in pages that become free */
                               "pragma temp_store=memory;" /* no customer's text in a file outside the data folder */
                               "pragma trusted_schema=off;"
                               "pragma mmap_size=0;"
                               "pragma cache_size=-2048;"
                               "pragma journal_size_limit=16777216;";

static bool configure(struct sqlite_conn *c, char *why, size_t why_size)
{
    sqlite3_busy_timeout(c->handle, c->base.db->options.busy_timeout_ms);
    int code = sqlite3_exec(c->handle, settings, NULL, NULL, NULL);
    if (code == SQLITE_OK && c->base.access == DB_READ)
        code = sqlite3_exec(c->handle, "pragma query_only=on", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return true;
    snprintf(why, why_size, "The database cannot be used: %s.", sqlite3_errmsg(c->handle));
    return false;
}

static void disconnect(struct db_conn *base)
{
    struct sqlite_conn *c = (struct sqlite_conn *)base;
    sqlite3_close(c->handle);
    free(c);
}

static struct db_conn *connect_file(struct db *db, enum db_access access, char *why, size_t why_size)
{
    const struct place *place = db->place;
    struct sqlite_conn *c = calloc(1, sizeof *c);
    if (!c) {
        snprintf(why, why_size, "There is no memory to open the database.");
        return NULL;
    }
    c->base.db = db;
    c->base.access = access;
    int code = sqlite3_open_v2(place->path, &c->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK)
        snprintf(why, why_size, "The database %s cannot be opened: %s.", place->path, sqlite3_errstr(code));
    else if (configure(c, why, why_size))
        return &c->base;
    disconnect(&c->base);
    return NULL;
}

/* ---- transactions ---- */

static enum db_status run(struct db_conn *base, const char *sql)
{
    struct sqlite_conn *c = (struct sqlite_conn *)base;
    return sqlite_status(c, sqlite3_exec(c->handle, sql, NULL, NULL, NULL), sql);
}

static enum db_status begin(struct db_conn *c)
{
    return run(c, c->access == DB_WRITE ? "begin immediate" : "begin");
}

static enum db_status commit(struct db_conn *c)
{
    return run(c, "commit");
}

/* After some errors SQLite has rolled back by itself. */
static void rollback(struct db_conn *base)
{
    struct sqlite_conn *c = (struct sqlite_conn *)base;
    if (!sqlite3_get_autocommit(c->handle))
        run(base, "rollback");
}

static enum db_status exec(struct db_conn *base, const char *sql, char *why, size_t why_size)
{
    struct sqlite_conn *c = (struct sqlite_conn *)base;
    int code = sqlite3_exec(c->handle, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        snprintf(why, why_size, "%s", sqlite3_errmsg(c->handle));
    return sqlite_status(c, code, "migration");
}

const struct db_engine db_sqlite = {
    .name = "sqlite",
    .writers = 1,
    .alone = true,
    .open = open_place,
    .close = close_place,
    .backup = sqlite_backup,
    .restore = sqlite_restore,
    .size = place_size,
    .connect = connect_file,
    .disconnect = disconnect,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .exec = exec,
    .prepare = sqlite_prepare,
    .finalize = sqlite_finalize,
    .bind_int = sqlite_bind_integer,
    .bind_text = sqlite_bind_string,
    .bind_blob = sqlite_bind_bytes,
    .step = sqlite_step,
    .column_int = sqlite_integer,
    .column_text = sqlite_string,
    .column_blob = sqlite_bytes,
    .column_is_null = sqlite_is_null,
    .changes = sqlite_changed,
    .reset = sqlite_reset,
};
