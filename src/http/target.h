/* The request target (RFC 9112 section 3.2): origin, absolute and asterisk form; path segments decoded one by one, so that %2F never makes a new one. Pure. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "base/arena.h"
#include "http/fault.h"

enum { TARGET_SEGMENTS_MAX = 32 };

struct target {
    struct span path;                          /* as sent, from the first '/' */
    struct span query;                         /* as sent, behind the '?' */
    struct span segments[TARGET_SEGMENTS_MAX]; /* between the slashes, percent-decoded, UTF-8 */
    size_t segment_count;                      /* may exceed the maximum: then no route fits */
    bool asterisk;                             /* "OPTIONS *" */
};

/* Decoded segments go to the arena, everything else points into raw. False with a fault. */
bool target_parse(struct target *t, struct span raw, struct span method, struct arena *arena, struct http_fault *why);
/* Decodes %XX (and '+' as a space when plus) into out[in.n]; the length, or -1 for a bad escape or a decoded NUL. */
ptrdiff_t target_decode(struct span in, bool plus, char *out);

#endif
