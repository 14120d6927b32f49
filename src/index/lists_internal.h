/* What the files of the lists share: their arrays. */
#ifndef INDEX_LISTS_INTERNAL_H
#define INDEX_LISTS_INTERNAL_H

#include "index/lists.h"
#include "index/scan.h"

#define NO_BLOCK UINT32_MAX

struct list {
    uint32_t first, last; /* blocks, or NO_BLOCK */
    uint32_t rows;        /* lanes of all its blocks but the last are in use */
};

struct lists {
    scan_kernel *scan;
    struct partition *partition;
    struct list *list;              /* [partition_count(partition)] */
    float *centre_offsets;          /* [the same]: <c, g> */
    float centre[DENSE_DIMENSIONS]; /* g of estimate.h, which is taken off queries */
    /* Each [capacity]. */
    struct scan_block *blocks;
    uint32_t (*rows)[SCAN_LANES];
    uint32_t *next;
    uint32_t used, capacity;
};

/* Room for so many blocks, one or more; false when there is no memory. */
bool lists_reserve(struct lists *l, uint32_t capacity);

#endif
