/* Collections: named groups of documents. */
#include "store/document.h"
#include "store/row.h"
#include "store/sql.h"

/* In the order that read_row reads them. */
#define SELECT                                                                                                                                                 \
    "select k.collection_id, k.public_id, k.name, (select count(*) from document d where d.tenant_id = $1 and d.collection_id = k.collection_id"               \
    " and d.tombstone = 0), k.created_at from collection k where k.tenant_id = $1"
#define OF_COLLECTION " where tenant_id = $1 and collection_id = $2"
#define THIS_OR_ANY " and (cast($2 as bigint) = 0 or k.collection_id = $2)"

const struct db_statement store_collection_sql[COLLECTION_SQL] = {
    [COLLECTION_FIND] = {"collection.find", "select collection_id from collection where tenant_id = $1 and name = $2"},
    [COLLECTION_INSERT] = {"collection.insert", "insert into collection (tenant_id, collection_id, public_id, name, created_at) values ($1, $2, $3, $4, $5)"
                                                " on conflict (tenant_id, name) do nothing"},
    [COLLECTION_LIST] = {"collection.list", SELECT THIS_OR_ANY " and k.public_id < $3 order by k.public_id desc limit $4"},
    [COLLECTION_COUNT] = {"collection.count", "select count(*) from collection k where k.tenant_id = $1" THIS_OR_ANY},
    [COLLECTION_BY_PUBLIC_ID] = {"collection.by_public_id", SELECT " and k.public_id = $2"},
    [COLLECTION_RENAME] = {"collection.rename", "update collection set name = $3" OF_COLLECTION},
    [COLLECTION_KEYS] = {"collection.keys", "select count(*) from api_key" OF_COLLECTION " and revoked_at is null"},
    [COLLECTION_CLEAR] = {"collection.clear", "update document set collection_id = $3" OF_COLLECTION " and tombstone <> 0"},
    [COLLECTION_DELETE] = {"collection.delete", "delete from collection" OF_COLLECTION},
};

static enum db_status find(const struct tenant *t, struct db_conn *c, struct span name, int64_t *collection_id, bool *found)
{
    struct db_stmt *s = row_prepare(t, c, &store_collection_sql[COLLECTION_FIND]);
    db_bind_text(s, 2, name);
    return row_number(s, collection_id, found);
}

static enum db_status insert(const struct tenant *t, struct db_conn *c, struct span name, int64_t now)
{
    char public_id[PUBLIC_ID_SIZE];
    sys_public_id(public_id, "col_");
    struct db_stmt *s = row_prepare(t, c, &store_collection_sql[COLLECTION_INSERT]);
    db_bind_int(s, 2, sys_random_id());
    row_bind_cstr(s, 3, public_id);
    db_bind_text(s, 4, name);
    db_bind_int(s, 5, now);
    return db_run(s, NULL);
}

enum db_status store_collection_by_name(const struct tenant *t, struct db_conn *c, struct span name, bool create, int64_t now, int64_t *collection_id,
                                        bool *found)
{
    enum db_status status = find(t, c, name, collection_id, found);
    if (status != DB_OK || *found || !create)
        return status;
    status = insert(t, c, name, now);
    /* Another node may have made it first: what stands there counts. */
    if (status == DB_OK)
        status = find(t, c, name, collection_id, found);
    return status == DB_OK && !*found ? DB_RETRY : status;
}

/* ---- many, and one by its public id ---- */

static void read_row(struct row_reader *r, struct collection_row *row)
{
    row->collection_id = db_int(r->s, 0);
    row_cstr(r, 1, row->public_id, sizeof row->public_id);
    row->name = row_text(r, 2);
    row->documents = db_int(r->s, 3);
    row->created_at = db_int(r->s, 4);
}

enum db_status store_collection_list(const struct tenant *t, struct db_conn *c, const struct collection_filter *filter, struct arena *arena,
                                     struct collection_row **rows, size_t *count)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_collection_sql[COLLECTION_LIST]), .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof **rows};
    enum db_status status;
    db_bind_int(r.s, 2, filter->collection_id);
    /* Public ids are a lower-case prefix and hexadecimal digits: all are below this. */
    db_bind_text(r.s, 3, filter->before.p ? filter->before : SPAN("zzzzzzzz"));
    db_bind_int(r.s, 4, filter->limit);
    while ((status = db_step(r.s)) == DB_ROW && !r.failed) {
        struct collection_row *row = row_append(&array);
        r.failed = !row;
        if (row)
            read_row(&r, row);
    }
    *rows = (struct collection_row *)(void *)array.p;
    *count = array.count;
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}

enum db_status store_collection_count(const struct tenant *t, struct db_conn *c, const struct collection_filter *filter, int64_t *total)
{
    bool found;
    struct db_stmt *s = row_prepare(t, c, &store_collection_sql[COLLECTION_COUNT]);
    db_bind_int(s, 2, filter->collection_id);
    return row_number(s, total, &found);
}

enum db_status store_collection_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct collection_row *row,
                                             bool *found)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_collection_sql[COLLECTION_BY_PUBLIC_ID]), .arena = arena};
    db_bind_text(r.s, 2, public_id);
    enum db_status status = row_first(r.s, found);
    if (*found)
        read_row(&r, row);
    return row_end(&r, status);
}

/* ---- changes ---- */

static struct db_stmt *prepare_one(const struct tenant *t, struct db_conn *c, enum collection_sql which, int64_t collection_id)
{
    struct db_stmt *s = row_prepare(t, c, &store_collection_sql[which]);
    db_bind_int(s, 2, collection_id);
    return s;
}

enum db_status store_collection_rename(const struct tenant *t, struct db_conn *c, int64_t collection_id, struct span name)
{
    struct db_stmt *s = prepare_one(t, c, COLLECTION_RENAME, collection_id);
    db_bind_text(s, 3, name);
    return db_run(s, NULL);
}

enum db_status store_collection_keys(const struct tenant *t, struct db_conn *c, int64_t collection_id, int64_t *count)
{
    bool found;
    return row_number(prepare_one(t, c, COLLECTION_KEYS, collection_id), count, &found);
}

enum db_status store_collection_delete(const struct tenant *t, struct db_conn *c, int64_t collection_id, int64_t other_id)
{
    struct db_stmt *s = prepare_one(t, c, COLLECTION_CLEAR, collection_id);
    db_bind_int(s, 3, other_id);
    enum db_status status = db_run(s, NULL);
    return status == DB_OK ? db_run(prepare_one(t, c, COLLECTION_DELETE, collection_id), NULL) : status;
}
