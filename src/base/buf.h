/* A growing byte buffer with a bound and a sticky error: append as often as needed, check `failed` once at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

struct buf {
    char *p;     /* owned; NULL while empty */
    size_t n;    /* bytes used */
    size_t cap;  /* bytes allocated */
    size_t max;  /* never grows past this */
    bool failed; /* out of memory or past max: later appends do nothing */
};

/* An empty buffer that may grow to `max` bytes; allocates nothing. buf_free ends it. */
void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);
/* Empties it, keeps the memory, clears the error. */
void buf_clear(struct buf *b);
/* Room for n more bytes behind p + n, without counting them as used; NULL on failure. Follow by b->n += written. */
char *buf_reserve(struct buf *b, size_t n);
void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_span(struct buf *b, struct span s);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends s as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void buf_json(struct buf *b, struct span s);
/* Drops the first n bytes. */
void buf_consume(struct buf *b, size_t n);
/* What it holds; borrowed until the next change. */
struct span buf_view(const struct buf *b);
/* NUL-terminates and returns the bytes (borrowed), or NULL when failed. */
const char *buf_cstr(struct buf *b);

#endif
