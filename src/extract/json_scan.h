/* JSON by RFC 8259, strictly: a scanner over bytes that are all there. It allocates nothing and recurses no deeper than JSON_SCAN_DEPTH. */
#ifndef EXTRACT_JSON_SCAN_H
#define EXTRACT_JSON_SCAN_H

#include "base/span.h"

enum { JSON_SCAN_DEPTH = 256 };

enum json_verdict {
    JSON_WHOLE, /* exactly one value */
    JSON_LINES, /* two or more objects or arrays, each on a line of its own */
    JSON_CUT,   /* sound so far, but the end is missing */
    JSON_DEEP,  /* nested deeper than JSON_SCAN_DEPTH */
    JSON_BAD
};

/* Judges a document. *at (unless NULL) is where a bad one goes wrong. */
enum json_verdict json_scan(struct span s, size_t *at);

/* The functions below walk a document that json_scan accepted. */

/* Cuts the first value, without the white space around it, off *rest; the empty span when none is left. Commas and colons before it are skipped. */
struct span json_take(struct span *rest);
/* The first character of the next value of the container that *rest is inside of, which then starts at that value; '\0', behind the closing bracket,
 * when there is none left. Nothing is scanned, so that looking costs nothing however long the value is. */
char json_peek(struct span *rest);
/* What stands between the brackets of an object or an array. */
struct span json_inside(struct span value);

#endif
