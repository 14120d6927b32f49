/* The in-memory indexes by tenant, as retrieval reads them: pinned, current and locked for reading while open. Made by indexes_new (app/retrieve.h). */
#ifndef APP_INDEXES_H
#define APP_INDEXES_H

#include "app/problem.h"
#include "app/retrieve.h"
#include "index/dense.h"
#include "index/lexical.h"
#include "text/words.h"

/* What the index knows of one document. */
struct indexed_document {
    int64_t document_id, collection_id;
    int64_t version;          /* whose chunks are in the index */
    int64_t seq;              /* the index_seq at which it last changed */
    int64_t updated_at;       /* as its row has it: with version and seq it tells a row from another that came in its place */
    struct language language; /* its terms were made with this one */
    char public_id[PUBLIC_ID_SIZE];
    struct span name;     /* as shown */
    struct span metadata; /* packed (app/metadata.h); p == NULL: no members */
};

struct index_entry;
struct passage_cache; /* app/passage_cache.h */
struct snapshots;     /* app/snapshots.h */

/* The tenant's index, holding at least everything committed up to tenant->index_seq. Builds or updates it first when needed (other requests of the tenant
 * wait for that). It stays as it is until indexes_close, which every success must be followed by; a thread has one open at a time and no database connection
 * while it opens. NULL: problem says why. */
struct index_entry *indexes_open(struct indexes *x, const struct tenant *tenant, struct problem *problem);
void indexes_close(struct indexes *x, struct index_entry *entry);

/* All borrowed until indexes_close. */
const struct lexical *index_lexical(const struct index_entry *entry);
/* Vectors of one model, that of index_encoder; a chunk without one is not in it. */
const struct dense *index_dense(const struct index_entry *entry);
/* What made them, and makes those of questions; NULL: there are none, or its weight file is not there: then words must do. */
struct embedder *index_encoder(const struct index_entry *entry);
/* The tenant's index_seq that it holds everything up to. */
int64_t index_seq(const struct index_entry *entry);
/* By document_id, ascending. */
const struct indexed_document *index_documents(const struct index_entry *entry, size_t *count);
/* The one of that row id; NULL when the index has none. */
const struct indexed_document *index_document(const struct index_entry *entry, int64_t document_id);
/* Passages of these documents that were shown lately; NULL: none are kept. */
struct passage_cache *index_passages(const struct index_entry *entry);
/* The languages of the documents, most frequent first, at most `max`; how many were written. */
size_t index_languages(const struct index_entry *entry, struct language *languages, size_t max);

/* The encoder of the tenant's index as it is now, brought up to date like indexes_open: for who must make a vector before opening the index, since nobody
 * should wait for the index meanwhile. *encoder is taken and the caller's to give back (app/encoders.h); NULL: as above. False: problem says why. */
bool indexes_encoder(struct indexes *x, const struct tenant *tenant, struct embedder **encoder, struct problem *problem);

enum { INDEX_SNAPSHOT_LEAST = 1 << 20 }; /* a smaller index is built from rows in some 10 ms */
/* Keeps snapshots of indexes of at least so many bytes in those files, from now on, by a thread of its own; epoch: of the database. Set once, before the first
 * search. The files are borrowed until indexes_free, which first writes those that are missing, for some seconds at most. False when there is no thread to be
 * had. */
bool indexes_keep_snapshots(struct indexes *x, struct snapshots *snapshots, int64_t epoch, size_t least_bytes);
/* Documents of the tenant were deleted or replaced: no file may hold their words any longer. Called after that was committed. */
void indexes_forget_snapshot(struct indexes *x, const struct tenant *tenant);

/* How often an index was made anew, from what (a snapshot that turned out to be of other rows counts too), and how often one was written. */
enum index_from { INDEX_FROM_ROWS, INDEX_FROM_SNAPSHOT, INDEX_FROM };
uint64_t indexes_loads(struct indexes *x, enum index_from from);
uint64_t indexes_saved(struct indexes *x);
/* Of all snapshots on the disk; 0 when none are kept. */
int64_t indexes_snapshot_bytes(struct indexes *x);

/* Entries held and their bytes together, for tests and metrics. */
void indexes_held(struct indexes *x, size_t *entries, size_t *bytes);
/* How many were dropped for want of memory. */
uint64_t indexes_evicted(struct indexes *x);
/* How many were built anew beside the old ones. */
uint64_t indexes_renewed(struct indexes *x);

#endif
