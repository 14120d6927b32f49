/* Collections: groups of documents by name. A key may be bound to one and sees no other; "default" is always there. */
#ifndef APP_COLLECTIONS_H
#define APP_COLLECTIONS_H

#include "app/app.h"
#include "app/cursor.h"
#include "app/principal.h"
#include "app/problem.h"
#include "store/document.h"

enum { COLLECTION_NAME_MAX = 100 };

struct collection_query {
    struct span cursor; /* p == NULL: from the newest */
    int64_t limit;      /* 1 to 1000 */
};
struct collection_page {
    struct collection_row *rows;
    size_t count;
    int64_t total;
    char next_cursor[CURSOR_SIZE]; /* "" at the end */
};
/* Newest first; of a bound key its own. */
bool collections_list(struct app *app, const struct principal *by, const struct collection_query *query, struct arena *arena, struct collection_page *page,
                      struct problem *problem);
/* name: 1 to 100 characters. PROBLEM_CONFLICT when it is taken. A bound key makes, changes and deletes none. */
bool collections_create(struct app *app, const struct principal *by, struct span name, struct arena *arena, struct collection_row *row,
                        struct problem *problem);
/* Not "default". */
bool collections_rename(struct app *app, const struct principal *by, struct span id, struct span name, struct arena *arena, struct collection_row *row,
                        struct problem *problem);
/* PROBLEM_CONFLICT for "default", while there are documents in it, and while keys are bound to it. */
bool collections_delete(struct app *app, const struct principal *by, struct span id, struct problem *problem);

/* The collection that a new key of by's is to be bound to: the one of that name, p == NULL: by's own. *collection_id is 0 and *bound.p NULL when there is none to be
 * bound to. PROBLEM_INVALID of "collection" for a name that by does not see. */
bool collections_bind(struct app *app, const struct principal *by, struct span name, struct arena *arena, int64_t *collection_id, struct span *bound,
                      struct problem *problem);

#endif
