/* What the files of the accounts room share: accounts.c, register.c, login.c, api_keys.c, authenticate.c, idempotency.c. Nobody else includes it. */
#ifndef APP_ACCOUNTS_INTERNAL_H
#define APP_ACCOUNTS_INTERNAL_H

#include "app/accounts.h"
#include "app/key_cache.h"
#include "app/key_uses.h"
#include "app/login_limiter.h"
#include "store/account.h"

enum { ACCOUNT_KEY_BYTES = 32, ACCOUNT_EPOCH_BYTES = 8 };

struct accounts {
    unsigned char secret[ACCOUNT_KEY_BYTES];    /* root of all keys; never used itself */
    unsigned char token_key[ACCOUNT_KEY_BYTES]; /* of the access tokens */
    int64_t index_epoch;                        /* as it was at start */
    int64_t run;                                /* of this server, random: another run's requests are dead */
    struct login_limiter *limiter;
    struct key_uses *uses;
    struct key_cache *known;
};

/* One key a purpose, derived from the secret (BLAKE2b in key derivation mode). The numbers may never change meaning. */
enum account_subkey { SUBKEY_TOKEN = 1, SUBKEY_IDEMPOTENCY_NAME = 2, SUBKEY_IDEMPOTENCY_REPLY = 3, SUBKEY_SNAPSHOT = 4 };
void accounts_subkey(const struct accounts *a, enum account_subkey which, unsigned char out[ACCOUNT_KEY_BYTES]);

/* 1 to max code points of valid UTF-8 without control characters or line breaks; else false with a fault of the field "name". */
bool account_name_accepted(struct span name, size_t max, struct problem *problem);
/* A token for that user, and the rest of the grant. The public id of the tenant is given apart. */
bool account_grant(struct app *app, const struct tenant *tenant, const char *tenant_public_id, const struct user_row *user, struct arena *arena,
                   struct grant *grant, struct problem *problem);

#endif
