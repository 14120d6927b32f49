/* The inside of the lexical index, shared by its files: chunks are numbered as they come, each term lists the chunks that hold it in that order. */
#ifndef INDEX_POSTINGS_H
#define INDEX_POSTINGS_H

#include "base/map.h"
#include "index/lexical.h"
#include "index/vocabulary.h"

#define LENGTH_DEAD UINT16_MAX /* in lengths[]: the chunk was removed */
#define NO_CHUNK UINT32_MAX

enum { BLOCK_POSTINGS = 128, COUNT_MAX = 255, COUNT_CLASSES = 4 };

/* What a class of counts holds at most: 1, 2, 3 and 4, more. */
extern const uint8_t count_class_most[COUNT_CLASSES];

struct posting {
    uint32_t chunk;
    uint32_t count; /* of the term in the chunk, at most COUNT_MAX */
};

/* 128 postings that no longer change. */
struct block {
    uint8_t *bytes;       /* 128 steps from each chunk to the next, the first 0, of step_bytes each; then the counts, a byte each, unless all are 1. Owned */
    uint32_t first, last; /* chunks */
    uint16_t shortest[COUNT_CLASSES]; /* the length of the shortest chunk whose count is in the class; LENGTH_DEAD when there is none */
    uint8_t step_bytes;               /* 1, 2 or 4 */
    uint8_t most;                     /* the greatest count */
};

/* Most words are rare: those of up to 128 chunks have no block, and a tail of the size they need. */
struct postings {
    uint32_t count; /* in blocks and tail, the dead included */
    uint32_t block_count, block_capacity;
    uint8_t tail_count, tail_capacity; /* at most BLOCK_POSTINGS */
    struct block *blocks;              /* [block_capacity], owned */
    struct posting *tail;              /* [tail_capacity], owned; all after the blocks */
    uint64_t living;                   /* the removal it was counted at << 32 | living postings; 0: not counted */
};

struct chunk_row {
    int64_t document_id;
    int32_t ordinal;
    uint32_t previous; /* the chunk added before it of the same document, or NO_CHUNK */
};

struct lexical {
    double k1, b;
    struct map *term_numbers; /* word → index into terms */
    uint32_t *numbers;        /* [numbers_capacity], of the words of the chunk that is being added */
    size_t numbers_capacity;
    struct postings *terms; /* [term_capacity] */
    uint32_t term_count, term_capacity;
    struct vocabulary vocabulary; /* the words by their numbers; at least term_count of them */
    struct map *documents;        /* document id (its 8 bytes) → its newest chunk */
    struct chunk_row *chunks;     /* [chunk_capacity], living and dead */
    uint16_t *lengths;            /* [chunk_capacity], tokens, at most LENGTH_DEAD - 1 */
    uint32_t chunk_count, chunk_capacity;
    uint32_t dead, removals;
    uint64_t living_length; /* sum over the living */
    size_t posting_bytes;   /* of all lists */
};

/* The key of a document in the map. */
struct span document_key(const int64_t *document_id);
/* The postings of a term, NULL when unknown. */
const struct postings *postings_of(const struct lexical *x, struct span term);
/* Living chunks that hold the term. Counted once after each removal, by whoever asks first; readers at the same time may all count. */
uint32_t postings_living(const struct lexical *x, const struct postings *p);
/* idf of a term that `df` living chunks hold. */
double idf_of(const struct lexical *x, uint32_t df);
/* Gives the dead chunks' room back and renumbers the living; false, with the index as before, when there is no memory for it. */
bool lexical_compact(struct lexical *x);

/* What a compact index and a saved one are made of. Every chunk's number when the dead are left out, NO_CHUNK for those; and the lengths by those numbers. NULL
 * when there is no memory; caller frees. */
uint32_t *lexical_renumber(const struct lexical *x);
uint16_t *lexical_renumbered_lengths(const struct lexical *x, const uint32_t *numbers);
/* The living of a list under their new numbers; adds what that takes to *bytes. False when there is no memory; `to` is to be cleared either way. */
bool postings_copy_living(const struct postings *from, struct postings *to, const uint32_t *numbers, const uint16_t *lengths, size_t *bytes);

/* Makes room for one more posting; lengths are those of the chunks in the list. Adds what it takes to *bytes. false when there is no memory: the list is as
 * before. */
bool postings_reserve(struct postings *p, const uint16_t *lengths, size_t *bytes);
/* Adds one where there is room. */
void postings_append(struct postings *p, struct posting posting);
/* Frees what the list owns, and takes it off *bytes. */
void postings_clear(struct postings *p, size_t *bytes);

/* A place in a list. chunk and count are those of the posting there; NO_CHUNK past the last. */
struct place {
    const struct postings *list;
    uint32_t block; /* block_count: the tail */
    uint32_t at;    /* in the block or the tail */
    uint32_t chunk;
};

struct place place_first(const struct postings *p);
/* The count of the posting there. */
uint32_t place_count(const struct place *p);
void place_next(struct place *p);
/* Moves on to the first posting whose chunk is at least that; never back. */
void place_seek(struct place *p, uint32_t chunk);

/* The step from the posting before to posting `at` of a block. */
static inline uint32_t block_step(const struct block *b, uint32_t at)
{
    const uint8_t *p = b->bytes + (size_t)at * b->step_bytes;
    if (b->step_bytes == 1)
        return p[0];
    if (b->step_bytes == 2)
        return (uint32_t)p[0] | (uint32_t)p[1] << 8;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Of the bytes of a block. */
static inline size_t block_bytes(const struct block *b)
{
    return BLOCK_POSTINGS * (size_t)(b->step_bytes + (b->most > 1));
}

/* The counts of a block, or NULL when all are 1. */
static inline const uint8_t *block_counts(const struct block *b)
{
    return b->most > 1 ? b->bytes + (size_t)BLOCK_POSTINGS * b->step_bytes : NULL;
}

#endif
