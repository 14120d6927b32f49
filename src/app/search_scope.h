/* Which documents a search may look at: collection, ids and metadata, of the request and of its credential. */
#ifndef APP_SEARCH_SCOPE_H
#define APP_SEARCH_SCOPE_H

#include "app/indexes.h"

struct search_scope {
    int64_t collection_id;    /* 0: any */
    const int64_t *documents; /* row ids, ascending; NULL: any */
    size_t document_count;
    struct span metadata; /* packed (app/metadata.h), in the arena; empty: any */
};

/* Looks the names of a query up. False with a problem: PROBLEM_NOT_FOUND for a collection that does not exist or that the principal may not see. */
bool search_scope_resolve(struct app *app, const struct principal *by, const struct retrieve_query *query, struct arena *arena, struct search_scope *scope,
                          struct problem *problem);

/* The documents of the index that the scope allows, ascending, in the arena; *ids stays NULL when all are. False when the arena is full. */
bool search_scope_documents(const struct index_entry *entry, const struct search_scope *scope, struct arena *arena, int64_t **ids, size_t *count);

#endif
