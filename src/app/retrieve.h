/* Retrieval: a question → the passages that may answer it, from this tenant's documents as they are now. */
#ifndef APP_RETRIEVE_H
#define APP_RETRIEVE_H

#include "app/app.h"
#include "app/principal.h"
#include "app/problem.h"
#include "doc/passage.h"

/* The in-memory indexes by tenant (app/indexes.c): built from rows on first use, brought to principal.tenant.index_seq before each search, dropped least recently used first. */
struct indexes *indexes_new(struct db *db, size_t memory_bytes);
void indexes_free(struct indexes *x);

struct retrieve_query {
    struct span text;                /* 1 to 8000 characters */
    int top_k;                       /* 1 to 100 */
    const struct span *document_ids; /* public ids; count 0: all. Unknown ones match nothing */
    size_t document_count;
    const struct json_t *metadata; /* JSON object: each member equal to the document's; NULL: any */
    struct span collection;        /* name; p == NULL: all the principal may see */
};
struct passages {
    struct passage *list; /* [count], best first */
    size_t count;
    double coverage; /* of the best: share of the question's idf mass found, 0 to 1 */
};
bool retrieve(struct app *app, const struct principal *by, const struct retrieve_query *query, struct arena *arena, struct passages *out,
              struct problem *problem);

/* Weight of a word for choosing sentences: its idf in the tenant's index; and the question's own terms. */
struct question_term {
    struct span term;
    double idf;
};
bool question_terms(struct app *app, const struct principal *by, struct span question, struct arena *arena, struct question_term **terms, size_t *count,
                    struct problem *problem);

#endif
