/* multipart/form-data (RFC 7578) as real clients send it: a pure, restartable reader. */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "base/span.h"

struct multipart;

struct multipart_part {
    char name[128];
    char filename
        [1056]; /* room for more than the 255 characters that a document may have, so that what is cut is refused for its length; base name only, decoded (filename*, %22, quoted pairs); valid UTF-8; "" when the part is no file */
    bool is_file;         /* it had a filename */
    char media_type[128]; /* "" when the part has no Content-Type */
};

struct multipart_events {
    /* A part's head is complete. False stops with MULTIPART_STOPPED. */
    bool (*part)(void *context, const struct multipart_part *part);
    /* Bytes of the current part, in order, in pieces of any size. */
    bool (*data)(void *context, struct span bytes);
    bool (*part_end)(void *context);
};

enum multipart_status { MULTIPART_MORE, MULTIPART_DONE, MULTIPART_BAD, MULTIPART_STOPPED };

/* From the Content-Type header's value (boundary quoted or not); NULL when it is not multipart/form-data, has no boundary of 1 to 70 characters, or
 * there is no memory. Caller: multipart_free. */
struct multipart *multipart_new(struct span content_type, const struct multipart_events *events, void *context);
void multipart_free(struct multipart *m);
/* Feeds the next bytes; call until it is not MULTIPART_MORE. Heads of at most 8 KiB, at most 64 parts. */
enum multipart_status multipart_feed(struct multipart *m, struct span bytes);
/* One sentence about MULTIPART_BAD. */
const char *multipart_error(const struct multipart *m);

#endif
