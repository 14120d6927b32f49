/* The kernel of the codes: estimates of many dot products from one bit a dimension (RaBitQ, arXiv 2405.12497, with a question of few bits a dimension). */
#ifndef INDEX_SCAN_H
#define INDEX_SCAN_H

#include "base/cpu.h"
#include "index/dense.h"

enum { SCAN_WORDS = DENSE_DIMENSIONS / 64, SCAN_LANES = 16, SCAN_PLANES = 2 };

/* The codes of 16 rows side by side: bit d % 64 of words[d / 64][lane] is set where the row's component d, rotated and centred, is above 0. spread and offset
 * are the upper halves of floats (bfloat16). */
struct scan_block {
    uint64_t words[SCAN_WORDS][SCAN_LANES];
    uint16_t spread[SCAN_LANES], offset[SCAN_LANES];
};

/* Component d of the query is taken as step · (2^(p-1) where bit d of plane p is set, else minus that, added up over the planes). So a dot product with the
 * signs of a code follows from how many bits differ: with s = the sum over planes of 2^p · |plane p XOR code|, estimate = spread · (by_sum · s + constant) +
 * offset. */
struct scan_query {
    uint64_t planes[SCAN_PLANES][SCAN_WORDS];
    float by_sum, constant;
};

/* Writes the estimates of 16 rows a block; bit i of above[b] tells that row i of block b is above the threshold. */
typedef void scan_kernel(const struct scan_query *q, const struct scan_block *blocks, size_t count, float threshold, float *estimates, uint16_t *above);

/* The reference, in plain C. */
scan_kernel scan_scalar;
/* The one for that set; NULL when there is none, or this processor cannot run it. */
scan_kernel *scan_find(enum cpu_set set);
/* The fastest one that may be used here (base/cpu.h). */
scan_kernel *scan_choose(void);

#endif
