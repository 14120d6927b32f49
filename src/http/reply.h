/* The head of a reply: status line and the fields that every reply carries. Inside http/ only. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/buf.h"

struct exchange;

/* Instead of a length. */
enum { REPLY_CHUNKED = -1, REPLY_UNTIL_CLOSE = -2, REPLY_NO_BODY = -3 };

/* Appends the head of x's reply, empty line included. content_type may be NULL; length is the body's or one of the above. */
void reply_head(struct buf *out, const struct exchange *x, int status, const char *content_type, int64_t length);
/* IMF-fixdate (RFC 9110 section 5.6.7) of a time in milliseconds since 1970. */
void reply_date(struct buf *out, int64_t wall_ms);

#endif
