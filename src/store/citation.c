/* Citations of a message: ranges of its answer and the sources they rest on. */
#include "store/conversation.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_citation_sql[CITATION_SQL] = {
    [CITATION_INSERT] = {"message_citation.insert", "insert into message_citation (tenant_id, message_id, rank, kind, start_at, end_at, source_rank, supported)"
                                                    " values ($1, $2, $3, $4, $5, $6, $7, $8)"},
    [CITATION_LIST] = {"message_citation.list", "select kind, start_at, end_at, coalesce(source_rank, -1), supported from message_citation"
                                                " where tenant_id = $1 and message_id = $2 order by rank"},
};

enum db_status store_citation_insert(const struct tenant *t, struct db_conn *c, int64_t message_id, size_t rank, const struct citation_row *row)
{
    struct db_stmt *s = row_prepare(t, c, &store_citation_sql[CITATION_INSERT]);
    db_bind_int(s, 2, message_id);
    db_bind_int(s, 3, (int64_t)rank);
    row_bind_cstr(s, 4, row->kind);
    db_bind_int(s, 5, row->start);
    db_bind_int(s, 6, row->end);
    if (row->source < 0)
        db_bind_null(s, 7);
    else
        db_bind_int(s, 7, row->source);
    db_bind_int(s, 8, row->supported);
    return db_run(s, NULL);
}

static void read_citation(struct row_reader *r, struct citation_row *row)
{
    row_cstr(r, 0, row->kind, sizeof row->kind);
    row->start = db_int(r->s, 1);
    row->end = db_int(r->s, 2);
    row->source = db_int(r->s, 3);
    row->supported = db_int(r->s, 4) != 0;
}

enum db_status store_citation_list(const struct tenant *t, struct db_conn *c, int64_t message_id, struct arena *arena, struct citation_row **rows,
                                   size_t *count)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_citation_sql[CITATION_LIST]), .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof **rows};
    enum db_status status;
    db_bind_int(r.s, 2, message_id);
    while ((status = db_step(r.s)) == DB_ROW && !r.failed) {
        struct citation_row *row = row_append(&array);
        r.failed = !row;
        if (row)
            read_citation(&r, row);
    }
    *rows = (struct citation_row *)(void *)array.p;
    *count = array.count;
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}
