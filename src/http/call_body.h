/* Bodies of error replies as bytes, for those who keep them: call.c and idempotent.c. */
#ifndef HTTP_CALL_BODY_H
#define HTTP_CALL_BODY_H

#include <jansson.h>

#include "app/problem.h"
#include "base/buf.h"
#include "http/exchange.h"

/* Appends the body that call_fail sends. */
void call_problem_body(struct buf *out, const struct exchange *x, const struct problem *problem);
/* The header fields that go with it: Retry-After, WWW-Authenticate. */
void call_problem_headers(struct exchange *x, const struct problem *problem);
/* Appends a 422 body with that list of faults (borrowed). slug: "validation" or a finer one. */
void call_faults_body(struct buf *out, const struct exchange *x, const char *slug, const json_t *faults);
/* One fault; `where` as in struct problem.field. input: taken over, NULL for null. NULL when there is no memory. */
json_t *call_fault(const char *type, const char *where, const char *message, json_t *input);

#endif
