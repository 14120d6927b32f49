/* One tenant's index and how it follows the rows: what is changed under the write lock of app/indexes.c. */
#ifndef APP_INDEX_ENTRY_H
#define APP_INDEX_ENTRY_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/encoders.h"
#include "app/indexes.h"
#include "app/passage_cache.h"
#include "app/snapshots.h"

enum { INDEX_LANGUAGES = 32 };

/* What is known of an entry's snapshot. */
struct saved {
    bool exists;                  /* there is one, and it holds nothing that was deleted since */
    bool complete;                /* the index is worth one: index_entry_complete, as of the last update */
    bool tried;                   /* at the end of the server */
    uint64_t forgotten;           /* how often it was */
    size_t chunks, then;          /* of the index now, and when it was written */
    int64_t changed_ms, again_ms; /* of the monotonic clock: when the index last changed; not before */
};

struct index_entry {
    struct index_entry *next; /* of a list of entries to be freed */
    int64_t tenant_id;
    /* guarded by the mutex of struct indexes */
    unsigned users;
    uint64_t last_use;
    size_t bytes, kept_bytes; /* of the index and, not among them, of the passages that are kept */
    bool renewing;            /* another is being built to take its place */
    int64_t renew_after_ms;   /* of the monotonic clock: not before, since the last one failed */
    struct saved saved;
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
    bool unproven;                      /* it comes from a snapshot, and its documents have not been compared with the rows yet */
    bool outlived;                      /* by the last update: the snapshot held what is no more, or vectors of another model */
    uint64_t changes;                   /* rises whenever what a search can see changes */
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
/* Whose vectors answer for the tenant; "" without encoders. */
enum db_status index_model(struct encoders *encoders, const struct tenant *tenant, struct db_conn *c, struct model_name *model);
/* Back to what index_entry_new made. Write lock. */
void index_entry_empty(struct index_entry *entry);

/* Begins to load the vectors of these documents into an entry whose dense index is empty, by another thread (app/index_vectors.c); seq: that of the caller's
 * snapshot. Until the end, which must follow, nobody else touches that index, and the documents stay as they are. NULL when there is no thread to be had. */
struct vector_load;
struct document_change; /* store/document.h */
struct vector_load *vector_load_begin(struct index_entry *entry, struct db *db, const struct tenant *tenant, int64_t seq,
                                      const struct document_change *documents, size_t count);
/* Waits for it, without a connection. False: the index is to be made again otherwise. */
bool vector_load_end(struct vector_load *load);

/* As a snapshot (app/index_snapshot.c). Fills an empty entry from its file, if there is one that can be used, with vectors of the model that answers for the
 * tenant; the next update, which must follow before anything is searched, compares that model and each document with the rows. Write lock. False: it is as
 * empty as before. */
bool index_entry_load(struct index_entry *entry, struct snapshots *snapshots, struct db *db, const struct tenant *tenant);
/* One part on its way out and in; a false from load leaves an entry that is only to be emptied. */
bool index_entry_save_part(const struct index_entry *entry, enum snapshot_part which, const struct index_sink *sink);
bool index_entry_load_part(struct index_entry *entry, enum snapshot_part which, struct index_source *source);
/* Whether it lacks nothing that the model makes and is not outmoded: another is not saved, since it is to be replaced soon. Either lock. */
bool index_entry_complete(const struct index_entry *entry);

/* Divides its vectors, when there are so many that it is worth the time (index/dense.h): seconds. For an entry that nobody else knows. */
void index_entry_divide(struct index_entry *entry);
/* Memory held, without the passages that are kept. Either lock. */
size_t index_entry_bytes(const struct index_entry *entry);
/* Memory of those. Either lock. */
size_t index_entry_kept_bytes(const struct index_entry *entry);

/* After an update, under the write lock (app/index_settle.c): counts the documents' languages; lets go of the passages that were deleted or replaced, so that
 * they leave memory with the index, and makes the cache anew where the index has outgrown it. */
void index_entry_count_languages(struct index_entry *entry);
void index_entry_fit_passages(struct index_entry *entry);

/* Whether it should be built anew: it is outmoded, much of a large index is dead, its codes are old, or its vectors are to be divided. Either lock. */
bool index_entry_worn(const struct index_entry *entry);
/* Gives entry what fresh holds, an index of the same tenant that nobody else knows, and fresh what it held; the passages that are kept stay. Write lock. */
void index_entry_swap(struct index_entry *entry, struct index_entry *fresh);

#endif
