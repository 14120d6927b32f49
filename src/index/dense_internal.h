/* What the files of the dense index share: its arrays. */
#ifndef INDEX_DENSE_INTERNAL_H
#define INDEX_DENSE_INTERNAL_H

#include "base/map.h"
#include "index/codes.h"
#include "index/dots.h"
#include "index/lists.h"

#define NO_RUN UINT32_MAX

enum { DEAD = -1, RATIO_STEPS = 1024 };

/* Rows that came one after another, of one document and with ordinals that rise by one: what they have in common, or what follows from their place, is kept
 * once. */
struct run {
    int64_t document_id;
    uint32_t first, count; /* rows */
    int32_t ordinal;       /* of the first row; DEAD: of a document that was removed */
    uint32_t previous;     /* the run added before it of the same document, or NO_RUN */
};

struct dense {
    dots_kernel *dots;
    struct map *documents; /* document id (its 8 bytes) → its newest run */
    struct run *runs;      /* [run_count], room for run_capacity; living and dead, in the order of their rows */
    uint32_t run_count, run_capacity;
    /* Each [capacity], living and dead. */
    uint32_t *run_of;
    float *scales;
    uint16_t *ratios; /* in steps of 1 / RATIO_STEPS */
    int8_t *vectors;  /* [capacity][DENSE_DIMENSIONS] */
    uint32_t count, capacity, dead;
    struct codes *codes;  /* of all rows; NULL while there are few, or no memory for them */
    uint32_t codes_again; /* rows at which the codes are made anew, around the centre of then */
    bool expecting;       /* that is put off until dense_settle */
    struct lists *lists;  /* in the place of codes once a large index is divided; NULL: it is not */
    uint32_t lists_again; /* rows at which it is to be divided (again, when there was no memory) */
};

static inline struct span document_key(const int64_t *document_id)
{
    return (struct span){(const char *)document_id, sizeof *document_id};
}

static inline const int8_t *vector_of(const struct dense *x, uint32_t row)
{
    return x->vectors + (size_t)row * DENSE_DIMENSIONS;
}

static inline uint32_t dense_times(uint32_t factor, uint32_t rows)
{
    return rows <= UINT32_MAX / factor ? rows * factor : UINT32_MAX;
}

/* The mean of all rows, which are some. */
void dense_mean(const struct dense *x, float mean[DENSE_DIMENSIONS]);
/* Lets the codes go, in order or in lists; others are made at so many rows. */
void dense_drop_codes(struct dense *x, uint32_t again);

#endif
