/* What the calls on accounts have in common (auth_calls.c, key_calls.c, person_calls.c). */
#ifndef HTTP_KEY_JSON_H
#define HTTP_KEY_JSON_H

#include "app/accounts.h"
#include "http/call.h"

enum { KEY_NAME_MAX = 100 };

/* A key as it is shown this once. */
json_t *new_key_json(const struct new_key *key, struct span name, struct span collection);
json_t *scopes_json(unsigned scopes);
/* Finishes x with a new token. */
void reply_grant(struct exchange *x, int status, const struct grant *g);
/* The body's scopes; 0 when absent, null or at fault. */
unsigned read_scopes(struct validation *v);

#endif
