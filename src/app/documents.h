/* Documents as their owner sees them. */
#ifndef APP_DOCUMENTS_H
#define APP_DOCUMENTS_H

#include "app/app.h"
#include "app/cursor.h"
#include "app/principal.h"
#include "app/problem.h"
#include "store/document.h"

struct document_query {
    struct span status, name_contains; /* p == NULL: any */
    struct span cursor;                /* as given by the page before; p == NULL: from the newest */
    int64_t limit;                     /* 1 to 1000 */
};
struct document_page {
    struct document_row *rows;
    size_t count;
    int64_t total;
    char next_cursor[CURSOR_SIZE]; /* "" at the end */
};
bool documents_list(struct app *app, const struct principal *by, const struct document_query *query, struct arena *arena, struct document_page *page,
                    struct problem *problem);
bool documents_get(struct app *app, const struct principal *by, struct span public_id, struct arena *arena, struct document_row *row, struct problem *problem);
/* Gone from the very next search on. */
bool documents_delete(struct app *app, const struct principal *by, struct span public_id, struct problem *problem);

#endif
