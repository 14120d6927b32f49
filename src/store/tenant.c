/* Tenants and the number that rises with their searchable content. */
#include "store/account.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_tenant_sql[TENANT_SQL] = {
    [TENANT_INSERT] = {"tenant.insert", "insert into tenant (tenant_id, public_id, name, status, index_seq, created_at) values ($1, $2, $3, $4, $5, $6)"},
    [TENANT_GET] = {"tenant.get", "select public_id, name, status, index_seq, created_at from tenant where tenant_id = $1"},
    [TENANT_NEXT_SEQ] = {"tenant.next_seq", "update tenant set index_seq = index_seq + 1 where tenant_id = $1 returning index_seq"},
    [TENANT_SEQ] = {"tenant.seq", "select index_seq from tenant where tenant_id = $1"},
};

enum db_status store_tenant_insert(const struct tenant *t, struct db_conn *c, const struct tenant_row *row)
{
    struct db_stmt *s = row_prepare(t, c, &store_tenant_sql[TENANT_INSERT]);
    row_bind_cstr(s, 2, row->public_id);
    db_bind_text(s, 3, row->name);
    row_bind_cstr(s, 4, row->status);
    db_bind_int(s, 5, row->index_seq);
    db_bind_int(s, 6, row->created_at);
    return db_run(s, NULL);
}

enum db_status store_tenant_get(const struct tenant *t, struct db_conn *c, struct arena *arena, struct tenant_row *row, bool *found)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_tenant_sql[TENANT_GET]), .arena = arena};
    enum db_status status = row_first(r.s, found);
    if (*found) {
        row_cstr(&r, 0, row->public_id, sizeof row->public_id);
        row->name = row_text(&r, 1);
        row_cstr(&r, 2, row->status, sizeof row->status);
        row->index_seq = db_int(r.s, 3);
        row->created_at = db_int(r.s, 4);
    }
    return row_end(&r, status);
}

/* A handle of a tenant that is gone gives DB_ERROR: its makers have just read the row. */
static enum db_status seq(const struct tenant *t, struct db_conn *c, enum tenant_sql which, int64_t *value)
{
    bool found;
    enum db_status status = row_number(row_prepare(t, c, &store_tenant_sql[which]), value, &found);
    return status == DB_OK && !found ? DB_ERROR : status;
}

enum db_status store_tenant_next_seq(const struct tenant *t, struct db_conn *c, int64_t *value)
{
    return seq(t, c, TENANT_NEXT_SEQ, value);
}

enum db_status store_tenant_seq(const struct tenant *t, struct db_conn *c, int64_t *value)
{
    return seq(t, c, TENANT_SEQ, value);
}
