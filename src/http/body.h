/* The body of a request while it comes in: in memory up to 64 KiB, then in an unnamed spool file. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "base/buf.h"

enum { BODY_MEMORY_MAX = 65536 };

struct body {
    struct buf memory;
    int spool; /* -1 while in memory */
    int64_t size;
};

/* Empty, in memory. body_free closes the spool file too, which has no name and is gone with that. */
void body_init(struct body *b);
void body_free(struct body *b);
/* Appends; false when there is no memory or the spool file in dir cannot take it. */
bool body_append(struct body *b, const char *spool_dir, struct span bytes);
/* Reads up to n bytes at offset: how many, 0 at the end, -1 on error. */
int64_t body_read(const struct body *b, int64_t offset, void *out, size_t n);

#endif
