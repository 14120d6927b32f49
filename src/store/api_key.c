/* API keys: found by the hash of the key, then read inside their tenant. */
#include "store/account.h"
#include "store/row.h"
#include "store/sql.h"

/* In the order that read_row reads them. */
#define SELECT                                                                                                                                                 \
    "select k.key_id, k.public_id, k.name, k.prefix, k.scopes, k.collection_id, l.name, k.created_at, k.expires_at, k.last_used_at from api_key k"             \
    " left join collection l on l.tenant_id = $1 and l.collection_id = k.collection_id where k.tenant_id = $1 and k.revoked_at is null"
#define OF_COLLECTION " and (cast($2 as bigint) = 0 or k.collection_id = $2)"
#define THIS " where tenant_id = $1 and key_id = $2"

const struct db_statement store_api_key_sql[API_KEY_SQL] = {
    [API_KEY_INSERT] = {"api_key.insert",
                        "insert into api_key (tenant_id, key_id, public_id, key_hash, name, prefix, scopes, collection_id, created_at, expires_at)"
                        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"},
    [API_KEY_HASH_INSERT] = {"api_key_hash.insert", "insert into api_key_hash (tenant_id, key_hash, key_id) values ($1, $2, $3)"},
    [API_KEY_ACCESS] = {"api_key.access",
                        "select k.public_id, t.public_id, t.status, k.scopes, k.collection_id, k.expires_at, k.revoked_at, k.last_used_at, t.index_seq"
                        " from api_key k join tenant t on t.tenant_id = $1 where k.tenant_id = $1 and k.key_id = $2"},
    [API_KEY_USED] = {"api_key.used",
                      "update api_key set last_used_at = $3 where tenant_id = $1 and key_id = $2 and (last_used_at is null or last_used_at < $3)"},
    [API_KEY_LIST] = {"api_key.list", SELECT OF_COLLECTION " and k.public_id < $3 order by k.public_id desc limit $4"},
    [API_KEY_COUNT] = {"api_key.count", "select count(*) from api_key k where k.tenant_id = $1 and k.revoked_at is null" OF_COLLECTION},
    [API_KEY_BY_PUBLIC_ID] = {"api_key.by_public_id", SELECT " and k.public_id = $2"},
    [API_KEY_UPDATE] = {"api_key.update", "update api_key set name = $3, scopes = $4, expires_at = $5" THIS},
    [API_KEY_REVOKE] = {"api_key.revoke", "update api_key set revoked_at = $3" THIS},
    [API_KEY_ROTATE] = {"api_key.rotate", "update api_key set key_hash = $3, prefix = $4" THIS},
    [API_KEY_HASH_DELETE] = {"api_key_hash.delete", "delete from api_key_hash where tenant_id = $1 and key_hash = (select k.key_hash from api_key k"
                                                    " where k.tenant_id = $1 and k.key_id = $2)"},
};

const struct db_statement store_api_key_hash_sql[API_KEY_HASH_SQL] = {
    [API_KEY_FIND] = {"api_key.find", "select tenant_id, key_id from api_key_hash where key_hash = $1"},
};

static enum db_status insert_hash(const struct tenant *t, struct db_conn *c, int64_t key_id, struct span key_hash)
{
    struct db_stmt *s = row_prepare(t, c, &store_api_key_sql[API_KEY_HASH_INSERT]);
    db_bind_blob(s, 2, key_hash);
    db_bind_int(s, 3, key_id);
    return db_run(s, NULL);
}

enum db_status store_api_key_insert(const struct tenant *t, struct db_conn *c, const struct api_key_row *row, struct span key_hash)
{
    struct db_stmt *s = row_prepare(t, c, &store_api_key_sql[API_KEY_INSERT]);
    db_bind_int(s, 2, row->key_id);
    row_bind_cstr(s, 3, row->public_id);
    db_bind_blob(s, 4, key_hash);
    db_bind_text(s, 5, row->name);
    row_bind_cstr(s, 6, row->prefix);
    db_bind_int(s, 7, row->scopes);
    row_bind_optional(s, 8, row->collection_id);
    db_bind_int(s, 9, row->created_at);
    row_bind_optional(s, 10, row->expires_at);
    enum db_status status = db_run(s, NULL);
    return status == DB_OK ? insert_hash(t, c, row->key_id, key_hash) : status;
}

enum db_status store_api_key_find(struct db_conn *c, struct span key_hash, int64_t *tenant_id, int64_t *key_id, bool *found)
{
    struct db_stmt *s = db_prepare(c, &store_api_key_hash_sql[API_KEY_FIND]);
    db_bind_blob(s, 1, key_hash);
    enum db_status status = row_first(s, found);
    if (*found) {
        *tenant_id = db_int(s, 0);
        *key_id = db_int(s, 1);
    }
    db_end(s);
    return status;
}

enum db_status store_api_key_access(const struct tenant *t, struct db_conn *c, int64_t key_id, struct api_key_access *access, bool *found)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_api_key_sql[API_KEY_ACCESS])};
    db_bind_int(r.s, 2, key_id);
    enum db_status status = row_first(r.s, found);
    if (*found) {
        row_cstr(&r, 0, access->key_public_id, sizeof access->key_public_id);
        row_cstr(&r, 1, access->tenant_public_id, sizeof access->tenant_public_id);
        row_cstr(&r, 2, access->tenant_status, sizeof access->tenant_status);
        access->scopes = db_int(r.s, 3);
        access->collection_id = db_int(r.s, 4);
        access->expires_at = db_int(r.s, 5);
        access->revoked_at = db_int(r.s, 6);
        access->last_used_at = db_int(r.s, 7);
        access->index_seq = db_int(r.s, 8);
    }
    return row_end(&r, status);
}

enum db_status store_api_key_used(const struct tenant *t, struct db_conn *c, int64_t key_id, int64_t at)
{
    struct db_stmt *s = row_prepare(t, c, &store_api_key_sql[API_KEY_USED]);
    db_bind_int(s, 2, key_id);
    db_bind_int(s, 3, at);
    return db_run(s, NULL);
}

/* ---- keys as their owners see them ---- */

static struct db_stmt *prepare_one(const struct tenant *t, struct db_conn *c, enum api_key_sql which, int64_t key_id)
{
    struct db_stmt *s = row_prepare(t, c, &store_api_key_sql[which]);
    db_bind_int(s, 2, key_id);
    return s;
}

static void read_row(struct row_reader *r, struct api_key_row *row)
{
    row->key_id = db_int(r->s, 0);
    row_cstr(r, 1, row->public_id, sizeof row->public_id);
    row->name = row_text(r, 2);
    row_cstr(r, 3, row->prefix, sizeof row->prefix);
    row->scopes = db_int(r->s, 4);
    row->collection_id = db_int(r->s, 5);
    row->collection = row_text(r, 6);
    row->created_at = db_int(r->s, 7);
    row->expires_at = db_int(r->s, 8);
    row->last_used_at = db_int(r->s, 9);
}

enum db_status store_api_key_list(const struct tenant *t, struct db_conn *c, const struct api_key_filter *filter, struct arena *arena,
                                  struct api_key_row **rows, size_t *count)
{
    struct row_reader r = {.s = prepare_one(t, c, API_KEY_LIST, filter->collection_id), .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof **rows};
    enum db_status status;
    /* Public ids are a lower-case prefix and hexadecimal digits: all are below this. */
    db_bind_text(r.s, 3, filter->before.p ? filter->before : SPAN("zzzzzzzz"));
    db_bind_int(r.s, 4, filter->limit);
    while ((status = db_step(r.s)) == DB_ROW && !r.failed) {
        struct api_key_row *row = row_append(&array);
        r.failed = !row;
        if (row)
            read_row(&r, row);
    }
    *rows = (struct api_key_row *)(void *)array.p;
    *count = array.count;
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}

enum db_status store_api_key_count(const struct tenant *t, struct db_conn *c, const struct api_key_filter *filter, int64_t *total)
{
    bool found;
    return row_number(prepare_one(t, c, API_KEY_COUNT, filter->collection_id), total, &found);
}

enum db_status store_api_key_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct api_key_row *row,
                                          bool *found)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_api_key_sql[API_KEY_BY_PUBLIC_ID]), .arena = arena};
    db_bind_text(r.s, 2, public_id);
    enum db_status status = row_first(r.s, found);
    if (*found)
        read_row(&r, row);
    return row_end(&r, status);
}

enum db_status store_api_key_update(const struct tenant *t, struct db_conn *c, const struct api_key_row *row)
{
    struct db_stmt *s = prepare_one(t, c, API_KEY_UPDATE, row->key_id);
    db_bind_text(s, 3, row->name);
    db_bind_int(s, 4, row->scopes);
    row_bind_optional(s, 5, row->expires_at);
    return db_run(s, NULL);
}

enum db_status store_api_key_revoke(const struct tenant *t, struct db_conn *c, int64_t key_id, int64_t now)
{
    struct db_stmt *s = prepare_one(t, c, API_KEY_REVOKE, key_id);
    db_bind_int(s, 3, now);
    enum db_status status = db_run(s, NULL);
    return status == DB_OK ? db_run(prepare_one(t, c, API_KEY_HASH_DELETE, key_id), NULL) : status;
}

enum db_status store_api_key_rotate(const struct tenant *t, struct db_conn *c, int64_t key_id, struct span key_hash, const char *prefix)
{
    enum db_status status = db_run(prepare_one(t, c, API_KEY_HASH_DELETE, key_id), NULL);
    if (status != DB_OK)
        return status;
    struct db_stmt *s = prepare_one(t, c, API_KEY_ROTATE, key_id);
    db_bind_blob(s, 3, key_hash);
    row_bind_cstr(s, 4, prefix);
    status = db_run(s, NULL);
    return status == DB_OK ? insert_hash(t, c, key_id, key_hash) : status;
}
