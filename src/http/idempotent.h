/* Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) on calls that create: the first reply is kept for 24 h and played again. */
#ifndef HTTP_IDEMPOTENT_H
#define HTTP_IDEMPOTENT_H

#include "http/call.h"

/* A claim on (tenant, route, key); lives in the exchange's arena. */
struct idempotent;

/* Before the work. *claim is NULL when the request carries no such header. False: x has been finished (a replay with Idempotent-Replayed: true, 409 while the first still runs,
 * 422 for another body or a key of more than 255 bytes). body_hash: 32 bytes, SHA-256 of what was sent. The key is stored hashed and the reply encrypted under it, since a reply may hold a new API key. */
bool idempotent_begin(struct exchange *x, const struct principal *by, const char *route, const unsigned char body_hash[32], struct idempotent **claim);
/* Instead of call_reply: keeps the reply under the claim (which may be NULL), then finishes x. Statuses of 500 and more drop the claim. */
void idempotent_reply(struct exchange *x, struct idempotent *claim, int status, json_t *value);
/* Instead of call_fail: keeps the refusal (4xx) or drops the claim (5xx). */
void idempotent_fail(struct exchange *x, struct idempotent *claim, const struct problem *problem);

#endif
