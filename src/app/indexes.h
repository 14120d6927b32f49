/* The in-memory indexes by tenant, as retrieval reads them: pinned, current and locked for reading while open. Made by indexes_new (app/retrieve.h). */
#ifndef APP_INDEXES_H
#define APP_INDEXES_H

#include "app/problem.h"
#include "app/retrieve.h"
#include "index/lexical.h"
#include "text/words.h"

/* What the index knows of one document. */
struct indexed_document {
    int64_t document_id, collection_id;
    int64_t version;          /* whose chunks are in the index */
    struct language language; /* its terms were made with this one */
    char *metadata;           /* JSON object text; NULL: no members */
};

struct index_entry;

/* The tenant's index, holding at least everything committed up to tenant->index_seq. Builds or updates it first when needed (other requests of the tenant
 * wait for that). It stays as it is until indexes_close, which every success must be followed by; a thread has one open at a time and no database connection
 * while it opens. NULL: problem says why. */
struct index_entry *indexes_open(struct indexes *x, const struct tenant *tenant, struct problem *problem);
void indexes_close(struct indexes *x, struct index_entry *entry);

/* All borrowed until indexes_close. */
const struct lexical *index_lexical(const struct index_entry *entry);
/* By document_id, ascending. */
const struct indexed_document *index_documents(const struct index_entry *entry, size_t *count);
/* NULL when it is not in the index. */
const struct indexed_document *index_document(const struct index_entry *entry, int64_t document_id);
/* The languages of the documents, most frequent first, at most `max`; how many were written. */
size_t index_languages(const struct index_entry *entry, struct language *languages, size_t max);

/* Entries held and their bytes together, for tests and metrics. */
void indexes_held(struct indexes *x, size_t *entries, size_t *bytes);
/* How many were dropped for want of memory. */
uint64_t indexes_evicted(struct indexes *x);

#endif
