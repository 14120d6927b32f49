/* Kept replies. Stored form of a reply: a 24-byte nonce and libsodium's secretbox (XSalsa20-Poly1305) of its bytes. */
#include "app/idempotency.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "app/accounts_internal.h"
#include "base/log.h"

enum { RUNNING_MS = 5 * 60 * 1000, KEPT_MS = 24 * 60 * 60 * 1000, NONCE = crypto_secretbox_NONCEBYTES, OVERHEAD = NONCE + crypto_secretbox_MACBYTES };
_Static_assert(sizeof(((struct idempotency_claim *)0)->secret) == crypto_secretbox_KEYBYTES, "the secret is a key of secretbox");

/* Keyed BLAKE2b over tenant, route and key. */
static void derive(const struct accounts *a, enum account_subkey which, const struct idempotency_claim *claim, struct span key, unsigned char out[32])
{
    unsigned char subkey[ACCOUNT_KEY_BYTES];
    crypto_generichash_state state;
    accounts_subkey(a, which, subkey);
    crypto_generichash_init(&state, subkey, sizeof subkey, 32);
    crypto_generichash_update(&state, (const unsigned char *)&claim->tenant.id, sizeof claim->tenant.id);
    crypto_generichash_update(&state, (const unsigned char *)claim->route, strlen(claim->route) + 1);
    crypto_generichash_update(&state, (const unsigned char *)key.p, key.n);
    crypto_generichash_final(&state, out, 32);
    sodium_memzero(subkey, sizeof subkey);
}

static void fill_claim(struct idempotency_claim *claim, struct app *app, const struct principal *by, const char *route, struct span key,
                       const unsigned char body_hash[32])
{
    unsigned char name[32];
    *claim = (struct idempotency_claim){.tenant = by->tenant, .route = route};
    memcpy(claim->body_hash, body_hash, sizeof claim->body_hash);
    derive(app->accounts, SUBKEY_IDEMPOTENCY_NAME, claim, key, name);
    sodium_bin2base64(claim->name, sizeof claim->name, name, sizeof name, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    derive(app->accounts, SUBKEY_IDEMPOTENCY_REPLY, claim, key, claim->secret);
}

struct claiming {
    const struct idempotency_claim *claim;
    int64_t run;
    struct arena *arena;
    bool claimed;
    struct idempotency_row row;
};

static enum db_status claim_row(struct db_conn *c, void *context)
{
    struct claiming *k = context;
    int64_t now = sys_wall_ms();
    return store_idempotency_claim(&k->claim->tenant, c, k->claim->route, span_of(k->claim->name), k->claim->body_hash, k->run, now, now + RUNNING_MS, k->arena,
                                   &k->claimed, &k->row);
}

/* The reply in clear, in the arena; p == NULL when it was not stored under this key. */
static struct span opened(const struct idempotency_claim *claim, struct span sealed, struct arena *arena)
{
    if (sealed.n < OVERHEAD)
        return (struct span){NULL, 0};
    size_t n = sealed.n - OVERHEAD;
    unsigned char *out = arena_alloc(arena, n + 1);
    const unsigned char *nonce = (const unsigned char *)sealed.p;
    if (!out || crypto_secretbox_open_easy(out, nonce + NONCE, sealed.n - NONCE, nonce, claim->secret) != 0)
        return (struct span){NULL, 0};
    return (struct span){(const char *)out, n};
}

bool idempotency_begin(struct app *app, const struct principal *by, const char *route, struct span key, const unsigned char body_hash[32], struct arena *arena,
                       struct idempotency_claim *claim, enum idempotency_state *state, int *status, struct span *reply, struct problem *problem)
{
    fill_claim(claim, app, by, route, key, body_hash);
    struct claiming k = {.claim = claim, .run = app->accounts->run, .arena = arena};
    enum db_status done = db_transact(app->db, claim_row, &k);
    if (done != DB_OK)
        return problem_db(problem, done);
    *state = IDEMPOTENCY_CLAIMED;
    if (k.claimed)
        return true;
    if (sodium_memcmp(k.row.body_hash, body_hash, 32) != 0) {
        *state = IDEMPOTENCY_MISMATCH;
        return true;
    }
    *state = k.row.status ? IDEMPOTENCY_REPLAY : IDEMPOTENCY_RUNNING;
    *status = (int)k.row.status;
    *reply = k.row.status ? opened(claim, k.row.reply, arena) : (struct span){NULL, 0};
    return *state != IDEMPOTENCY_REPLAY || reply->p ? true : problem_db(problem, DB_ERROR);
}

static enum db_status drop_row(struct db_conn *c, void *context)
{
    const struct idempotency_claim *claim = context;
    return store_idempotency_drop(&claim->tenant, c, claim->route, span_of(claim->name));
}

struct finishing {
    const struct idempotency_claim *claim;
    int64_t run;
    int status;
    struct span sealed;
};

/* A claim runs out after minutes, a reply after a day: so the claim is renewed with the reply. */
static enum db_status finish_row(struct db_conn *c, void *context)
{
    const struct finishing *f = context;
    const struct idempotency_claim *claim = f->claim;
    const struct tenant *t = &claim->tenant;
    struct span name = span_of(claim->name);
    struct arena *arena = arena_new(IDEMPOTENCY_REPLY_MAX + 4096);
    int64_t now = sys_wall_ms();
    bool claimed = false;
    struct idempotency_row row;
    enum db_status status = arena ? store_idempotency_drop(t, c, claim->route, name) : DB_ERROR;
    if (status == DB_OK)
        status = store_idempotency_claim(t, c, claim->route, name, claim->body_hash, f->run, now, now + KEPT_MS, arena, &claimed, &row);
    if (status == DB_OK)
        status = claimed ? store_idempotency_finish(t, c, claim->route, name, f->status, f->sealed) : DB_ERROR;
    arena_free(arena);
    return status;
}

void idempotency_finish(struct app *app, const struct idempotency_claim *claim, int status, struct span reply)
{
    unsigned char *sealed = reply.n <= IDEMPOTENCY_REPLY_MAX ? malloc(reply.n + OVERHEAD) : NULL;
    bool kept = false;
    if (sealed) {
        sys_random(sealed, NONCE);
        crypto_secretbox_easy(sealed + NONCE, (const unsigned char *)reply.p, reply.n, sealed, claim->secret);
        struct finishing f = {claim, app->accounts->run, status, {(const char *)sealed, reply.n + OVERHEAD}};
        kept = db_transact(app->db, finish_row, &f) == DB_OK;
    }
    free(sealed);
    if (!kept)
        idempotency_drop(app, claim);
}

void idempotency_drop(struct app *app, const struct idempotency_claim *claim)
{
    struct idempotency_claim copy = *claim;
    if (db_transact(app->db, drop_row, &copy) != DB_OK)
        log_event(LOG_WARN, "idempotency claim not dropped", log_str("route", claim->route));
}
