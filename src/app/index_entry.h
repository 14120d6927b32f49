/* One tenant's index and how it follows the rows: what is changed under the write lock of app/indexes.c. */
#ifndef APP_INDEX_ENTRY_H
#define APP_INDEX_ENTRY_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/encoders.h"
#include "app/indexes.h"
#include "app/passage_cache.h"

enum { INDEX_LANGUAGES = 32 };

struct index_entry {
    struct index_entry *next; /* of a list of entries to be freed */
    int64_t tenant_id;
    /* guarded by the mutex of struct indexes */
    unsigned users;
    uint64_t last_use;
    size_t bytes, kept_bytes; /* of the index and, not among them, of the passages that are kept */
    bool renewing;            /* another is being built to take its place */
    int64_t renew_after_ms;   /* of the monotonic clock: not before, since the last one failed */
    /* guarded by lock */
    pthread_rwlock_t lock;
    struct lexical *lexical;            /* NULL until the first update */
    struct dense *dense;                /* beside it; empty without a model */
    const atomic_bool *stop;            /* an update is broken off when it becomes true; NULL: never. Borrowed */
    struct encoders *encoders;          /* NULL: no vectors are wanted. Borrowed */
    struct model_name model;            /* whose vectors those are, from the first update on; "": none */
    struct embedder *encoder;           /* that made them, taken; NULL: none, or its weight file is not there */
    bool outmoded;                      /* the tenant's vectors are those of another by now: it should be built anew */
    int64_t seq, epoch;                 /* as of tenant.index_seq and index_epoch */
    struct indexed_document *documents; /* by document_id */
    size_t count, capacity;
    size_t text_bytes;                          /* of their names and metadata */
    struct language languages[INDEX_LANGUAGES]; /* [language_count] of them, most frequent first */
    size_t language_count;
    struct passage_cache *passages; /* NULL without memory; has a lock of its own */
};

/* NULL when there is no memory. */
struct index_entry *index_entry_new(int64_t tenant_id, struct encoders *encoders);
void index_entry_free(struct index_entry *entry);
/* Whether it holds all that this handle must see. Either lock. */
bool index_entry_current(const struct index_entry *entry, const struct tenant *tenant);
/* Applies every change after entry->seq (everything, when the epoch differs) from one snapshot; the vectors stay those of the model that it began with.
 * Write lock. On failure the entry is empty again, never half updated. */
bool index_entry_update(struct index_entry *entry, struct db *db, const struct tenant *tenant, struct problem *problem);
/* Memory held, without the passages that are kept. Either lock. */
size_t index_entry_bytes(const struct index_entry *entry);
/* Memory of those. Either lock. */
size_t index_entry_kept_bytes(const struct index_entry *entry);

/* After an update, under the write lock (app/index_settle.c): counts the documents' languages; lets go of the passages that were deleted or replaced, so that
 * they leave memory with the index, and makes the cache anew where the index has outgrown it. */
void index_entry_count_languages(struct index_entry *entry);
void index_entry_fit_passages(struct index_entry *entry);

/* Whether it should be built anew: it is outmoded, much of a large index is dead, or its codes are old. Either lock. */
bool index_entry_worn(const struct index_entry *entry);
/* Gives entry what fresh holds, an index of the same tenant that nobody else knows, and fresh what it held; the passages that are kept stay. Write lock. */
void index_entry_swap(struct index_entry *entry, struct index_entry *fresh);

#endif
