/* The accounts room as a whole: its secret, its limiter, and what registration and login share. */
#include "app/accounts.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/accounts_internal.h"
#include "app/token.h"
#include "base/utf8.h"

_Static_assert((int)ACCOUNT_KEY_BYTES == (int)TOKEN_KEY_BYTES && ACCOUNT_KEY_BYTES == crypto_kdf_KEYBYTES, "one size of key");

struct state_read {
    struct accounts *accounts;
    struct arena *arena;
    const char *why; /* a sentence when a value is unusable */
};

/* The value under name, made of random bytes at the first start. */
static enum db_status read_state(struct db_conn *c, struct state_read *r, const char *name, unsigned char *out, size_t n)
{
    unsigned char fresh[ACCOUNT_KEY_BYTES];
    struct span value;
    sys_random(fresh, n);
    enum db_status status = store_server_state(c, name, (struct span){(const char *)fresh, n}, r->arena, &value);
    sodium_memzero(fresh, sizeof fresh);
    if (status != DB_OK)
        return status;
    if (value.n != n) {
        r->why = "The signing secret or the index epoch in the database is damaged: restore the table server_state.";
        return DB_ERROR;
    }
    memcpy(out, value.p, n);
    return DB_OK;
}

static enum db_status read_states(struct db_conn *c, void *context)
{
    struct state_read *r = context;
    struct accounts *a = r->accounts;
    unsigned char epoch[ACCOUNT_EPOCH_BYTES];
    enum db_status status = read_state(c, r, "signing_secret", a->secret, sizeof a->secret);
    if (status == DB_OK)
        status = read_state(c, r, "index_epoch", epoch, sizeof epoch);
    if (status == DB_OK) {
        a->index_epoch = 0;
        for (size_t i = 0; i < sizeof epoch; i++)
            a->index_epoch = (a->index_epoch & 0x7FFFFFFFFFFFFF) << 8 | epoch[i];
    }
    return status;
}

enum db_status accounts_renew_epoch(struct db_conn *c, void *context)
{
    unsigned char epoch[ACCOUNT_EPOCH_BYTES];
    (void)context;
    sys_random(epoch, sizeof epoch);
    return store_server_state_put(c, "index_epoch", (struct span){(const char *)epoch, sizeof epoch});
}

static bool read_secret(struct accounts *a, struct db *db, char *why, size_t why_size)
{
    struct state_read r = {a, arena_new(4096), NULL};
    enum db_status status = r.arena ? db_transact(db, read_states, &r) : DB_ERROR;
    arena_free(r.arena);
    if (status != DB_OK)
        snprintf(why, why_size, "%s", r.why ? r.why : "The signing secret cannot be read from the database.");
    return status == DB_OK;
}

struct accounts *accounts_new(struct db *db, const struct app_config *config, char *why, size_t why_size)
{
    (void)config;
    struct accounts *a = sodium_init() >= 0 ? calloc(1, sizeof *a) : NULL;
    if (!a) {
        snprintf(why, why_size, "There is not enough memory to start, or no source of random bytes.");
        return NULL;
    }
    if (!read_secret(a, db, why, why_size)) {
        accounts_free(a);
        return NULL;
    }
    accounts_subkey(a, SUBKEY_TOKEN, a->token_key);
    a->run = sys_random_id();
    a->limiter = login_limiter_new();
    a->uses = key_uses_new(db);
    a->known = key_cache_new();
    if (a->limiter && a->uses && a->known)
        return a;
    snprintf(why, why_size, "There is not enough memory to start, or no thread can be started.");
    accounts_free(a);
    return NULL;
}

void accounts_free(struct accounts *a)
{
    if (!a)
        return;
    key_uses_free(a->uses);
    login_limiter_free(a->limiter);
    key_cache_free(a->known);
    sodium_memzero(a, sizeof *a);
    free(a);
}

void accounts_subkey(const struct accounts *a, enum account_subkey which, unsigned char out[ACCOUNT_KEY_BYTES])
{
    crypto_kdf_derive_from_key(out, ACCOUNT_KEY_BYTES, (uint64_t)which, "chatifix", a->secret);
}

int64_t accounts_snapshot_key(const struct accounts *a, unsigned char key[32])
{
    accounts_subkey(a, SUBKEY_SNAPSHOT, key);
    return a->index_epoch;
}

static bool is_control(uint32_t c)
{
    return c == UTF8_INVALID || c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

bool account_name_accepted(struct span name, size_t max, struct problem *problem)
{
    size_t length = utf8_length(name);
    if (length < 1 || length > max)
        return problem_field(problem, "name", "The name has to have 1 to %zu characters.", max);
    while (name.n) {
        uint32_t c;
        name = span_skip(name, utf8_next(name, &c));
        if (is_control(c))
            return problem_field(problem, "name", "The name may hold no control characters and no line breaks.");
    }
    return true;
}

bool account_grant(struct app *app, const struct tenant *tenant, const char *tenant_public_id, const struct user_row *user, struct arena *arena,
                   struct grant *grant, struct problem *problem)
{
    struct token_claims claims = {.tenant_id = tenant->id, .user_id = user->user_id, .epoch = user->token_epoch, .issued_at = sys_wall_ms() / 1000};
    claims.expires_at = claims.issued_at + app->config->token_ttl_s;
    memset(grant, 0, sizeof *grant);
    bool fits = span_to_cstr(span_of(user->public_id), claims.user_public_id, sizeof claims.user_public_id) &&
                span_to_cstr(span_of(tenant_public_id), claims.tenant_public_id, sizeof claims.tenant_public_id);
    if (!fits || !token_make(app->accounts->token_key, &claims, grant->token))
        return problem_db(problem, DB_ERROR);
    grant->expires_in_s = app->config->token_ttl_s;
    memcpy(grant->tenant_id, claims.tenant_public_id, sizeof grant->tenant_id);
    memcpy(grant->user_id, claims.user_public_id, sizeof grant->user_id);
    memcpy(grant->role, user->role, sizeof grant->role);
    grant->created_at = user->created_at;
    grant->name = arena_copy(arena, user->name);
    grant->email = arena_copy(arena, user->email);
    return grant->name.p && grant->email.p ? true : problem_db(problem, DB_ERROR);
}
