/* The SQLite driver, backup and restore: a consistent copy of the file while a server writes to it, and a checked one put in its place.
 *
 * A backup needs no lock: it reads one snapshot through a connection of its own, which holds up no writer. A restore needs the lock that a server holds. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "db/sqlite.h"

enum { NAME_MAX_BYTES = 4200 };

static bool name_of(char out[NAME_MAX_BYTES], const char *path, const char *ending, char *why, size_t why_size)
{
    if (snprintf(out, NAME_MAX_BYTES, "%s%s", path, ending) < NAME_MAX_BYTES)
        return true;
    snprintf(why, why_size, "The path of the database or of its backup is too long.");
    return false;
}

/* A new file that only the owner reads, synced when `with` has filled it; removed when that fails. */
static bool make_new(const char *path, bool (*with)(const char *from, const char *path, int fd, char *why, size_t why_size), const char *from, char *why,
                     size_t why_size)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        snprintf(why, why_size, "The file %.300s cannot be made: %s.", path, strerror(errno));
        return false;
    }
    bool ok = with(from, path, fd, why, why_size);
    if (ok && fsync(fd) != 0) {
        snprintf(why, why_size, "The file %.300s cannot be written: %s.", path, strerror(errno));
        ok = false;
    }
    close(fd);
    if (!ok)
        unlink(path);
    return ok;
}

/* ---- backup ---- */

static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    if (!b)
        return sqlite3_errcode(to);
    /* All pages in one step: between steps other processes' writes would begin the copy again. */
    sqlite3_backup_step(b, -1);
    return sqlite3_backup_finish(b);
}

static bool copy_database(const char *from, const char *path, int fd, char *why, size_t why_size)
{
    (void)fd;
    sqlite3 *source = NULL, *target = NULL;
    int code = sqlite3_open_v2(from, &source, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(source, 10000);
        code = sqlite3_exec(target, "pragma journal_mode=off; pragma synchronous=off", NULL, NULL, NULL);
    }
    if (code == SQLITE_OK)
        code = copy_pages(source, target);
    sqlite3_close(target);
    sqlite3_close(source);
    if (code != SQLITE_OK)
        snprintf(why, why_size, "The database %.200s cannot be copied to %.200s: %s.", from, path, sqlite3_errstr(code));
    return code == SQLITE_OK;
}

/* Takes its final name only when it is whole, and only when no file has that name. */
static bool publish(const char *temporary, const char *file, char *why, size_t why_size)
{
    if (link(temporary, file) == 0)
        unlink(temporary);
    else if (errno == EEXIST || rename(temporary, file) != 0) { /* a file system may know no links */
        snprintf(why, why_size, "The backup cannot be given the name %.300s: %s.", file, strerror(errno));
        unlink(temporary);
        return false;
    }
    if (sqlite_sync_folder_of(file))
        return true;
    snprintf(why, why_size, "The folder of %.300s cannot be synced: %s.", file, strerror(errno));
    return false;
}

bool sqlite_backup(const char *location, const char *file, char *why, size_t why_size)
{
    char temporary[NAME_MAX_BYTES], ending[32];
    snprintf(ending, sizeof ending, ".part-%08x", (unsigned)sys_random_u64());
    if (!name_of(temporary, file, ending, why, why_size))
        return false;
    if (access(file, F_OK) == 0) {
        snprintf(why, why_size, "The file %.300s is there already; a backup overwrites nothing.", file);
        return false;
    }
    if (access(location, F_OK) != 0) {
        snprintf(why, why_size, "There is no database %.300s: %s.", location, strerror(errno));
        return false;
    }
    return make_new(temporary, copy_database, location, why, why_size) && publish(temporary, file, why, why_size);
}

/* ---- restore: the checks ---- */

static bool copy_file(const char *from, const char *path, int fd, char *why, size_t why_size)
{
    (void)path;
    int source = open(from, O_RDONLY | O_CLOEXEC);
    bool ok = source >= 0 && file_copy(source, fd);
    if (!ok)
        snprintf(why, why_size, "The backup %.300s cannot be copied into the data folder: %s.", from, strerror(errno));
    if (source >= 0)
        close(source);
    return ok;
}

/* The first value of the first row as text, into out; false when there is none. */
static bool ask(sqlite3 *db, const char *sql, char *out, size_t out_size)
{
    sqlite3_stmt *s = NULL;
    bool row = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
    const unsigned char *text = row ? sqlite3_column_text(s, 0) : NULL;
    snprintf(out, out_size, "%s", text ? (const char *)text : sqlite3_errmsg(db));
    sqlite3_finalize(s);
    return text != NULL;
}

static bool is_sound(const char *path, char *why, size_t why_size)
{
    char answer[200];
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    bool ok = code == SQLITE_OK && ask(db, "pragma integrity_check(1)", answer, sizeof answer) && strcmp(answer, "ok") == 0;
    if (!ok)
        snprintf(why, why_size, "The backup is damaged: %s.", code == SQLITE_OK ? answer : sqlite3_errstr(code));
    else if (!ask(db, "select 1 from sqlite_master where type = 'table' and name = 'schema_migration'", answer, sizeof answer)) {
        snprintf(why, why_size, "The backup is no database of this program.");
        ok = false;
    }
    sqlite3_close(db);
    return ok;
}

/* ---- restore: the change ---- */

static void remove_with_satellites(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock"};
    char name[NAME_MAX_BYTES + 16];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

/* Moves `path``ending` to `aside``ending`; one that is not there counts as moved. */
static bool move(const char *path, const char *aside, const char *ending)
{
    char from[NAME_MAX_BYTES + 16], to[NAME_MAX_BYTES + 16];
    snprintf(from, sizeof from, "%s%s", path, ending);
    snprintf(to, sizeof to, "%s%s", aside, ending);
    return rename(from, to) == 0 || errno == ENOENT;
}

/* NAME.before-20261123T093000Z. */
static bool name_aside(char out[NAME_MAX_BYTES], const char *location, char *why, size_t why_size)
{
    char time[TIMESTAMP_SIZE], ending[64] = ".before-";
    size_t n = strlen(ending);
    sys_timestamp(time, sys_wall_ms());
    for (const char *p = time; *p; p++)
        if (*p != '-' && *p != ':')
            ending[n++] = *p;
    ending[n] = '\0';
    return name_of(out, location, ending, why, why_size);
}

/* The old file, under a second name so that at no point there is no database, and its log, which beside the new file would be played into that. */
static bool set_aside(const char *location, const char *aside)
{
    bool kept = link(location, aside) == 0 || errno == ENOENT || (errno == EPERM && move(location, aside, ""));
    return kept && move(location, aside, "-wal") && sqlite_sync_folder_of(location);
}

static bool swap(const char *location, const char *fresh, char *why, size_t why_size)
{
    char aside[NAME_MAX_BYTES], shared[NAME_MAX_BYTES];
    if (!name_aside(aside, location, why, why_size) || !name_of(shared, location, "-shm", why, why_size))
        return false;
    if (set_aside(location, aside) && rename(fresh, location) == 0) {
        unlink(shared); /* of the old file */
        if (sqlite_sync_folder_of(location))
            return true;
    }
    snprintf(why, why_size, "The backup cannot take the place of %.300s: %s.", location, strerror(errno));
    move(aside, location, "-wal");
    move(aside, location, "");
    return false;
}

/* The changes stand in the file itself, not in a log that would stay behind. */
static bool is_whole(const char *fresh, char *why, size_t why_size)
{
    char log[NAME_MAX_BYTES];
    if (!name_of(log, fresh, "-wal", why, why_size))
        return false;
    if (access(log, F_OK) != 0)
        return true;
    snprintf(why, why_size, "The copy of the backup could not be finished; is the disk full?");
    return false;
}

static bool restore_locked(const char *location, const char *file, db_adapt *adapt, void *context, char *why, size_t why_size)
{
    char fresh[NAME_MAX_BYTES];
    if (!name_of(fresh, location, ".restoring", why, why_size))
        return false;
    remove_with_satellites(fresh); /* of a restore that was broken off */
    bool ok = make_new(fresh, copy_file, file, why, why_size) && is_sound(fresh, why, why_size) && adapt(fresh, context, why, why_size) &&
              is_whole(fresh, why, why_size) && swap(location, fresh, why, why_size);
    remove_with_satellites(fresh);
    return ok;
}

bool sqlite_restore(const char *location, const char *file, db_adapt *adapt, void *context, char *why, size_t why_size)
{
    char log[NAME_MAX_BYTES];
    if (!name_of(log, file, "-wal", why, why_size))
        return false;
    if (access(file, R_OK) != 0) {
        snprintf(why, why_size, "The backup %.300s cannot be read: %s.", file, strerror(errno));
        return false;
    }
    if (access(log, F_OK) == 0) {
        snprintf(why, why_size, "%.300s has a log beside it, so it is a database in use and no backup; take one with the backup command.", file);
        return false;
    }
    int lock = sqlite_lock(location, why, why_size);
    if (lock < 0)
        return false;
    bool ok = restore_locked(location, file, adapt, context, why, why_size);
    close(lock);
    return ok;
}
