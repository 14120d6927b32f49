/* Collections: named groups of documents. */
#include "store/document.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_collection_sql[COLLECTION_SQL] = {
    [COLLECTION_FIND] = {"collection.find", "select collection_id from collection where tenant_id = $1 and name = $2"},
    [COLLECTION_INSERT] = {"collection.insert", "insert into collection (tenant_id, collection_id, public_id, name, created_at) values ($1, $2, $3, $4, $5)"
                                                " on conflict (tenant_id, name) do nothing"},
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
