/* The head of one part: Content-Disposition and Content-Type, as browsers, .NET, curl and Python write them. Pure. */
#ifndef HTTP_MULTIPART_HEAD_H
#define HTTP_MULTIPART_HEAD_H

#include "base/buf.h"
#include "http/multipart.h"

/* Reads the field lines of a part (CRLF between them, without the empty line). NULL when fine, else a sentence. */
const char *multipart_head_read(struct span head, struct multipart_part *part);
/* Finds a parameter of a structured field ("form-data; name=x; filename=\"y\"") and appends its value, quotes and quoted pairs undone. False when absent. */
bool multipart_param(struct span field, const char *name, struct buf *value);

#endif
