/* UTF-8: reading, writing and checking (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/span.h"

/* What utf8_next reports for bytes that are not UTF-8; no code point has this value. */
#define UTF8_INVALID 0xFFFFFFFFu

/* Reads the first code point of a non-empty span; returns the bytes used. Bad bytes give UTF8_INVALID and a length of at least 1. */
size_t utf8_next(struct span s, uint32_t *code_point);
/* Writes 1 to 4 bytes, returns how many; a value that is no code point is written as U+FFFD. */
size_t utf8_put(char out[4], uint32_t code_point);
bool utf8_valid(struct span s);
/* No control characters of ASCII, NUL among them, but line breaks and tabs. */
bool utf8_is_plain(struct span s);
/* A character that shows nothing and can hide or turn text: controls but TAB and LF, zero-width spaces and marks (joiners, which scripts and emoji need, are none),
 * bidirectional controls, tags, and UTF8_INVALID. */
bool utf8_is_hidden(uint32_t c);
/* Number of code points; each bad byte counts as one. */
size_t utf8_length(struct span s);
/* Bytes of the first `code_points` code points, at most s.n. */
size_t utf8_offset(struct span s, size_t code_points);
/* The longest prefix of at most max_bytes that does not cut a code point. */
struct span utf8_clip(struct span s, size_t max_bytes);

#endif
