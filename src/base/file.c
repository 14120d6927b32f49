/* Files: EINTR and short counts are handled here and nowhere else. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_spool(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    char name[PATH_MAX];
    if (snprintf(name, sizeof name, "%s/spool-XXXXXX", dir) >= (int)sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    return fd;
}

bool file_write(int fd, struct span s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        s = span_skip(s, (size_t)n);
    }
    return true;
}

bool file_read_at(int fd, void *out, size_t n, int64_t offset)
{
    char *p = out;
    while (n) {
        ssize_t got = pread(fd, p, n, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        offset += got;
        n -= (size_t)got;
    }
    return true;
}

bool file_read_all(int fd, struct buf *b)
{
    for (int64_t offset = 0;;) {
        char *to = buf_reserve(b, 65536);
        if (!to)
            return false;
        ssize_t got = pread(fd, to, 65536, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        b->n += (size_t)got;
        offset += got;
    }
}

bool file_copy(int from, int to)
{
    enum { STEP = 1 << 20 };
    char *step = malloc(STEP);
    ssize_t n = step ? 1 : -1;
    while (n > 0) {
        n = read(from, step, STEP);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0 && !file_write(to, (struct span){step, (size_t)n}))
            n = -1;
    }
    int error = errno;
    free(step);
    errno = error;
    return n == 0;
}

int64_t file_size(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? (int64_t)st.st_size : -1;
}

bool file_make_dirs(const char *path)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(part, path, n + 1);
    for (char *p = part + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;
        *p = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return false;
        *p = end;
        if (end == '\0')
            break;
    }
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode);
}
