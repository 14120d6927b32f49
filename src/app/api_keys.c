/* API keys: scopes by name, and making a key. */
#include <sodium.h>
#include <string.h>

#include "app/accounts_internal.h"
#include "app/api_key.h"

static const struct scope_name {
    enum scope scope;
    const char *name;
} scopes_by_name[] = {{SCOPE_CHAT, "chat"}, {SCOPE_KNOWLEDGE_READ, "knowledge:read"}, {SCOPE_KNOWLEDGE_WRITE, "knowledge:write"}, {SCOPE_ADMIN, "admin"}};

enum { SCOPE_COUNT = sizeof scopes_by_name / sizeof *scopes_by_name };

bool scope_from_name(struct span name, unsigned *scope)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (span_eq(name, span_of(scopes_by_name[i].name))) {
            *scope = scopes_by_name[i].scope;
            return true;
        }
    }
    return false;
}

void scope_names(unsigned scopes, void (*out)(void *context, const char *name), void *context)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (scopes & scopes_by_name[i].scope)
            out(context, scopes_by_name[i].name);
    }
}

static const char *first_scope_name(unsigned scopes)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (scopes & scopes_by_name[i].scope)
            return scopes_by_name[i].name;
    }
    return "";
}

bool require_scope(const struct principal *principal, unsigned scope, struct problem *problem)
{
    unsigned missing = scope & ~principal->scopes;
    if (!missing)
        return true;
    if (principal->is_person)
        return problem_set(problem, PROBLEM_FORBIDDEN, "missing-scope", "Only an owner or admin of the company may do this; ask one of them.");
    return problem_set(problem, PROBLEM_FORBIDDEN, "missing-scope", "This API key lacks the scope \"%s\"; use or create a key that has it.",
                       first_scope_name(missing));
}

void api_key_make(char out[API_KEY_LENGTH + 1])
{
    unsigned char bits[32];
    sys_random(bits, sizeof bits);
    memcpy(out, "cfx_", 4);
    sodium_bin2base64(out + 4, API_KEY_LENGTH - 3, bits, sizeof bits, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bits, sizeof bits);
}

bool api_key_hash(struct span key, unsigned char hash[API_KEY_HASH_BYTES])
{
    if (key.n != API_KEY_LENGTH || !span_starts(key, SPAN("cfx_")))
        return false;
    return crypto_hash_sha256(hash, (const unsigned char *)key.p, key.n) == 0;
}

struct key_creation {
    const struct principal *by;
    struct api_key_row row;
    unsigned char hash[API_KEY_HASH_BYTES];
};

static enum db_status insert_key(struct db_conn *c, void *context)
{
    const struct key_creation *k = context;
    const struct tenant *t = &k->by->tenant;
    enum db_status status = store_api_key_insert(t, c, &k->row, (struct span){(const char *)k->hash, sizeof k->hash});
    if (status == DB_OK)
        status = store_audit_insert(t, c, k->by->actor, "api-key.create", k->row.public_id, k->row.created_at);
    return status;
}

static bool creation_allowed(const struct principal *by, struct span name, unsigned scopes, int64_t expires_at, struct problem *problem)
{
    if (!require_scope(by, SCOPE_ADMIN, problem) || !account_name_accepted(name, 100, problem))
        return false;
    if (!scopes)
        return problem_field(problem, "scopes", "Name at least one scope, or leave scopes out for all but admin.");
    if (!by->is_person && scopes & ~by->scopes)
        return problem_set(problem, PROBLEM_FORBIDDEN, "missing-scope", "A key may only give scopes that it has itself; \"%s\" is not among them.",
                           first_scope_name(scopes & ~by->scopes));
    if (expires_at && expires_at <= sys_wall_ms())
        return problem_field(problem, "expires_at", "The key would have expired already; name a time in the future.");
    return true;
}

bool accounts_create_key(struct app *app, const struct principal *by, struct span name, unsigned scopes, int64_t expires_at, struct new_key *key,
                         struct problem *problem)
{
    name = span_trim(name);
    memset(key, 0, sizeof *key);
    if (!creation_allowed(by, name, scopes, expires_at, problem))
        return false;
    struct key_creation k = {.by = by};
    k.row = (struct api_key_row){.key_id = sys_random_id(), .name = name, .scopes = scopes, .collection_id = by->collection_id, .created_at = sys_wall_ms()};
    k.row.expires_at = expires_at;
    sys_public_id(k.row.public_id, "key_");
    api_key_make(key->api_key);
    memcpy(k.row.prefix, key->api_key, API_KEY_PREFIX_LENGTH);
    if (!api_key_hash(span_of(key->api_key), k.hash))
        return problem_db(problem, DB_ERROR);
    enum db_status status = db_transact(app->db, insert_key, &k);
    if (status != DB_OK)
        return problem_db(problem, status);
    memcpy(key->id, k.row.public_id, sizeof key->id);
    memcpy(key->prefix, k.row.prefix, sizeof key->prefix);
    key->scopes = scopes;
    key->created_at = k.row.created_at;
    key->expires_at = expires_at;
    return true;
}
