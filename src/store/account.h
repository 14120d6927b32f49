/* Tenants, their users, logins and keys, and the server's own state. In every store function the tenant comes first, then the connection of the caller's
 * transaction; spans in rows live in the arena that was passed. DB_OK with *found = false means that there is no such row. */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include "base/sys.h"
#include "db/db.h"
#include "doc/tenant.h"

/* ---- the server ---- */
/* The value under name; when absent, `initial` is stored and given back. So all nodes agree on one secret. */
enum db_status store_server_state(struct db_conn *c, const char *name, struct span initial, struct arena *arena, struct span *value);
/* The value under name, if there is one. */
enum db_status store_server_state_get(struct db_conn *c, const char *name, struct arena *arena, struct span *value, bool *found);
/* Sets it, whatever was there. */
enum db_status store_server_state_put(struct db_conn *c, const char *name, struct span value);

/* ---- tenant ---- */
struct tenant_row {
    char public_id[PUBLIC_ID_SIZE];
    struct span name;
    char status[16];
    int64_t index_seq;
    int64_t created_at;
};
enum db_status store_tenant_insert(const struct tenant *t, struct db_conn *c, const struct tenant_row *row);
enum db_status store_tenant_get(const struct tenant *t, struct db_conn *c, struct arena *arena, struct tenant_row *row, bool *found);
/* Raises index_seq by one and gives the new value. */
enum db_status store_tenant_next_seq(const struct tenant *t, struct db_conn *c, int64_t *seq);
/* index_seq as it is now. */
enum db_status store_tenant_seq(const struct tenant *t, struct db_conn *c, int64_t *seq);

/* ---- user and login ---- */
struct user_row {
    int64_t user_id;
    char public_id[PUBLIC_ID_SIZE];
    struct span email, name;
    char role[16], status[16];
    int64_t token_epoch;
    struct span password_hash;
    int64_t created_at;
};
enum db_status store_user_insert(const struct tenant *t, struct db_conn *c, const struct user_row *row);
enum db_status store_user_get(const struct tenant *t, struct db_conn *c, int64_t user_id, struct arena *arena, struct user_row *row, bool *found);
/* Raises the epoch, so that every earlier token is void; *epoch gets the new one. password_hash: p == NULL: stays. */
enum db_status store_user_end_tokens(const struct tenant *t, struct db_conn *c, int64_t user_id, struct span password_hash, int64_t *epoch);
/* DB_CONFLICT when the address is taken. */
enum db_status store_login_insert(const struct tenant *t, struct db_conn *c, struct span folded_email, int64_t user_id);
/* Lookup: by case-folded address. */
enum db_status store_login_find(struct db_conn *c, struct span folded_email, int64_t *tenant_id, int64_t *user_id, bool *found);
/* Lookup: the next tenants behind `after` (0: the first), ascending, for work that goes through all of them. */
enum db_status store_tenants_all(struct db_conn *c, int64_t after, int64_t *tenant_ids, size_t limit, size_t *count);

/* What a request needs to know of a person: user and tenant in one statement. */
struct user_access {
    char user_public_id[PUBLIC_ID_SIZE], tenant_public_id[PUBLIC_ID_SIZE];
    char role[16], user_status[16], tenant_status[16];
    int64_t token_epoch, index_seq;
};
enum db_status store_user_access(const struct tenant *t, struct db_conn *c, int64_t user_id, struct user_access *access, bool *found);

/* ---- api key ---- */
struct api_key_row {
    int64_t key_id;
    char public_id[PUBLIC_ID_SIZE];
    struct span name;
    char prefix[16];
    int64_t scopes;
    int64_t collection_id;  /* 0: all */
    struct span collection; /* its name; read only; p == NULL: all */
    int64_t created_at;
    int64_t expires_at, last_used_at, revoked_at; /* 0: never */
};
/* Writes both tables. key_hash: 32 bytes. */
enum db_status store_api_key_insert(const struct tenant *t, struct db_conn *c, const struct api_key_row *row, struct span key_hash);
struct api_key_filter {
    int64_t collection_id; /* only keys that are bound to it; 0: any */
    struct span before;    /* only public ids smaller than this; p == NULL: from the newest */
    int64_t limit;
};
/* Keys that are not revoked, newest first, in the arena, at most filter->limit. */
enum db_status store_api_key_list(const struct tenant *t, struct db_conn *c, const struct api_key_filter *filter, struct arena *arena,
                                  struct api_key_row **rows, size_t *count);
/* How many match, whatever `before` and `limit` say. */
enum db_status store_api_key_count(const struct tenant *t, struct db_conn *c, const struct api_key_filter *filter, int64_t *total);
/* One that is not revoked. */
enum db_status store_api_key_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct api_key_row *row,
                                          bool *found);
/* Its name, scopes and expiry. */
enum db_status store_api_key_update(const struct tenant *t, struct db_conn *c, const struct api_key_row *row);
/* Both end the key as it was at once. key_hash and prefix: of the new one. */
enum db_status store_api_key_revoke(const struct tenant *t, struct db_conn *c, int64_t key_id, int64_t now);
enum db_status store_api_key_rotate(const struct tenant *t, struct db_conn *c, int64_t key_id, struct span key_hash, const char *prefix);
/* Lookup: by SHA-256 of the key. */
enum db_status store_api_key_find(struct db_conn *c, struct span key_hash, int64_t *tenant_id, int64_t *key_id, bool *found);
struct api_key_access {
    char key_public_id[PUBLIC_ID_SIZE], tenant_public_id[PUBLIC_ID_SIZE];
    char tenant_status[16];
    int64_t scopes, collection_id, expires_at, revoked_at, last_used_at, index_seq;
};
enum db_status store_api_key_access(const struct tenant *t, struct db_conn *c, int64_t key_id, struct api_key_access *access, bool *found);
/* Notes the use; called at most once a minute a key. */
enum db_status store_api_key_used(const struct tenant *t, struct db_conn *c, int64_t key_id, int64_t at);

/* ---- audit, settings, usage ---- */
enum db_status store_audit_insert(const struct tenant *t, struct db_conn *c, const char *actor, const char *action, const char *subject, int64_t at);
enum db_status store_setting_get(const struct tenant *t, struct db_conn *c, const char *name, struct arena *arena, struct span *value, bool *found);
enum db_status store_setting_put(const struct tenant *t, struct db_conn *c, const char *name, struct span value);
/* Adds to the metric of the day that `at` lies in. */
enum db_status store_usage_add(const struct tenant *t, struct db_conn *c, const char *metric, int64_t amount, int64_t at);
/* Tokens of the language model, in and out, on the day of that time. */
enum db_status store_usage_tokens(const struct tenant *t, struct db_conn *c, int64_t at, int64_t *tokens);

/* ---- idempotency ---- */
struct idempotency_row {
    unsigned char body_hash[32];
    int64_t status;    /* 0 while running */
    struct span reply; /* once there is a status */
};
/* Claims (route, key) for a run of the server: *claimed when it was free, expired at `now` or still running in another run, which on an engine with one
 * node cannot have survived; else *row tells what stands there. */
enum db_status store_idempotency_claim(const struct tenant *t, struct db_conn *c, const char *route, struct span key, const unsigned char body_hash[32],
                                       int64_t run, int64_t now, int64_t expires_at, struct arena *arena, bool *claimed, struct idempotency_row *row);
enum db_status store_idempotency_finish(const struct tenant *t, struct db_conn *c, const char *route, struct span key, int64_t status, struct span reply);
/* Gives a claim back (the request failed on the server's side). */
enum db_status store_idempotency_drop(const struct tenant *t, struct db_conn *c, const char *route, struct span key);

#endif
