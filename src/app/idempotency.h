/* Kept replies: the first reply to an Idempotency-Key, per tenant and route, for 24 hours. The key is stored as a keyed hash and the reply encrypted
 * under a key made of it, so the database alone gives neither away (a reply may hold a new API key). */
#ifndef APP_IDEMPOTENCY_H
#define APP_IDEMPOTENCY_H

#include "app/app.h"
#include "app/principal.h"
#include "app/problem.h"

enum { IDEMPOTENCY_KEY_MAX = 255, IDEMPOTENCY_REPLY_MAX = 256 * 1024 };

/* A claim on (tenant, route, key): what finish and drop need. */
struct idempotency_claim {
    struct tenant tenant;
    const char *route;        /* borrowed */
    char name[44];            /* the key's hash as text */
    unsigned char secret[32]; /* encrypts the reply */
    unsigned char body_hash[32];
};

enum idempotency_state {
    IDEMPOTENCY_CLAIMED, /* go on; finish or drop later */
    IDEMPOTENCY_REPLAY,  /* *status and *reply are those of the first time */
    IDEMPOTENCY_RUNNING, /* the first is not done yet */
    IDEMPOTENCY_MISMATCH /* another body came under that key */
};

/* False with a problem when the database fails. A claim that is neither finished nor dropped is free again after five minutes, or at once when the server was killed and runs
 * anew.
 * reply: in the arena. */
bool idempotency_begin(struct app *app, const struct principal *by, const char *route, struct span key, const unsigned char body_hash[32], struct arena *arena,
                       struct idempotency_claim *claim, enum idempotency_state *state, int *status, struct span *reply, struct problem *problem);
/* Keeps the reply for 24 hours from now; one that is too large, or cannot be stored, drops the claim instead. */
void idempotency_finish(struct app *app, const struct idempotency_claim *claim, int status, struct span reply);
void idempotency_drop(struct app *app, const struct idempotency_claim *claim);

#endif
