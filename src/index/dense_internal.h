/* What the files of the dense index share: its arrays. */
#ifndef INDEX_DENSE_INTERNAL_H
#define INDEX_DENSE_INTERNAL_H

#include "base/map.h"
#include "index/codes.h"
#include "index/dots.h"

#define NO_ROW UINT32_MAX

enum { DEAD = -1 }; /* ordinal of a dead row */

struct dense {
    dots_kernel *dots;
    struct map *documents; /* document id (its 8 bytes) → its newest row */
    /* Each [capacity], living and dead. */
    int64_t *ids; /* the document of a row */
    int32_t *ordinals;
    uint32_t *previous; /* the row added before it of the same document, or NO_ROW */
    float *scales;
    uint16_t *ratios; /* in steps of 1 / RATIO_STEPS */
    int8_t *vectors;  /* [capacity][DENSE_DIMENSIONS] */
    uint32_t count, capacity, dead;
    struct codes *codes;  /* of all rows; NULL while there are few, or no memory for them */
    uint32_t codes_again; /* rows at which the codes are made anew, around the centre of then */
    bool expecting;       /* that is put off until dense_settle */
};

static inline struct span document_key(const int64_t *document_id)
{
    return (struct span){(const char *)document_id, sizeof *document_id};
}

#endif
