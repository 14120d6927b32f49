/* API keys: list, change, revoke, rotate. */
#include <sodium.h>

#include "app/keys.h"
#include "http/key_json.h"
#include "http/list_query.h"
#include "http/routes.h"

enum { BODY_MAX = 1 << 20 };

static json_t *key_json(const struct api_key_row *row)
{
    return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "id", row->public_id, "name", json_from(row->name), "prefix", row->prefix, "scopes",
                     scopes_json((unsigned)row->scopes), "collection", text_or_null(row->collection), "created_at", call_time(row->created_at), "expires_at",
                     call_time(row->expires_at), "last_used_at", call_time(row->last_used_at));
}

void call_list_api_keys(struct exchange *x)
{
    struct principal by;
    struct key_query query;
    struct key_page page;
    struct problem problem = {0};
    if (!call_authenticate(x, SCOPE_ADMIN, &by) || !list_query_read(x, &query.limit, &query.cursor))
        return;
    if (!keys_list(call_app(x), &by, &query, exchange_arena(x), &page, &problem)) {
        call_fail(x, &problem);
        return;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < page.count; i++)
        json_array_append_new(list, key_json(&page.rows[i]));
    call_reply(x, 200, json_pack("{s:o, s:I, s:o}", "api_keys", list, "total", (json_int_t)page.total, "next_cursor", list_cursor_json(page.next_cursor)));
}

/* expires_at: null takes the end away, absent leaves it. */
static bool read_change(struct exchange *x, const json_t *body, struct key_change *change)
{
    struct validation v;
    validation_begin(&v, body);
    *change = (struct key_change){.name = validation_text(&v, "name", false, 1, KEY_NAME_MAX)};
    if (change->name.p)
        change->name = span_trim(change->name);
    change->scopes = read_scopes(&v);
    change->sets_expiry = json_object_get(body, "expires_at") != NULL;
    change->expires_at = validation_time(&v, "expires_at");
    return validation_end(&v, x);
}

void call_change_api_key(struct exchange *x)
{
    struct principal by;
    struct key_change change;
    struct api_key_row row;
    struct problem problem = {0};
    struct span id = exchange_path_param(x, "key_id");
    if (!call_authenticate(x, SCOPE_ADMIN, &by))
        return;
    json_t *body = call_json(x, BODY_MAX);
    if (!body)
        return;
    if (read_change(x, body, &change)) {
        if (keys_change(call_app(x), &by, id, &change, exchange_arena(x), &row, &problem))
            call_reply(x, 200, key_json(&row));
        else
            call_fail(x, &problem);
    }
    json_decref(body);
}

void call_revoke_api_key(struct exchange *x)
{
    struct principal by;
    struct problem problem = {0};
    if (!call_authenticate(x, SCOPE_ADMIN, &by))
        return;
    if (keys_revoke(call_app(x), &by, exchange_path_param(x, "key_id"), &problem))
        exchange_reply(x, 204, NULL, SPAN(""));
    else
        call_fail(x, &problem);
}

void call_rotate_api_key(struct exchange *x)
{
    struct principal by;
    struct new_key key;
    struct api_key_row row;
    struct problem problem = {0};
    if (!call_authenticate(x, SCOPE_ADMIN, &by))
        return;
    exchange_add_header(x, "Cache-Control", "no-store");
    if (keys_rotate(call_app(x), &by, exchange_path_param(x, "key_id"), exchange_arena(x), &key, &row, &problem))
        call_reply(x, 200, new_key_json(&key, row.name, row.collection));
    else
        call_fail(x, &problem);
    sodium_memzero(&key, sizeof key);
}
