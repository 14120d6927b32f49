/* Authentication: the one way from a credential to a principal, for every call. What holds is asked of the database each time, or known from the last time
 * where nothing has been written since, so a suspension, a revocation or a new token epoch counts from the next request on. */
#include <sodium.h>
#include <string.h>

#include "app/accounts_internal.h"
#include "app/token.h"

static bool refused(struct problem *problem, const char *sentence)
{
    return problem_set(problem, PROBLEM_UNAUTHORIZED, "", "%s", sentence);
}

static bool key_refused(struct problem *problem)
{
    return refused(problem, "The API key is unknown, revoked or expired; create a new one with POST /api/v1/auth/api-keys.");
}

static bool token_refused(struct problem *problem)
{
    return refused(problem, "The access token is not valid; log in again for a new one.");
}

struct key_lookup {
    struct span hash;
    bool found;
    struct known_key key;
};

static enum db_status find_key(struct db_conn *c, void *context)
{
    struct key_lookup *k = context;
    k->found = false;
    enum db_status status = store_api_key_find(c, k->hash, &k->key.tenant.id, &k->key.key_id, &k->found);
    if (status == DB_OK && k->found)
        status = store_api_key_access(&k->key.tenant, c, k->key.key_id, &k->key.access, &k->found);
    return status;
}

static enum db_status look_up(struct app *app, struct key_lookup *k, const unsigned char hash[API_KEY_HASH_BYTES])
{
    uint64_t mark = db_mark(app->db);
    k->found = key_cache_get(app->accounts->known, hash, mark, &k->key);
    if (k->found)
        return DB_OK;
    enum db_status status = db_snapshot(app->db, find_key, k);
    if (status == DB_OK && k->found)
        key_cache_put(app->accounts->known, hash, mark, &k->key);
    return status;
}

static bool key_holds(const struct key_lookup *k, int64_t now)
{
    const struct api_key_access *a = &k->key.access;
    return k->found && !a->revoked_at && (!a->expires_at || a->expires_at > now) && !strcmp(a->tenant_status, "active");
}

static bool by_key(struct app *app, struct span key, struct principal *principal, struct problem *problem)
{
    unsigned char hash[API_KEY_HASH_BYTES];
    if (!api_key_hash(key, hash))
        return key_refused(problem);
    struct key_lookup k = {.hash = {(const char *)hash, sizeof hash}};
    enum db_status status = look_up(app, &k, hash);
    if (status != DB_OK)
        return problem_db(problem, status);
    int64_t now = sys_wall_ms();
    if (!key_holds(&k, now))
        return key_refused(problem);
    const struct api_key_access *access = &k.key.access;
    key_uses_note(app->accounts->uses, &k.key.tenant, k.key.key_id, access->last_used_at, now);
    *principal = (struct principal){.tenant = {k.key.tenant.id, access->index_seq, app->accounts->index_epoch}, .key_id = k.key.key_id};
    principal->scopes = (unsigned)access->scopes;
    principal->collection_id = access->collection_id;
    memcpy(principal->tenant_public_id, access->tenant_public_id, PUBLIC_ID_SIZE);
    memcpy(principal->actor, access->key_public_id, PUBLIC_ID_SIZE);
    return true;
}

static unsigned scopes_of_role(const char *role)
{
    bool admin = !strcmp(role, "owner") || !strcmp(role, "admin");
    return admin ? SCOPE_DEFAULT | SCOPE_ADMIN : SCOPE_DEFAULT;
}

static enum db_status find_user(struct app *app, const struct token_claims *claims, struct user_access *access, bool *found)
{
    struct db_conn *c = db_acquire(app->db, DB_READ);
    if (!c)
        return DB_RETRY;
    enum db_status status = store_user_access(&(struct tenant){.id = claims->tenant_id}, c, claims->user_id, access, found);
    db_release(c);
    return status;
}

static bool user_holds(const struct user_access *a, const struct token_claims *claims)
{
    return a->token_epoch == claims->epoch && !strcmp(a->user_status, "active") && !strcmp(a->tenant_status, "active") &&
           !strcmp(a->user_public_id, claims->user_public_id) && !strcmp(a->tenant_public_id, claims->tenant_public_id);
}

static bool by_token(struct app *app, struct span token, struct principal *principal, struct problem *problem)
{
    struct token_claims claims;
    enum token_status checked = token_check(app->accounts->token_key, token, sys_wall_ms() / 1000, &claims);
    if (checked == TOKEN_EXPIRED)
        return refused(problem, "The access token has expired; log in again for a new one.");
    if (checked != TOKEN_OK)
        return token_refused(problem);
    struct user_access access;
    bool found = false;
    enum db_status status = find_user(app, &claims, &access, &found);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (!found || !user_holds(&access, &claims))
        return token_refused(problem);
    *principal = (struct principal){.tenant = {claims.tenant_id, access.index_seq, app->accounts->index_epoch}, .is_person = true};
    principal->user_id = claims.user_id;
    principal->scopes = scopes_of_role(access.role);
    memcpy(principal->tenant_public_id, access.tenant_public_id, PUBLIC_ID_SIZE);
    memcpy(principal->actor, access.user_public_id, PUBLIC_ID_SIZE);
    return true;
}

bool authenticate(struct app *app, const struct credential *credential, struct principal *principal, struct problem *problem)
{
    *principal = (struct principal){0};
    if (credential->api_key.p)
        return by_key(app, credential->api_key, principal, problem);
    if (!credential->authorization.p)
        return refused(problem, "This call needs a credential: send an X-API-Key header, or Authorization: Bearer with an access token.");
    struct span scheme, token;
    span_cut(credential->authorization, ' ', &scheme, &token);
    token = span_trim(token);
    if (!span_eq_nocase(scheme, SPAN("Bearer")) || !token.n)
        return refused(problem, "The Authorization header is not understood; write it as: Bearer, a space, and the access token or API key.");
    return span_starts(token, SPAN("cfx_")) ? by_key(app, token, principal, problem) : by_token(app, token, principal, problem);
}
