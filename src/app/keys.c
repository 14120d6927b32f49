/* Keys over store/account.h. */
#include "app/keys.h"

#include <sodium.h>
#include <string.h>

#include "app/accounts_internal.h"
#include "app/api_key.h"

enum { ROW_BYTES = 64 << 10, NAME_MAX_LENGTH = 100 };

struct listing {
    const struct tenant *tenant;
    struct api_key_filter filter;
    struct arena *arena;
    struct key_page *page;
};

static enum db_status list(struct db_conn *c, void *context)
{
    struct listing *l = context;
    enum db_status status = store_api_key_count(l->tenant, c, &l->filter, &l->page->total);
    return status == DB_OK ? store_api_key_list(l->tenant, c, &l->filter, l->arena, &l->page->rows, &l->page->count) : status;
}

bool keys_list(struct app *app, const struct principal *by, const struct key_query *query, struct arena *arena, struct key_page *page, struct problem *problem)
{
    struct listing l = {&by->tenant, {.collection_id = by->collection_id, .limit = query->limit + 1}, arena, page};
    *page = (struct key_page){0};
    if (!cursor_read(query->cursor, "key_", arena, &l.filter.before, problem))
        return false;
    enum db_status status = db_snapshot(app->db, list, &l);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (cursor_has_more(&page->count, query->limit))
        cursor_write(page->next_cursor, page->rows[page->count - 1].public_id);
    return true;
}

/* ---- one ---- */

struct work {
    const struct principal *by;
    struct span id;
    struct arena *arena;
    struct api_key_row *row;
    const struct key_change *change;
    unsigned char hash[API_KEY_HASH_BYTES];
    char prefix[16];
    bool found, exceeds; /* more scopes than the caller has */
};

/* A key may touch only what it could have made. */
static enum db_status find(struct work *w, struct db_conn *c)
{
    enum db_status status = store_api_key_by_public_id(&w->by->tenant, c, w->id, w->arena, w->row, &w->found);
    if (w->found && w->by->collection_id && w->row->collection_id != w->by->collection_id)
        w->found = false;
    return status;
}

static enum db_status audit(const struct work *w, struct db_conn *c, const char *action)
{
    return store_audit_insert(&w->by->tenant, c, w->by->actor, action, w->row->public_id, sys_wall_ms());
}

static bool finish(const struct work *w, enum db_status status, struct problem *problem)
{
    if (status != DB_OK)
        return problem_db(problem, status);
    if (!w->found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "", "There is no API key with this id; list them with GET /api/v1/auth/api-keys.");
    if (w->exceeds)
        return problem_set(problem, PROBLEM_FORBIDDEN, "missing-scope", "A key may only give scopes that it has itself, and renew no key that has more.");
    return true;
}

static bool exceeds(const struct principal *by, int64_t scopes)
{
    return !by->is_person && (scopes & ~(int64_t)by->scopes) != 0;
}

static enum db_status change_it(struct db_conn *c, void *context)
{
    struct work *w = context;
    enum db_status status = find(w, c);
    if (status != DB_OK || !w->found)
        return status;
    if (w->change->name.p)
        w->row->name = w->change->name;
    if (w->change->scopes)
        w->row->scopes = w->change->scopes;
    if (w->change->sets_expiry)
        w->row->expires_at = w->change->expires_at;
    w->exceeds = exceeds(w->by, w->row->scopes);
    status = w->exceeds ? DB_OK : store_api_key_update(&w->by->tenant, c, w->row);
    return status == DB_OK && !w->exceeds ? audit(w, c, "api-key.change") : status;
}

bool keys_change(struct app *app, const struct principal *by, struct span id, const struct key_change *change, struct arena *arena, struct api_key_row *row,
                 struct problem *problem)
{
    struct work w = {.by = by, .id = id, .arena = arena, .row = row, .change = change};
    *row = (struct api_key_row){0};
    if (change->name.p && !account_name_accepted(change->name, NAME_MAX_LENGTH, problem))
        return false;
    if (change->expires_at && change->expires_at <= sys_wall_ms())
        return problem_field(problem, "expires_at", "The key would have expired already; name a time in the future.");
    return finish(&w, db_transact(app->db, change_it, &w), problem);
}

static enum db_status revoke_it(struct db_conn *c, void *context)
{
    struct work *w = context;
    enum db_status status = find(w, c);
    if (status == DB_OK && w->found)
        status = store_api_key_revoke(&w->by->tenant, c, w->row->key_id, sys_wall_ms());
    return status == DB_OK && w->found ? audit(w, c, "api-key.revoke") : status;
}

bool keys_revoke(struct app *app, const struct principal *by, struct span id, struct problem *problem)
{
    struct api_key_row row = {0};
    struct work w = {.by = by, .id = id, .arena = arena_new(ROW_BYTES), .row = &row};
    enum db_status status = w.arena ? db_transact(app->db, revoke_it, &w) : DB_ERROR;
    arena_free(w.arena);
    return finish(&w, status, problem);
}

static enum db_status rotate_it(struct db_conn *c, void *context)
{
    struct work *w = context;
    enum db_status status = find(w, c);
    if (status != DB_OK || !w->found)
        return status;
    w->exceeds = exceeds(w->by, w->row->scopes);
    if (w->exceeds)
        return DB_OK;
    status = store_api_key_rotate(&w->by->tenant, c, w->row->key_id, (struct span){(const char *)w->hash, sizeof w->hash}, w->prefix);
    return status == DB_OK ? audit(w, c, "api-key.rotate") : status;
}

bool keys_rotate(struct app *app, const struct principal *by, struct span id, struct arena *arena, struct new_key *key, struct api_key_row *row,
                 struct problem *problem)
{
    struct work w = {.by = by, .id = id, .arena = arena, .row = row};
    *row = (struct api_key_row){0};
    memset(key, 0, sizeof *key);
    api_key_make(key->api_key);
    memcpy(w.prefix, key->api_key, API_KEY_PREFIX_LENGTH);
    if (!api_key_hash(span_of(key->api_key), w.hash))
        return problem_db(problem, DB_ERROR);
    if (!finish(&w, db_transact(app->db, rotate_it, &w), problem))
        return false;
    memcpy(key->id, row->public_id, sizeof key->id);
    memcpy(key->prefix, w.prefix, sizeof key->prefix);
    key->scopes = (unsigned)row->scopes;
    key->created_at = row->created_at;
    key->expires_at = row->expires_at;
    return true;
}
