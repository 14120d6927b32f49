/* What the readers of the binary Office formats share: little-endian integers out of a span, and text in the encodings of those files. */
#ifndef EXTRACT_BINARY_H
#define EXTRACT_BINARY_H

#include "base/buf.h"

/* What reaches past the end of the span reads as zero bytes, so that no offset out of a file can do harm. */
static inline uint32_t le8(struct span s, size_t at)
{
    return at < s.n ? (unsigned char)s.p[at] : 0;
}

static inline uint32_t le16(struct span s, size_t at)
{
    return le8(s, at) | le8(s, at + 1) << 8;
}

static inline uint32_t le32(struct span s, size_t at)
{
    return le16(s, at) | le16(s, at + 2) << 16;
}

static inline uint64_t le64(struct span s, size_t at)
{
    return le32(s, at) | (uint64_t)le32(s, at + 4) << 32;
}

/* The IEEE 754 number at this offset. */
double le_double(struct span s, size_t at);
/* At most n bytes from this offset on; fewer, or none, where the span ends before. */
struct span slice(struct span s, uint64_t at, uint64_t n);

/* Append text as UTF-8: UTF-16 (little-endian; a lone surrogate becomes U+FFFD, an odd last byte is dropped), its low bytes alone (Latin-1), or
 * Windows-1252. */
void put_utf16(struct buf *to, struct span units);
void put_latin1(struct buf *to, struct span bytes);
void put_cp1252(struct buf *to, struct span bytes);
/* One byte of Windows-1252 as a code point. */
uint32_t cp1252_code_point(unsigned char byte);
void put_code_point(struct buf *to, uint32_t c);

#endif
