/* Collections over store/document.h. */
#include "app/collections.h"

#include "store/account.h"

enum { ROW_BYTES = 64 << 10 };

static bool no_such_collection(struct problem *problem)
{
    return problem_set(problem, PROBLEM_NOT_FOUND, "", "There is no collection with this id; list them with GET /api/v1/collections.");
}

static bool unbound(const struct principal *by, struct problem *problem)
{
    if (!by->collection_id)
        return true;
    return problem_set(problem, PROBLEM_FORBIDDEN, "missing-scope", "This key is bound to a collection; use one that is not, or a person's token.");
}

/* ---- list ---- */

struct listing {
    const struct tenant *tenant;
    struct collection_filter filter;
    struct arena *arena;
    struct collection_page *page;
};

static enum db_status list(struct db_conn *c, void *context)
{
    struct listing *l = context;
    enum db_status status = store_collection_count(l->tenant, c, &l->filter, &l->page->total);
    return status == DB_OK ? store_collection_list(l->tenant, c, &l->filter, l->arena, &l->page->rows, &l->page->count) : status;
}

bool collections_list(struct app *app, const struct principal *by, const struct collection_query *query, struct arena *arena, struct collection_page *page,
                      struct problem *problem)
{
    struct listing l = {&by->tenant, {.collection_id = by->collection_id, .limit = query->limit + 1}, arena, page};
    *page = (struct collection_page){0};
    if (!cursor_read(query->cursor, "col_", arena, &l.filter.before, problem))
        return false;
    enum db_status status = db_snapshot(app->db, list, &l);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (cursor_has_more(&page->count, query->limit))
        cursor_write(page->next_cursor, page->rows[page->count - 1].public_id);
    return true;
}

/* ---- one ---- */

struct change {
    const struct principal *by;
    struct span id, name;
    struct arena *arena;
    struct collection_row *row;
    bool found, taken;
    int64_t keys;
};

static bool name_taken(struct problem *problem)
{
    return problem_set(problem, PROBLEM_CONFLICT, "", "There is a collection of that name already; take another name.");
}

static enum db_status audit(const struct change *change, struct db_conn *c, const char *action)
{
    return store_audit_insert(&change->by->tenant, c, change->by->actor, action, change->row->public_id, sys_wall_ms());
}

/* A name that stands there already is none of this call's. */
static enum db_status create(struct db_conn *c, void *context)
{
    struct change *change = context;
    const struct tenant *t = &change->by->tenant;
    struct collection_filter filter = {.limit = 1};
    struct collection_row *rows;
    size_t count;
    enum db_status status = store_collection_by_name(t, c, change->name, false, 0, &filter.collection_id, &change->taken);
    if (status != DB_OK || change->taken)
        return status;
    status = store_collection_by_name(t, c, change->name, true, sys_wall_ms(), &filter.collection_id, &change->found);
    if (status == DB_OK)
        status = store_collection_list(t, c, &filter, change->arena, &rows, &count);
    if (status != DB_OK || !count)
        return status == DB_OK ? DB_ERROR : status;
    *change->row = rows[0];
    return audit(change, c, "collection.create");
}

bool collections_create(struct app *app, const struct principal *by, struct span name, struct arena *arena, struct collection_row *row, struct problem *problem)
{
    struct change change = {.by = by, .name = name, .arena = arena, .row = row};
    if (!unbound(by, problem))
        return false;
    enum db_status status = db_transact(app->db, create, &change);
    if (status != DB_OK)
        return problem_db(problem, status);
    return !change.taken || name_taken(problem);
}

static enum db_status find(struct change *change, struct db_conn *c)
{
    return store_collection_by_public_id(&change->by->tenant, c, change->id, change->arena, change->row, &change->found);
}

static bool is_default(const struct collection_row *row)
{
    return span_eq(row->name, SPAN("default"));
}

static enum db_status rename_it(struct db_conn *c, void *context)
{
    struct change *change = context;
    enum db_status status = find(change, c);
    if (status != DB_OK || !change->found || is_default(change->row))
        return status;
    status = store_collection_rename(&change->by->tenant, c, change->row->collection_id, change->name);
    return status == DB_OK ? audit(change, c, "collection.rename") : status;
}

bool collections_rename(struct app *app, const struct principal *by, struct span id, struct span name, struct arena *arena, struct collection_row *row,
                        struct problem *problem)
{
    struct change change = {.by = by, .id = id, .name = name, .arena = arena, .row = row};
    if (!unbound(by, problem))
        return false;
    enum db_status status = db_transact(app->db, rename_it, &change);
    if (status == DB_CONFLICT)
        return name_taken(problem);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (!change.found)
        return no_such_collection(problem);
    if (is_default(row))
        return problem_set(problem, PROBLEM_CONFLICT, "", "The collection \"default\" keeps its name; make another one.");
    row->name = name;
    return true;
}

static enum db_status delete_it(struct db_conn *c, void *context)
{
    struct change *change = context;
    const struct tenant *t = &change->by->tenant;
    int64_t other_id;
    bool found;
    enum db_status status = find(change, c);
    if (status != DB_OK || !change->found || is_default(change->row) || change->row->documents)
        return status;
    status = store_collection_keys(t, c, change->row->collection_id, &change->keys);
    if (status != DB_OK || change->keys)
        return status;
    status = store_collection_by_name(t, c, SPAN("default"), true, sys_wall_ms(), &other_id, &found);
    if (status == DB_OK)
        status = store_collection_delete(t, c, change->row->collection_id, other_id);
    return status == DB_OK ? audit(change, c, "collection.delete") : status;
}

bool collections_delete(struct app *app, const struct principal *by, struct span id, struct problem *problem)
{
    struct collection_row row = {0};
    struct change change = {.by = by, .id = id, .row = &row};
    if (!unbound(by, problem))
        return false;
    change.arena = arena_new(ROW_BYTES);
    enum db_status status = change.arena ? db_transact(app->db, delete_it, &change) : DB_ERROR;
    bool kept = change.found && is_default(&row); /* its name is in the arena */
    arena_free(change.arena);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (!change.found)
        return no_such_collection(problem);
    if (kept)
        return problem_set(problem, PROBLEM_CONFLICT, "", "The collection \"default\" stays; delete its documents instead.");
    if (row.documents)
        return problem_set(problem, PROBLEM_CONFLICT, "", "There are documents in this collection; delete them first.");
    if (change.keys)
        return problem_set(problem, PROBLEM_CONFLICT, "", "API keys are bound to this collection; revoke them first.");
    return true;
}

/* ---- keys ---- */

struct binding {
    const struct principal *by;
    struct span name;
    struct collection_filter filter;
    struct arena *arena;
    struct collection_row *rows;
    size_t count;
    bool found;
};

static enum db_status bind(struct db_conn *c, void *context)
{
    struct binding *b = context;
    const struct tenant *t = &b->by->tenant;
    enum db_status status = DB_OK;
    b->filter.collection_id = b->by->collection_id;
    b->found = true;
    if (b->name.p)
        status = store_collection_by_name(t, c, b->name, false, 0, &b->filter.collection_id, &b->found);
    if (status != DB_OK || !b->found || !b->filter.collection_id)
        return status;
    return store_collection_list(t, c, &b->filter, b->arena, &b->rows, &b->count);
}

bool collections_bind(struct app *app, const struct principal *by, struct span name, struct arena *arena, int64_t *collection_id, struct span *bound,
                      struct problem *problem)
{
    struct binding b = {.by = by, .name = name, .filter = {.limit = 1}, .arena = arena};
    enum db_status status = db_snapshot(app->db, bind, &b);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (!b.found || (by->collection_id && b.filter.collection_id != by->collection_id))
        return problem_field(problem, "collection", "There is no collection of that name; make it first with POST /api/v1/collections.");
    *collection_id = b.filter.collection_id;
    *bound = b.count ? b.rows[0].name : (struct span){NULL, 0};
    return true;
}
