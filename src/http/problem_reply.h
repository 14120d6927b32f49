/* Error replies: {"detail","type","title","status","request_id"}, the members of application/problem+json (RFC 9457). */
#ifndef HTTP_PROBLEM_REPLY_H
#define HTTP_PROBLEM_REPLY_H

#include "http/exchange.h"

/* Finishes x. slug: "not-found" → type "/errors/not-found". detail: one sentence that says what is wrong and what to do. */
void reply_error(struct exchange *x, int status, const char *slug, const char *detail);
/* The same body without an exchange, for the loop's own refusals. */
void problem_body(struct buf *out, int status, const char *slug, const char *detail, const char *request_id);
/* The standard reason phrase. */
const char *http_reason(int status);
/* The slug a status has when nothing more precise is known: 404 → "not-found". */
const char *http_slug(int status);

#endif
