/* The head of a request (RFC 9112 sections 2 to 6): the raw scan, the fields, and what they say about the body that follows. Pure. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/span.h"
#include "http/fault.h"

struct head_limits {
    size_t head_bytes;   /* over it 431 */
    size_t target_bytes; /* over it 414 */
    size_t header_count; /* over it 431 */
};

struct head_field {
    struct span name, value; /* the value without surrounding white space */
};

struct head {
    struct span method, target;
    int minor;                 /* HTTP/1.minor */
    struct head_field *fields; /* [field_max], borrowed from the request's arena */
    size_t field_count, field_max;
    int64_t content_length; /* -1: none declared */
    bool chunked;
    bool keep_alive;
    bool expect_continue;
};

enum head_scan_status { HEAD_MORE, HEAD_DONE, HEAD_BAD };

/* Where the scan of one head stands; all zero at its first byte. */
struct head_scan {
    size_t at;    /* bytes looked at; the length of the head once done */
    size_t line;  /* where the current line starts */
    size_t lines; /* lines complete, the request line included */
};

/* Goes on over the bytes of a head, which begin at the request line and are given from there at every call. Refuses at first sight what a lenient
 * parser further on might read differently: bare CR or LF, control characters, folded lines, odd white space, names that are no tokens. */
enum head_scan_status head_scan(struct head_scan *s, struct span bytes, const struct head_limits *limits, struct http_fault *why);

/* Checks what the fields say together (Host, Content-Length, Transfer-Encoding, Expect) and sets the members from content_length on, but for keep_alive. */
bool head_check(struct head *h, struct http_fault *why);
/* The first field of that name from *from on (case ignored), and moves *from behind it; false when there is none. */
bool head_next(const struct head *h, const char *name, size_t *from, struct span *value);
/* uri-host [":" port] of a Host field or an absolute target. */
bool head_host_valid(struct span host);
/* Whether all of s (at least one byte) are token characters (RFC 9110 section 5.6.2). */
bool head_is_token(struct span s);

#endif
