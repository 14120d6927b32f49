/* Whole reads and writes on descriptors, and spool files that vanish with their descriptor. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"

/* An unnamed read-write file inside dir (O_TMPFILE, or created and unlinked); -1 with errno. Caller closes. */
int file_spool(const char *dir);
/* Writes all of s at the current position; false with errno (ENOSPC and the like). */
bool file_write(int fd, struct span s);
/* Reads exactly n bytes at offset (pread); false on error or early end. */
bool file_read_at(int fd, void *out, size_t n, int64_t offset);
/* Appends the whole file, from offset 0, to b; false on error or when b is full. */
bool file_read_all(int fd, struct buf *b);
/* Copies the rest of `from` to `to`, both at their current positions; false with errno. */
bool file_copy(int from, int to);
/* Size in bytes, or -1. */
int64_t file_size(int fd);
/* mkdir -p with mode 0700; false with errno. */
bool file_make_dirs(const char *path);

#endif
