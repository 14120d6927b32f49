/* Filters → the documents that may be searched. */
#include "app/search_scope.h"

#include <stdlib.h>

#include "app/metadata.h"
#include "store/account.h"
#include "store/document.h"

enum { ROW_BYTES = 2 << 20 };

struct resolve {
    const struct principal *by;
    const struct retrieve_query *query;
    struct arena *arena;
    int64_t *ids; /* [query->document_count] */
    size_t count;
    int64_t collection_id;
    bool collection_found;
};

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static enum db_status resolve_collection(struct resolve *r, struct db_conn *c)
{
    r->collection_found = true;
    if (!r->query->collection.p)
        return DB_OK;
    return store_collection_by_name(&r->by->tenant, c, r->query->collection, false, 0, &r->collection_id, &r->collection_found);
}

static enum db_status resolve_rows(struct db_conn *c, void *context)
{
    struct resolve *r = context;
    enum db_status status = resolve_collection(r, c);
    struct arena *scratch = arena_new(ROW_BYTES);
    if (!scratch)
        return DB_ERROR;
    for (size_t i = 0; status == DB_OK && i < r->query->document_count; i++) {
        struct document_row row;
        bool found;
        arena_reset(scratch);
        status = store_document_by_public_id(&r->by->tenant, c, r->query->document_ids[i], scratch, &row, &found);
        if (status == DB_OK && found)
            r->ids[r->count++] = row.document_id;
    }
    arena_free(scratch);
    return status;
}

static bool resolve_metadata(const struct retrieve_query *query, struct arena *arena, struct search_scope *scope)
{
    struct span packed;
    if (!metadata_pack(query->metadata, &packed))
        return false;
    scope->metadata = packed.n ? arena_copy(arena, packed) : packed;
    free((char *)packed.p);
    return scope->metadata.p || !packed.n;
}

bool search_scope_resolve(struct app *app, const struct principal *by, const struct retrieve_query *query, struct arena *arena, struct search_scope *scope,
                          struct problem *problem)
{
    struct resolve r = {.by = by, .query = query, .arena = arena, .collection_id = by->collection_id};
    *scope = (struct search_scope){.collection_id = by->collection_id};
    if (!resolve_metadata(query, arena, scope))
        return problem_db(problem, DB_ERROR);
    if (!query->collection.p && !query->document_count)
        return true;
    r.ids = arena_array(arena, query->document_count, sizeof *r.ids);
    enum db_status status = r.ids ? db_snapshot(app->db, resolve_rows, &r) : DB_ERROR;
    if (status != DB_OK)
        return problem_db(problem, status);
    if (!r.collection_found || (by->collection_id && r.collection_id != by->collection_id))
        return problem_set(problem, PROBLEM_NOT_FOUND, "", "There is no collection of that name.");
    scope->collection_id = r.collection_id;
    if (query->document_count) {
        qsort(r.ids, r.count, sizeof *r.ids, by_id);
        scope->documents = r.ids;
        scope->document_count = r.count;
    }
    return true;
}

static bool in_scope(const struct search_scope *scope, const struct indexed_document *d)
{
    if (scope->collection_id && d->collection_id != scope->collection_id)
        return false;
    if (scope->documents && !bsearch(&d->document_id, scope->documents, scope->document_count, sizeof *scope->documents, by_id))
        return false;
    return metadata_holds(d->metadata, scope->metadata);
}

bool search_scope_documents(const struct index_entry *entry, const struct search_scope *scope, struct arena *arena, int64_t **ids, size_t *count)
{
    *ids = NULL;
    *count = 0;
    if (!scope->collection_id && !scope->documents && !scope->metadata.n)
        return true;
    size_t all;
    const struct indexed_document *documents = index_documents(entry, &all);
    int64_t *list = arena_array(arena, all, sizeof *list);
    if (!list)
        return false;
    for (size_t i = 0; i < all; i++) {
        if (in_scope(scope, &documents[i]))
            list[(*count)++] = documents[i].document_id;
    }
    *ids = list;
    return true;
}
