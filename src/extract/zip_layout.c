/* The list of members of a ZIP archive (its central directory; PKWARE's APPNOTE 6.3.10, 4.3.12), read for the places alone. */
#include "extract/zip_layout.h"

#include <stdlib.h>
#include <string.h>

enum { END_SIZE = 22, COMMENT_MAX = 65535, HEADER_SIZE = 46, LOCAL_SIZE = 30, WIDE_LOCATOR_SIZE = 20, WIDE_END_SIZE = 56, WIDE_EXTRA = 1 };

/* Bytes from `from` up to `to`. */
struct extent {
    uint64_t from, to;
};

struct directory {
    struct span headers;
    uint64_t at;    /* where they begin in the file */
    uint64_t shift; /* bytes in front of the archive */
};

static uint64_t le(struct span s, size_t at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes; at + bytes <= s.n && i-- > 0;)
        value = value << 8 | (unsigned char)s.p[at + i];
    return value;
}

/* The end record: the last "PK\5\6" that a comment can stand behind; -1 when there is none. */
static ptrdiff_t find_end(struct span file)
{
    for (size_t back = END_SIZE; back <= file.n && back <= END_SIZE + COMMENT_MAX; back++)
        if (memcmp(file.p + file.n - back, "PK\5\6", 4) == 0)
            return (ptrdiff_t)(file.n - back);
    return -1;
}

static bool find_directory(struct span file, struct directory *d)
{
    ptrdiff_t end = find_end(file);
    if (end < 0)
        return false;
    struct span record = span_skip(file, (size_t)end);
    uint64_t size = le(record, 12, 4), offset = le(record, 16, 4), behind = (uint64_t)end;
    if ((size == UINT32_MAX || offset == UINT32_MAX) && end >= WIDE_LOCATOR_SIZE + WIDE_END_SIZE &&
        memcmp(file.p + end - WIDE_LOCATOR_SIZE, "PK\6\7", 4) == 0) {
        behind = (uint64_t)end - WIDE_LOCATOR_SIZE - WIDE_END_SIZE;
        record = span_skip(file, (size_t)behind);
        size = le(record, 40, 8);
        offset = le(record, 48, 8);
    }
    if (size > behind || offset > behind - size)
        return false;
    d->at = behind - size;
    d->shift = d->at - offset;
    d->headers = (struct span){file.p + d->at, (size_t)size};
    return true;
}

bool zip_names_begin(struct span file, struct zip_names *names)
{
    struct directory d;
    bool found = find_directory(file, &d);
    found = found && d.shift == 0; /* else it is the list of an archive inside this one, whose own lies behind */
    names->headers = found ? d.headers : (struct span){"", 0};
    return found;
}

bool zip_names_next(struct zip_names *names, struct span *name)
{
    struct span h = names->headers;
    if (h.n < HEADER_SIZE || memcmp(h.p, "PK\1\2", 4) != 0)
        return false;
    size_t length = (size_t)le(h, 28, 2), all = HEADER_SIZE + length + (size_t)le(h, 30, 2) + (size_t)le(h, 32, 2);
    if (h.n < all)
        return false;
    *name = (struct span){h.p + HEADER_SIZE, length};
    names->headers = span_skip(h, all);
    return true;
}

/* A field of four bytes, or of eight in the extra field of large archives; those stand there in order, as far as they are needed. */
static uint64_t wide(struct span extra, uint64_t narrow, size_t *at)
{
    if (narrow != UINT32_MAX)
        return narrow;
    while (extra.n >= 4) {
        size_t n = (size_t)le(extra, 2, 2);
        if (le(extra, 0, 2) == WIDE_EXTRA && n <= extra.n - 4) {
            *at += 8;
            return le((struct span){extra.p + 4, n}, *at - 8, 8);
        }
        extra = span_skip(extra, 4 + n);
    }
    return narrow;
}

/* The bytes of the member that stands first in the list, which is cut off; false at the end of the list. */
static bool next_member(struct span file, struct directory *d, struct extent *e)
{
    struct span h = d->headers;
    if (h.n < HEADER_SIZE || memcmp(h.p, "PK\1\2", 4) != 0)
        return false;
    size_t name = (size_t)le(h, 28, 2), more = (size_t)le(h, 30, 2), comment = (size_t)le(h, 32, 2), at = 0;
    struct span extra = {span_skip(h, HEADER_SIZE + name).p, more};
    d->headers = span_skip(h, HEADER_SIZE + name + more + comment);
    if (h.n < HEADER_SIZE + name + more)
        return false;
    if (le(h, 24, 4) == UINT32_MAX)
        wide(extra, UINT32_MAX, &at); /* the unpacked size stands first */
    uint64_t packed = wide(extra, le(h, 20, 4), &at), offset = wide(extra, le(h, 42, 4), &at) + d->shift;
    if (offset >= file.n)
        return true; /* a damaged member, which has no bytes here */
    struct span local = span_skip(file, (size_t)offset);
    *e = (struct extent){offset, offset + LOCAL_SIZE + le(local, 26, 2) + le(local, 28, 2)};
    e->to = packed < file.n ? e->to + packed : file.n;
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct extent *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

bool zip_overlaps(struct span file)
{
    struct extent members[ZIP_MEMBERS_MAX + 1];
    struct directory d;
    size_t n = 0;
    if (!find_directory(file, &d))
        return false;
    members[n++] = (struct extent){d.at, d.at + d.headers.n};
    for (struct extent e = {0}; n <= ZIP_MEMBERS_MAX && next_member(file, &d, &e); e = (struct extent){0})
        if (e.to > 0)
            members[n++] = e;
    qsort(members, n, sizeof *members, compare);
    for (size_t i = 1; i < n; i++)
        if (members[i].from < members[i - 1].to)
            return true;
    return false;
}
