/* JSON of requests and replies: jansson behind bounds of size and depth. Documents that users upload are read by extract/ instead. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/buf.h"

enum { JSON_DEPTH_MAX = 64 };

/* Parses one value (any kind). NULL with a sentence in why[0..why_size) when it is not JSON, not UTF-8 or nested deeper than JSON_DEPTH_MAX. Caller: json_decref. */
json_t *json_read(struct span text, char *why, size_t why_size);
/* The same for what another server says: strings may hold U+0000. */
json_t *json_read_foreign(struct span text, char *why, size_t why_size);
/* Appends the compact form; members keep their order. b->failed when there is no room. NULL is written as null. */
void json_write(struct buf *b, const json_t *value);
/* The text of a string value, borrowed; the empty span with p == NULL for anything else (and for NULL). */
struct span json_text(const json_t *value);
/* A string value from a span (bytes that are not UTF-8 become U+FFFD); NULL when there is no memory. */
json_t *json_from(struct span s);

#endif
