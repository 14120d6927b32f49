/* A tenant's lexical index: BM25 over postings in memory. No I/O; rebuilt from rows at any time. Not thread-safe: app guards it (readers may share). */
#ifndef INDEX_LEXICAL_H
#define INDEX_LEXICAL_H

#include "base/arena.h"
#include "doc/chunk.h"
#include "index/transfer.h"

struct lexical;

/* BM25 as in Robertson & Zaragoza 2009 with idf = ln(1 + (N - df + 0.5) / (df + 0.5)); k1 1.2 and b 0.75 unless set. */
struct lexical *lexical_new(void);
void lexical_free(struct lexical *x);

/* So many chunks are about to be added: makes room for them at once, if it can. */
void lexical_expect(struct lexical *x, size_t more);
/* Adds one chunk of a document. Terms are distinct. length: tokens of the chunk. false when there is no memory: the index is then as before. */
bool lexical_add(struct lexical *x, int64_t document_id, int32_t ordinal, const struct term *terms, size_t count, uint32_t length);
/* Forgets all chunks of a document at once; no effect when it has none. A small index is made compact when a third of it is dead. */
void lexical_remove(struct lexical *x, int64_t document_id);
/* Whether a large one has so many dead that it should be built anew. */
bool lexical_worn(const struct lexical *x);

enum { LEXICAL_TERMS_MAX = 512 };

struct lexical_query {
    const struct span *terms; /* distinct terms; those beyond LEXICAL_TERMS_MAX are not looked at */
    size_t count;
    const int64_t *documents; /* only these row ids, sorted ascending; NULL: all */
    size_t document_count;
};

struct lexical_hit {
    int64_t document_id;
    int32_t ordinal;
    float score;    /* BM25 / ((k1 + 1) * idf mass of the query), unknown terms counted with the idf of df = 0: in [0, 1] */
    float coverage; /* share of the query's idf mass that the chunk holds: in [0, 1] */
};

/* The best `limit` chunks, by score then document id and ordinal (so equal input gives equal order); returns how many were written. Chunks that share no term
 * are never hits. Exact: equal to scoring every chunk. Allocates nothing, so it cannot fail; uses about 100 KiB of stack. */
size_t lexical_search(const struct lexical *x, const struct lexical_query *query, struct lexical_hit *hits, size_t limit);

/* Fills in score and coverage of the chunks that hits name, as lexical_search would; 0 where a chunk shares no term. The query's documents are not looked at.
 * */
void lexical_score(const struct lexical *x, const struct lexical_query *query, struct lexical_hit *hits, size_t count);

/* idf of one term in this index (that of df = 0 when unknown). */
double lexical_idf(const struct lexical *x, struct span term);
/* Whether some chunk holds the word. */
bool lexical_holds(const struct lexical *x, struct span word);
/* The word of the index most like one that it does not hold: by one edit, or two if `edits` is 2 (index/vocabulary.h); of several the one with the fewest
 * edits, then with the same first letter, then in the most chunks, then the first by bytes. False when there is none. Borrowed until the next change. */
bool lexical_neighbour(const struct lexical *x, struct span word, int edits, struct span *neighbour);
size_t lexical_chunks(const struct lexical *x);
/* Writes what lives in it; false when the sink refused, or there is no memory. */
bool lexical_save(const struct lexical *x, const struct index_sink *sink);
/* The index that was written, with the same hits; NULL when the bytes are none, or there is no memory. Caller: lexical_free. */
struct lexical *lexical_load(struct index_source *source, const struct index_known *known);
/* Memory held, in bytes. */
size_t lexical_bytes(const struct lexical *x);

#endif
