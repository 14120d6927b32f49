/* Documents: list, one, delete. */
#include "app/documents.h"

#include <string.h>

#include "app/ingest_internal.h"
#include "store/account.h"

struct listing {
    const struct principal *by;
    struct document_filter filter;
    struct arena *arena;
    struct document_page *page;
};

static enum db_status list(struct db_conn *c, void *context)
{
    struct listing *l = context;
    const struct tenant *t = &l->by->tenant;
    enum db_status status = store_document_count(t, c, &l->filter, &l->page->total);
    return status == DB_OK ? store_document_list(t, c, &l->filter, l->arena, &l->page->rows, &l->page->count) : status;
}

bool documents_list(struct app *app, const struct principal *by, const struct document_query *query, struct arena *arena, struct document_page *page,
                    struct problem *problem)
{
    struct listing l = {.by = by, .arena = arena, .page = page};
    l.filter =
        (struct document_filter){.status = query->status, .name_contains = query->name_contains, .collection_id = by->collection_id, .limit = query->limit + 1};
    memset(page, 0, sizeof *page);
    if (!cursor_read(query->cursor, "doc_", arena, &l.filter.before, problem))
        return false;
    enum db_status status = db_snapshot(app->db, list, &l);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (cursor_has_more(&page->count, query->limit))
        cursor_write(page->next_cursor, page->rows[page->count - 1].public_id);
    return true;
}

struct lookup {
    const struct principal *by;
    struct span public_id;
    struct arena *arena;
    struct document_row *row;
    bool found;
};

/* A key that is bound to a collection sees no other. */
static enum db_status look_up(struct db_conn *c, void *context)
{
    struct lookup *l = context;
    enum db_status status = store_document_by_public_id(&l->by->tenant, c, l->public_id, l->arena, l->row, &l->found);
    if (status == DB_OK && l->by->collection_id && l->row->collection_id != l->by->collection_id)
        l->found = false;
    return status;
}

static bool no_such_document(struct problem *problem)
{
    return problem_set(problem, PROBLEM_NOT_FOUND, "", "There is no document with this id; list them with GET /api/v1/knowledge/documents.");
}

bool documents_get(struct app *app, const struct principal *by, struct span public_id, struct arena *arena, struct document_row *row, struct problem *problem)
{
    struct document_row read = {0}; /* apart from *row, which may hold the id */
    struct lookup l = {by, public_id, arena, &read, false};
    enum db_status status = db_snapshot(app->db, look_up, &l);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (!l.found)
        return no_such_document(problem);
    *row = read;
    return true;
}

static enum db_status delete (struct db_conn *c, void *context) {
    struct lookup *l = context; const struct tenant *t = &l->by->tenant; int64_t seq; enum db_status status = look_up(c, l);
    if (status != DB_OK || !l->found) return status;
    status = store_tenant_next_seq(t, c, &seq);
    if (status == DB_OK) status = store_document_delete(t, c, l->row->document_id, seq, sys_wall_ms(), &l->found);
    return status == DB_OK ? store_audit_insert(t, c, l->by->actor, "document.delete", l->row->public_id, sys_wall_ms()) : status;
}

bool documents_delete(struct app *app, const struct principal *by, struct span public_id, struct problem *problem)
{
    struct arena *arena = arena_new(1 << 20);
    if (!arena)
        return problem_set(problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory now; try again.");
    struct document_row row = {0};
    struct lookup l = {by, public_id, arena, &row, false};
    enum db_status status = db_transact(app->db, delete, &l);
    bool ok = status != DB_OK ? problem_db(problem, status) : l.found ? true : no_such_document(problem);
    if (ok) {
        indexes_forget_snapshot(app->indexes, &by->tenant);
        waiters_fire(&app->ingest->waiters, by->tenant.id, row.document_id, row.version);
    }
    arena_free(arena);
    return ok;
}
