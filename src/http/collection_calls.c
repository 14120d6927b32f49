/* Collections: list, create, rename, delete. */
#include <sodium.h>
#include <string.h>

#include "app/collections.h"
#include "http/idempotent.h"
#include "http/list_query.h"
#include "http/routes.h"

enum { BODY_MAX = 1 << 20 };

static json_t *collection_json(const struct collection_row *row)
{
    return json_pack("{s:s, s:o, s:I, s:o}", "id", row->public_id, "name", json_from(row->name), "documents", (json_int_t)row->documents, "created_at",
                     call_time(row->created_at));
}

void call_list_collections(struct exchange *x)
{
    struct principal by;
    struct collection_query query;
    struct collection_page page;
    struct problem problem = {0};
    if (!call_authenticate(x, SCOPE_KNOWLEDGE_READ, &by) || !list_query_read(x, &query.limit, &query.cursor))
        return;
    if (!collections_list(call_app(x), &by, &query, exchange_arena(x), &page, &problem)) {
        call_fail(x, &problem);
        return;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < page.count; i++)
        json_array_append_new(list, collection_json(&page.rows[i]));
    call_reply(x, 200, json_pack("{s:o, s:I, s:o}", "collections", list, "total", (json_int_t)page.total, "next_cursor", list_cursor_json(page.next_cursor)));
}

/* name.p == NULL: x has been finished. */
static json_t *read_name(struct exchange *x, struct span *name)
{
    struct validation v;
    *name = (struct span){NULL, 0};
    json_t *body = call_json(x, BODY_MAX);
    if (!body)
        return NULL;
    validation_begin(&v, body);
    struct span text = span_trim(validation_text(&v, "name", true, 1, COLLECTION_NAME_MAX));
    if (json_array_size(v.faults) == 0 && (text.n == 0 || memchr(text.p, '\n', text.n) || memchr(text.p, '\r', text.n)))
        validation_fault(&v, "name", "value_error", "Name should be one line, and not empty");
    if (validation_end(&v, x))
        *name = text;
    return body;
}

static void create(struct exchange *x, const struct principal *by, struct span name)
{
    unsigned char hash[32];
    struct idempotent *claim;
    struct collection_row row;
    struct problem problem = {0};
    crypto_hash_sha256(hash, (const unsigned char *)name.p, name.n);
    if (!idempotent_begin(x, by, "POST /api/v1/collections", hash, &claim))
        return;
    if (collections_create(call_app(x), by, name, exchange_arena(x), &row, &problem))
        idempotent_reply(x, claim, 201, collection_json(&row));
    else
        idempotent_fail(x, claim, &problem);
}

void call_create_collection(struct exchange *x)
{
    struct principal by;
    struct span name;
    if (!call_authenticate(x, SCOPE_KNOWLEDGE_WRITE, &by))
        return;
    json_t *body = read_name(x, &name);
    if (name.p)
        create(x, &by, name);
    json_decref(body);
}

void call_rename_collection(struct exchange *x)
{
    struct principal by;
    struct span name, id = exchange_path_param(x, "collection_id");
    struct collection_row row;
    struct problem problem = {0};
    if (!call_authenticate(x, SCOPE_KNOWLEDGE_WRITE, &by))
        return;
    json_t *body = read_name(x, &name);
    if (name.p) {
        if (collections_rename(call_app(x), &by, id, name, exchange_arena(x), &row, &problem))
            call_reply(x, 200, collection_json(&row));
        else
            call_fail(x, &problem);
    }
    json_decref(body);
}

void call_delete_collection(struct exchange *x)
{
    struct principal by;
    struct problem problem = {0};
    if (!call_authenticate(x, SCOPE_KNOWLEDGE_WRITE, &by))
        return;
    if (collections_delete(call_app(x), &by, exchange_path_param(x, "collection_id"), &problem))
        exchange_reply(x, 204, NULL, SPAN(""));
    else
        call_fail(x, &problem);
}
