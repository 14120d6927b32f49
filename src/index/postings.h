/* The inside of the lexical index, shared by its files: chunks are numbered as they come, each term lists the chunks that hold it in that order. */
#ifndef INDEX_POSTINGS_H
#define INDEX_POSTINGS_H

#include "base/map.h"
#include "index/lexical.h"

#define LENGTH_DEAD UINT32_MAX /* in lengths[]: the chunk was removed */
#define NO_CHUNK UINT32_MAX

struct posting {
    uint32_t chunk;
    uint32_t count; /* of the term in the chunk */
};

struct postings {
    struct posting *list; /* [capacity], ascending by chunk; owned */
    uint32_t count, capacity;
};

struct chunk_row {
    int64_t document_id;
    int32_t ordinal;
    uint32_t previous; /* the chunk added before it of the same document, or NO_CHUNK */
};

struct lexical {
    double k1, b;
    struct map *term_numbers; /* word → index into terms */
    struct postings *terms;   /* [term_capacity] */
    uint32_t term_count, term_capacity;
    struct map *documents;    /* document id (its 8 bytes) → its newest chunk */
    struct chunk_row *chunks; /* [chunk_capacity], living and dead */
    uint32_t *lengths;        /* [chunk_capacity], tokens, at most LENGTH_DEAD - 1 */
    uint32_t chunk_count, chunk_capacity;
    uint32_t dead;
    uint64_t living_length; /* sum over the living */
    size_t posting_bytes;   /* of all lists */
};

/* The key of a document in the map. */
struct span document_key(const int64_t *document_id);
/* The postings of a term, NULL when unknown. */
const struct postings *postings_of(const struct lexical *x, struct span term);
/* Living chunks that hold the term. */
uint32_t postings_living(const struct lexical *x, const struct postings *p);
/* idf of a term that `df` living chunks hold. */
double idf_of(const struct lexical *x, uint32_t df);
/* Gives the dead chunks' room back and renumbers the living; false, with the index as before, when there is no memory for it. */
bool lexical_compact(struct lexical *x);

#endif
