/* A tenant's dense index: one int8 vector a chunk. Below DENSE_EXACT chunks a search looks at every vector, so that hits are exact; from there on it scans
 * codes of one bit a dimension and looks at the vectors of the best of them only; once divided, codes of the nearest neighbourhoods alone. No I/O; rebuilt from
 * rows at any time. Not thread-safe: app guards it (readers may share). It knows vectors only as numbers; who makes them is app's business. */
#ifndef INDEX_DENSE_H
#define INDEX_DENSE_H

#include <stdatomic.h>

#include "index/transfer.h"

enum { DENSE_DIMENSIONS = 384, DENSE_EXACT = 5000, DENSE_DIVIDED = 300000 };

struct dense;

/* NULL when there is no memory. */
struct dense *dense_new(void);
void dense_free(struct dense *x);

/* Adds the vector of one chunk: component i is about values[i] * scale, and its length is about 1. ratio, word pieces per word (below 64), is
 * kept in steps of 1/1024 and handed back with hits. The values are copied. false when there is no memory: the index is then as before. */
bool dense_add(struct dense *x, int64_t document_id, int32_t ordinal, const int8_t values[DENSE_DIMENSIONS], float scale, float ratio);
/* So many vectors are about to be added: makes room for them at once, if it can, and puts the making of codes off until dense_settle: once for all, not at each
 * doubling. */
void dense_expect(struct dense *x, size_t more);
void dense_settle(struct dense *x);
/* Forgets all chunks of a document at once; no effect when it has none. A small index is made compact when a third of it is dead. */
void dense_remove(struct dense *x, int64_t document_id);
/* Divides the rows into neighbourhoods, of which a search from then on scans the nearest. Takes seconds of CPU time: for an index that nobody waits for. False
 * when there is no memory, or *stop (NULL: never) became true: it is searched as before then. */
bool dense_divide(struct dense *x, const atomic_bool *stop);
/* Whether it was, and still is. */
bool dense_divided(const struct dense *x);
/* Whether that is worth its time: from DENSE_DIVIDED rows on, once. */
bool dense_undivided(const struct dense *x);
/* Whether a large one has so many dead, or has grown so much since its codes were made, or should be divided, that it should be built anew. */
bool dense_worn(const struct dense *x);

struct dense_query {
    const int8_t *values; /* [DENSE_DIMENSIONS] */
    float scale;
    const int64_t *documents; /* only these row ids, sorted ascending; NULL: all */
    size_t document_count;
};

struct dense_hit {
    int64_t document_id;
    int32_t ordinal;
    float cosine; /* of the quantised vectors, in [-1, 1] */
    float ratio;  /* as added */
};

/* The best `limit` chunks, by cosine then document id and ordinal (so equal input gives equal order); returns how many were written. Exact below DENSE_EXACT
 * chunks and for a small part of the documents; above, a hit may be missed now and then (bench/dense.c measures how often), but its cosine is exact. Allocates
 * nothing, so it cannot fail. */
size_t dense_search(const struct dense *x, const struct dense_query *query, struct dense_hit *hits, size_t limit);
/* Fills in cosine and ratio of the chunk that hit names; false when the index has no vector of it. The query's documents are not looked at. */
bool dense_score(const struct dense *x, const struct dense_query *query, struct dense_hit *hit);

/* Adds the vector of a chunk to sum, `weight` times; false, and sum as it was, when the index has none of it. */
bool dense_add_to(const struct dense *x, int64_t document_id, int32_t ordinal, float weight, float sum[DENSE_DIMENSIONS]);

/* Writes the living vectors and their codes; false when the sink refused, or there is no memory. */
bool dense_save(const struct dense *x, const struct index_sink *sink);
/* The index that was written, with the same hits; NULL when the bytes are none, or there is no memory. Codes that were not written are made by dense_settle.
 * Caller: dense_free. */
struct dense *dense_load(struct index_source *source, const struct index_known *known);

size_t dense_chunks(const struct dense *x);
/* Memory held, in bytes. */
size_t dense_bytes(const struct dense *x);

#endif
