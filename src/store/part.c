/* The originals, in parts small enough for one row. */
#include "store/document.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_part_sql[PART_SQL] = {
    [PART_INSERT] = {"part.insert", "insert into document_part (tenant_id, document_id, version, part, data) values ($1, $2, $3, $4, $5)"},
    [PART_GET] = {"part.get", "select data from document_part where tenant_id = $1 and document_id = $2 and version = $3 and part = $4"},
    [PART_DELETE_BEFORE] = {"part.delete_before", "delete from document_part where tenant_id = $1 and document_id = $2 and version < $3"},
};

static struct db_stmt *prepare(const struct tenant *t, struct db_conn *c, enum part_sql which, int64_t document_id, int64_t version)
{
    struct db_stmt *s = row_prepare(t, c, &store_part_sql[which]);
    db_bind_int(s, 2, document_id);
    db_bind_int(s, 3, version);
    return s;
}

enum db_status store_part_insert(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int64_t part, struct span data)
{
    if (data.n > DOCUMENT_PART_BYTES)
        return DB_ERROR;
    struct db_stmt *s = prepare(t, c, PART_INSERT, document_id, version);
    db_bind_int(s, 4, part);
    db_bind_blob(s, 5, data);
    return db_run(s, NULL);
}

enum db_status store_part_get(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int64_t part, struct arena *arena,
                              struct span *data, bool *found)
{
    struct row_reader r = {.s = prepare(t, c, PART_GET, document_id, version), .arena = arena};
    db_bind_int(r.s, 4, part);
    enum db_status status = row_first(r.s, found);
    if (*found)
        *data = row_blob(&r, 0);
    return row_end(&r, status);
}

enum db_status store_part_delete_before(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version)
{
    return db_run(prepare(t, c, PART_DELETE_BEFORE, document_id, version), NULL);
}
