/* Names, places and bounds of snapshot files. A file is written under another name and renamed; it is not synced, for what a power failure leaves of it is
 * told by its hash. */
#include "app/snapshots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum { DISK_SPARE = 16 }; /* of the file system's blocks every 16th stays free */

struct snapshots {
    char *folder;
    int64_t max_bytes;
    unsigned char key[SNAPSHOT_KEY_BYTES];
    pthread_mutex_t mutex;
    int64_t writing; /* the tenant whose snapshot is being written; 0: none */
    bool moot;       /* that one */
};

/* ---- names ---- */

static bool path_of(const struct snapshots *s, int64_t tenant_id, const char *ending, char out[PATH_MAX])
{
    return snprintf(out, PATH_MAX, "%s/%016llx.%s", s->folder, (unsigned long long)tenant_id, ending) < PATH_MAX;
}

/* The tenant of a file's name, 16 hexadecimal digits and ".index"; 0: none. *part: of one that is not whole. */
static int64_t tenant_of(const char *name, bool *part)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t id = 0;
    for (int i = 0; i < 16; i++) {
        const char *digit = name[i] ? strchr(digits, name[i]) : NULL;
        if (!digit)
            return 0;
        id = id << 4 | (uint64_t)(digit - digits);
    }
    *part = strcmp(name + 16, ".part") == 0;
    return id <= INT64_MAX && (*part || strcmp(name + 16, ".index") == 0) ? (int64_t)id : 0;
}

/* Calls each(context, tenant, part, path) for every file of ours in a folder; false when that cannot be read. */
static bool each_file(const char *folder, void (*each)(void *context, int64_t tenant_id, bool part, const char *path), void *context)
{
    DIR *d = opendir(folder);
    if (!d)
        return false;
    for (struct dirent *e; (e = readdir(d));) {
        char path[PATH_MAX];
        bool part;
        int64_t tenant_id = tenant_of(e->d_name, &part);
        if (tenant_id && snprintf(path, sizeof path, "%s/%s", folder, e->d_name) < (int)sizeof path)
            each(context, tenant_id, part, path);
    }
    closedir(d);
    return true;
}

/* ---- the folder ---- */

static void remove_part(void *context, int64_t tenant_id, bool part, const char *path)
{
    (void)context;
    (void)tenant_id;
    if (part)
        unlink(path);
}

static void remove_any(void *context, int64_t tenant_id, bool part, const char *path)
{
    (void)part;
    remove_part(context, tenant_id, true, path);
}

struct snapshots *snapshots_open(const char *folder, int64_t max_bytes, const unsigned char key[SNAPSHOT_KEY_BYTES])
{
    if (max_bytes == 0) {
        if (each_file(folder, remove_any, NULL))
            rmdir(folder);
        return NULL;
    }
    struct snapshots *s = file_make_dirs(folder) ? calloc(1, sizeof *s) : NULL;
    if (s)
        s->folder = strdup(folder);
    if (!s || !s->folder || !each_file(folder, remove_part, NULL)) {
        log_event(LOG_WARN, "no index snapshots", log_str("why", strerror(errno)));
        free(s ? s->folder : NULL);
        free(s);
        return NULL;
    }
    s->max_bytes = max_bytes;
    memcpy(s->key, key, sizeof s->key);
    pthread_mutex_init(&s->mutex, NULL);
    return s;
}

void snapshots_close(struct snapshots *s)
{
    if (!s)
        return;
    sodium_memzero(s->key, sizeof s->key);
    pthread_mutex_destroy(&s->mutex);
    free(s->folder);
    free(s);
}

struct visiting {
    void (*visit)(void *context, int64_t tenant_id);
    void *context;
};

static void visit_file(void *context, int64_t tenant_id, bool part, const char *path)
{
    const struct visiting *v = context;
    (void)path;
    if (!part)
        v->visit(v->context, tenant_id);
}

void snapshots_each(struct snapshots *s, void (*visit)(void *context, int64_t tenant_id), void *context)
{
    each_file(s->folder, visit_file, &(struct visiting){visit, context});
}

void snapshots_forget(struct snapshots *s, int64_t tenant_id)
{
    char path[PATH_MAX];
    if (!path_of(s, tenant_id, "index", path))
        return;
    pthread_mutex_lock(&s->mutex);
    s->moot = s->moot || s->writing == tenant_id;
    unlink(path);
    pthread_mutex_unlock(&s->mutex);
}

/* ---- room ---- */

struct survey {
    const char *except; /* the path that is not counted */
    int64_t bytes;
    struct timespec oldest;
    char oldest_path[PATH_MAX];
};

static bool is_earlier(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

static void count_file(void *context, int64_t tenant_id, bool part, const char *path)
{
    struct survey *v = context;
    struct stat st;
    (void)tenant_id;
    if (part || (v->except && strcmp(path, v->except) == 0) || lstat(path, &st) != 0)
        return;
    v->bytes += st.st_size;
    if (!v->oldest_path[0] || is_earlier(st.st_mtim, v->oldest)) {
        v->oldest = st.st_mtim;
        snprintf(v->oldest_path, sizeof v->oldest_path, "%s", path);
    }
}

int64_t snapshots_limit(const struct snapshots *s)
{
    return s->max_bytes;
}

int64_t snapshots_bytes(struct snapshots *s)
{
    struct survey v = {0};
    each_file(s->folder, count_file, &v);
    return v.bytes;
}

/* Whether so many bytes may take that path's place, once the files used longest ago have gone. */
static bool make_room(const struct snapshots *s, const char *path, int64_t bytes)
{
    while (bytes <= s->max_bytes) {
        struct survey v = {.except = path};
        if (!each_file(s->folder, count_file, &v) || v.bytes <= s->max_bytes - bytes)
            return true;
        if (unlink(v.oldest_path) != 0)
            return false;
    }
    return false;
}

static bool disk_has_room(int fd)
{
    struct statvfs disk;
    return fstatvfs(fd, &disk) != 0 || disk.f_bavail >= disk.f_blocks / DISK_SPARE;
}

/* ---- writing ---- */

/* Takes the place of the one before, unless it was forgotten meanwhile. */
static enum snapshot_end publish(struct snapshots *s, const char *part, const char *path, int64_t bytes)
{
    pthread_mutex_lock(&s->mutex);
    errno = EFBIG;
    enum snapshot_end end = s->moot ? SNAPSHOT_CHANGED : make_room(s, path, bytes) && rename(part, path) == 0 ? SNAPSHOT_DONE : SNAPSHOT_FAILED;
    int error = errno;
    pthread_mutex_unlock(&s->mutex);
    errno = error;
    return end;
}

static enum snapshot_end write_file(struct snapshots *s, const struct snapshot_of *of, const struct snapshot_writing *w, const char *part, const char *path)
{
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return SNAPSHOT_FAILED;
    errno = ENOSPC;
    enum snapshot_end end = disk_has_room(fd) ? snapshot_write(fd, s->key, of, w) : SNAPSHOT_FAILED;
    if (end == SNAPSHOT_DONE)
        end = publish(s, part, path, file_size(fd));
    int error = errno;
    close(fd);
    if (end != SNAPSHOT_DONE)
        unlink(part);
    errno = error;
    return end;
}

void snapshots_begin(struct snapshots *s, int64_t tenant_id)
{
    pthread_mutex_lock(&s->mutex);
    s->writing = tenant_id;
    s->moot = false;
    pthread_mutex_unlock(&s->mutex);
}

enum snapshot_end snapshots_save(struct snapshots *s, const struct snapshot_of *of, const struct snapshot_writing *w)
{
    char part[PATH_MAX], path[PATH_MAX];
    if (!path_of(s, of->tenant_id, "part", part) || !path_of(s, of->tenant_id, "index", path))
        return SNAPSHOT_CHANGED;
    enum snapshot_end end = write_file(s, of, w, part, path);
    int error = errno;
    pthread_mutex_lock(&s->mutex);
    s->writing = 0;
    pthread_mutex_unlock(&s->mutex);
    errno = error;
    return end;
}

/* ---- reading ---- */

static int open_file(struct snapshots *s, int64_t tenant_id)
{
    char path[PATH_MAX];
    return path_of(s, tenant_id, "index", path) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
}

/* The time of its last use, by which room is made. */
static void note_use(int fd)
{
    (void)futimens(fd, NULL);
}

static bool is_plain_file(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

bool snapshots_load(struct snapshots *s, struct snapshot_of *of, const struct snapshot_reading *r)
{
    const char *why = "no file";
    int fd = open_file(s, of->tenant_id);
    if (fd < 0 && errno == ENOENT)
        return false;
    bool read = fd >= 0 && is_plain_file(fd) && snapshot_read(fd, s->key, of, r, &why);
    if (read)
        note_use(fd);
    if (fd >= 0)
        close(fd);
    if (read)
        return true;
    log_event(LOG_WARN, "an index snapshot is not used", log_int("tenant", of->tenant_id), log_str("why", why));
    snapshots_forget(s, of->tenant_id);
    return false;
}

bool snapshots_peek(struct snapshots *s, struct snapshot_of *of)
{
    const char *why;
    int fd = open_file(s, of->tenant_id);
    bool read = fd >= 0 && is_plain_file(fd) && snapshot_peek(fd, s->key, of, &why);
    if (fd >= 0)
        close(fd);
    return read;
}
