/* The multipart body of an upload, read in pieces: each file into an unnamed spool file, the other parts into fields. */
#ifndef HTTP_UPLOAD_FORM_H
#define HTTP_UPLOAD_FORM_H

#include "http/call.h"

enum { UPLOAD_FILES_MAX = 32 };

struct upload_file {
    struct span filename; /* in the exchange's arena */
    int fd;               /* owned by the form */
    int64_t size;
};

struct upload_form {
    struct upload_file file[UPLOAD_FILES_MAX];
    size_t count;
    struct span external_id, metadata, collection, language; /* p == NULL: absent */
    bool replace;
};

/* Reads the body of x. False with a problem: no multipart (415), broken (400), without a file or with a bad field (422), a file too large (413), no room (507). upload_form_close is
 * due in any case. */
bool upload_form_read(struct exchange *x, struct upload_form *form, struct problem *problem);
void upload_form_close(struct upload_form *form);

#endif
