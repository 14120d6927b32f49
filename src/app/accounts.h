/* Accounts: registration, login, keys, and the one function that authenticates every request. */
#ifndef APP_ACCOUNTS_H
#define APP_ACCOUNTS_H

#include "app/app.h"
#include "app/principal.h"
#include "app/problem.h"

/* The signing secret (32 random bytes, kept in the database, made at the first start) and the login limiter. NULL with a sentence in why. */
struct accounts *accounts_new(struct db *db, const struct app_config *config, char *why, size_t why_size);
void accounts_free(struct accounts *a);

struct grant {
    char token[1024]; /* HS256 JWT: iss, aud, typ "access", sub, tenant, epoch, iat, exp */
    int64_t expires_in_s;
    char tenant_id[PUBLIC_ID_SIZE], user_id[PUBLIC_ID_SIZE];
    struct span name, email; /* in the arena */
    char role[16];
    int64_t created_at;
};

/* name: 1 to 200 characters; email: one address, at most 254 bytes, unique when case-folded; password: 8 to 128 characters, not among the commonest. Blocks
 * for the hash (argon2id, 19456 KiB, t=2, p=1), so it runs on the password lane. Makes tenant, owner, login and the collection "default" in one transaction. */
bool accounts_register(struct app *app, struct span name, struct span email, struct span password, struct arena *arena, struct grant *grant,
                       struct problem *problem);
/* The same time and the same 401 for an unknown address and a wrong password. Ten failures of one address and peer within 5 minutes: PROBLEM_TOO_MANY. */
bool accounts_login(struct app *app, struct span email, struct span password, const char *peer, struct arena *arena, struct grant *grant,
                    struct problem *problem);

struct new_key {
    char api_key[64]; /* "cfx_" and 43 characters of base64url: 256 random bits; shown this once */
    char id[PUBLIC_ID_SIZE];
    char prefix[16];
    unsigned scopes;
    int64_t created_at, expires_at; /* 0: never */
};
/* A person who is owner or admin, or a key with scope admin; scopes may not exceed the maker's own for a key. name: 1 to 100 characters; expires_at: 0, or in
 * the future. */
bool accounts_create_key(struct app *app, const struct principal *by, struct span name, unsigned scopes, int64_t expires_at, struct new_key *key,
                         struct problem *problem);

/* What tells snapshots of this database's indexes: a key (SNAPSHOT_KEY_BYTES of them) that only who has the database can know, and its index epoch. */
int64_t accounts_snapshot_key(const struct accounts *a, unsigned char key[32]);

/* A db_body for a database that was restored: a new index epoch, so that no index made of the rows before is taken for current. */
enum db_status accounts_renew_epoch(struct db_conn *c, void *context);

/* Scope names ("chat") to bits; false for an unknown one. */
bool scope_from_name(struct span name, unsigned *scope);
/* Calls out(context, name) for each scope of the set, in a fixed order. */
void scope_names(unsigned scopes, void (*out)(void *context, const char *name), void *context);

struct credential {
    struct span authorization; /* header values; p == NULL: absent */
    struct span api_key;
};
/* Authentication: JWT (Bearer eyJ…), API key (X-API-Key, or Bearer cfx_…). When both headers come, X-API-Key is the one that counts, right or wrong.
 * 401 for anything that does not hold now (signature, typ, iss, aud, exp, epoch, revoked, suspended). */
bool authenticate(struct app *app, const struct credential *credential, struct principal *principal, struct problem *problem);
/* 403 with the name of what is missing. A person has all scopes of a key; owner and admin have SCOPE_ADMIN too. */
bool require_scope(const struct principal *principal, unsigned scope, struct problem *problem);

#endif
