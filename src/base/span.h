/* A span is a borrowed run of bytes: pointer and length, not NUL-terminated. It lives as long as what it points into. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *p;
    size_t n;
};

/* A span over a string literal. */
#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})

/* For printf: "%.*s", SPAN_ARG(s). */
#define SPAN_ARG(s) (int)(s).n, (s).p

/* Over a NUL-terminated string; NULL gives the empty span. */
struct span span_of(const char *s);
bool span_eq(struct span a, struct span b);
/* ASCII case is ignored. */
bool span_eq_nocase(struct span a, struct span b);
bool span_starts(struct span s, struct span prefix);
bool span_ends_nocase(struct span s, struct span suffix);
/* Offset of the first `needle` in `s`, or -1. */
ptrdiff_t span_find(struct span s, struct span needle);
/* Cuts at the first `separator`: *head is what stands before it, *tail what follows. False, with *head = s and an empty tail, when there is none. */
bool span_cut(struct span s, char separator, struct span *head, struct span *tail);
/* Without leading and trailing ASCII white space. */
struct span span_trim(struct span s);
struct span span_skip(struct span s, size_t n);
/* Decimal digits only (a leading '-' is allowed when min < 0), the whole span, within [min, max]. False leaves *out alone. */
bool span_to_int(struct span s, int64_t min, int64_t max, int64_t *out);
/* Copies into a NUL-terminated array of `size` bytes; false, with an empty string, when it does not fit or holds a NUL. */
bool span_to_cstr(struct span s, char *out, size_t size);

#endif
