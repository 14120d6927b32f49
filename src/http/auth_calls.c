/* POST /api/v1/auth/register, /login and /api-keys. */
#include <sodium.h>

#include "app/accounts.h"
#include "app/collections.h"
#include "app/email.h"
#include "app/password.h"
#include "http/idempotent.h"
#include "http/key_json.h"
#include "http/list_query.h"
#include "http/routes.h"

enum { BODY_MAX = 1 << 20, NAME_MAX_LENGTH = 200 };

/* ---- register and login ---- */

static json_t *grant_json(const struct grant *g)
{
    json_t *user = json_pack("{s:s, s:o, s:o, s:s, s:o}", "id", g->user_id, "name", json_from(g->name), "email", json_from(g->email), "role", g->role,
                             "created_at", call_time(g->created_at));
    return json_pack("{s:s, s:s, s:I, s:s, s:o}", "access_token", g->token, "token_type", "bearer", "expires_in", (json_int_t)g->expires_in_s, "tenant_id",
                     g->tenant_id, "user", user);
}

void reply_grant(struct exchange *x, int status, const struct grant *g)
{
    exchange_add_header(x, "Cache-Control", "no-store");
    call_reply(x, status, grant_json(g));
}

static void register_from(struct exchange *x, const json_t *body)
{
    struct validation v;
    struct grant grant;
    struct problem problem;
    validation_begin(&v, body);
    struct span name = validation_text(&v, "name", true, 1, NAME_MAX_LENGTH);
    struct span email = validation_text(&v, "email", true, 3, EMAIL_MAX_BYTES);
    struct span password = validation_text(&v, "password", true, PASSWORD_MIN, PASSWORD_MAX);
    if (!validation_end(&v, x))
        return;
    if (accounts_register(call_app(x), name, email, password, exchange_arena(x), &grant, &problem))
        reply_grant(x, 201, &grant);
    else
        call_fail(x, &problem);
}

static void login_from(struct exchange *x, const json_t *body)
{
    struct validation v;
    struct grant grant;
    struct problem problem;
    validation_begin(&v, body);
    struct span email = validation_text(&v, "email", true, 1, EMAIL_MAX_BYTES);
    struct span password = validation_text(&v, "password", true, 1, PASSWORD_MAX);
    if (!validation_end(&v, x))
        return;
    if (accounts_login(call_app(x), email, password, exchange_peer(x), exchange_arena(x), &grant, &problem))
        reply_grant(x, 200, &grant);
    else
        call_fail(x, &problem);
}

static void with_body(struct exchange *x, void (*call)(struct exchange *x, const json_t *body))
{
    json_t *body = call_json(x, BODY_MAX);
    if (!body)
        return;
    call(x, body);
    json_decref(body);
}

void call_register(struct exchange *x)
{
    with_body(x, register_from);
}

void call_login(struct exchange *x)
{
    with_body(x, login_from);
}

/* ---- keys ---- */

struct key_form {
    struct span name;
    unsigned scopes;
    int64_t expires_at;
    struct span collection; /* p == NULL: all that its maker sees */
};

unsigned read_scopes(struct validation *v)
{
    const json_t *list = json_object_get(v->body, "scopes");
    unsigned scopes = 0, scope;
    if (!list || json_is_null(list))
        return 0;
    bool known = json_is_array(list) && json_array_size(list) > 0;
    for (size_t i = 0; known && i < json_array_size(list); i++) {
        known = scope_from_name(json_text(json_array_get(list, i)), &scope);
        if (known)
            scopes |= scope;
    }
    if (!known)
        validation_fault(v, "scopes", "enum", "Input should be a list of one or more of 'chat', 'knowledge:read', 'knowledge:write' and 'admin'");
    return scopes;
}

/* All but admin unless named; a key that makes a key gives at most what it has. */
static unsigned read_or_default(struct validation *v, const struct principal *by)
{
    const json_t *list = json_object_get(v->body, "scopes");
    if (list && !json_is_null(list))
        return read_scopes(v);
    return by->is_person || !(by->scopes & SCOPE_DEFAULT) ? SCOPE_DEFAULT : by->scopes & SCOPE_DEFAULT;
}

static bool read_key_form(struct exchange *x, const json_t *body, const struct principal *by, struct key_form *form)
{
    struct validation v;
    validation_begin(&v, body);
    form->name = validation_text(&v, "name", true, 1, KEY_NAME_MAX);
    form->scopes = read_or_default(&v, by);
    form->expires_at = validation_time(&v, "expires_at");
    form->collection = validation_text(&v, "collection", false, 1, COLLECTION_NAME_MAX);
    return validation_end(&v, x);
}

static void append_name(void *context, const char *name)
{
    json_array_append_new(context, json_string(name));
}

json_t *scopes_json(unsigned scopes)
{
    json_t *list = json_array();
    scope_names(scopes, append_name, list);
    return list;
}

json_t *new_key_json(const struct new_key *key, struct span name, struct span collection)
{
    return json_pack("{s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o}", "api_key", key->api_key, "id", key->id, "name", json_from(name), "prefix", key->prefix,
                     "scopes", scopes_json(key->scopes), "collection", text_or_null(collection), "created_at", call_time(key->created_at), "expires_at",
                     call_time(key->expires_at));
}

static bool hash_body(struct exchange *x, unsigned char hash[32])
{
    struct span body;
    return exchange_body(x, BODY_MAX, &body) && crypto_hash_sha256(hash, (const unsigned char *)body.p, body.n) == 0;
}

/* A key is bound to what its maker is bound to: so the maker is bound first. */
static void create_key(struct exchange *x, const struct principal *by, const struct key_form *form)
{
    struct principal maker = *by;
    struct span collection;
    unsigned char hash[32];
    struct idempotent *claim;
    struct new_key key = {0};
    struct problem problem;
    if (!hash_body(x, hash)) {
        problem_db(&problem, DB_ERROR);
        call_fail(x, &problem);
        return;
    }
    exchange_add_header(x, "Cache-Control", "no-store");
    if (!idempotent_begin(x, by, "POST /api/v1/auth/api-keys", hash, &claim))
        return;
    if (collections_bind(call_app(x), by, form->collection, exchange_arena(x), &maker.collection_id, &collection, &problem) &&
        accounts_create_key(call_app(x), &maker, form->name, form->scopes, form->expires_at, &key, &problem))
        idempotent_reply(x, claim, 201, new_key_json(&key, span_trim(form->name), collection));
    else
        idempotent_fail(x, claim, &problem);
    sodium_memzero(&key, sizeof key);
}

void call_create_api_key(struct exchange *x)
{
    struct principal by;
    struct key_form form;
    if (!call_authenticate(x, SCOPE_ADMIN, &by))
        return;
    json_t *body = call_json(x, BODY_MAX);
    if (!body)
        return;
    if (read_key_form(x, body, &by, &form))
        create_key(x, &by, &form);
    json_decref(body);
}
