/* The rows of highest estimate while they are collected: thrown in, and thinned out whenever there are a few times too many. */
#ifndef INDEX_CANDIDATES_H
#define INDEX_CANDIDATES_H

#include "index/codes.h"

struct candidate {
    float estimate;
    uint32_t row;
};

struct candidates {
    struct candidate list[2 * CODES_KEEP_MAX];
    size_t count, keep;
    float threshold; /* what a further one must pass */
};

/* None yet, of which `keep` (1 to CODES_KEEP_MAX) are wanted. */
void candidates_init(struct candidates *c, size_t keep);
/* Takes one in, if it passes. */
void candidates_push(struct candidates *c, float estimate, uint32_t row);
/* Writes the rows of the best ones, `keep` at most and in no order; returns how many. Nothing may be pushed afterwards. */
size_t candidates_best(struct candidates *c, uint32_t *rows);

#endif
