/* Request bodies: the network thread only appends, the handler only reads. */
#include "http/body.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

void body_init(struct body *b)
{
    buf_init(&b->memory, BODY_MEMORY_MAX);
    b->spool = -1;
    b->size = 0;
}

void body_free(struct body *b)
{
    buf_free(&b->memory);
    if (b->spool >= 0)
        close(b->spool);
    body_init(b);
}

static bool to_spool(struct body *b, const char *dir)
{
    b->spool = dir ? file_spool(dir) : -1;
    if (b->spool < 0)
        return false;
    bool ok = file_write(b->spool, buf_view(&b->memory));
    buf_free(&b->memory);
    return ok;
}

bool body_append(struct body *b, const char *spool_dir, struct span bytes)
{
    if (b->spool < 0 && bytes.n > BODY_MEMORY_MAX - b->memory.n && !to_spool(b, spool_dir))
        return false;
    if (b->spool >= 0) {
        if (!file_write(b->spool, bytes))
            return false;
    } else {
        buf_span(&b->memory, bytes);
    }
    b->size += (int64_t)bytes.n;
    return !b->memory.failed;
}

static int64_t read_spool(int fd, int64_t offset, void *out, size_t n)
{
    ssize_t got;
    do
        got = pread(fd, out, n, offset);
    while (got < 0 && errno == EINTR);
    return got;
}

int64_t body_read(const struct body *b, int64_t offset, void *out, size_t n)
{
    if (offset < 0)
        return -1;
    if (offset >= b->size || n == 0)
        return 0;
    if (b->spool >= 0)
        return read_spool(b->spool, offset, out, n);
    size_t left = (size_t)(b->size - offset);
    n = n < left ? n : left;
    memcpy(out, b->memory.p + offset, n);
    return (int64_t)n;
}
