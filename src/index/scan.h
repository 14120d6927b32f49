/* The kernel of the codes: estimates of many dot products from one bit a dimension (RaBitQ, arXiv 2405.12497, with a question of 4 bits a dimension). */
#ifndef INDEX_SCAN_H
#define INDEX_SCAN_H

#include "index/dense.h"

enum { SCAN_WORDS = DENSE_DIMENSIONS / 64, SCAN_LANES = 16, SCAN_PLANES = 4 };

/* The codes of 16 rows side by side: bit d % 64 of words[d / 64][lane] is set where the row's component d, rotated and centred, is above 0. spread and offset
 * are the upper halves of floats (bfloat16). */
struct scan_block {
    uint64_t words[SCAN_WORDS][SCAN_LANES];
    uint16_t spread[SCAN_LANES], offset[SCAN_LANES];
};

/* With s = the sum over planes p of 2^p · |plane p AND code|, and n = the bits set in the code:
 * estimate = spread · (by_sum · s + by_bits · n + constant) + offset. */
struct scan_query {
    uint64_t planes[SCAN_PLANES][SCAN_WORDS];
    float by_sum, by_bits, constant;
};

/* Writes the estimates of 16 rows a block; bit i of above[b] tells that row i of block b is above the threshold. */
typedef void scan_kernel(const struct scan_query *q, const struct scan_block *blocks, size_t count, float threshold, float *estimates, uint16_t *above);

/* The reference, in plain C. */
scan_kernel scan_scalar;
/* The fastest one that this processor runs. */
scan_kernel *scan_choose(void);

#endif
