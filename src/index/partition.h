/* The centres of the neighbourhoods that the vectors of a large dense index fall into, found by k-means in two levels: centres of a few regions, and in each
 * region those of its neighbourhoods. So the nearest centre of a vector is found by looking at a small part of them. */
#ifndef INDEX_PARTITION_H
#define INDEX_PARTITION_H

#include <stdatomic.h>

#include "index/dots.h"

struct partition;

/* Vectors to learn from: those of the rows listed, [count]; component i of row r is vectors[r * DENSE_DIMENSIONS + i] * scales[r]. */
struct partition_sample {
    const int8_t *vectors;
    const float *scales;
    const uint32_t *rows;
    size_t count;
    const atomic_bool *stop; /* learning is broken off when it becomes true; NULL: never */
};

/* Neighbourhoods that may be wanted, regions, and neighbourhoods that there may be then. */
enum { PARTITION_WANTED = 8000, PARTITION_REGIONS = 128, PARTITION_MOST = PARTITION_WANTED + PARTITION_REGIONS };

/* About `wanted` neighbourhoods (1 to PARTITION_WANTED) of the sample, which has at least as many rows. Takes CPU time for some 40 √wanted products of two
 * vectors for each row of the sample. NULL when there is no memory, or it was stopped. */
struct partition *partition_new(const struct partition_sample *sample, uint32_t wanted);
void partition_free(struct partition *p);

uint32_t partition_count(const struct partition *p);
/* The neighbourhood of a vector: nearly always that of the nearest centre. */
uint32_t partition_of(const struct partition *p, const int8_t values[DENSE_DIMENSIONS]);
/* Its centre, a vector of length 1: component i is about values[i] * *scale. */
const int8_t *partition_centre(const struct partition *p, uint32_t at, float *scale);
/* Dot products of a vector, whose components are values[i] * scale, with all centres. */
void partition_dots(const struct partition *p, const int8_t values[DENSE_DIMENSIONS], float scale, float *dots);
/* Memory held, in bytes. */
size_t partition_bytes(const struct partition *p);

/* Writes it; false when the sink refused. */
bool partition_save(const struct partition *p, const struct index_sink *sink);
/* What was written; NULL when the bytes are none, or there is no memory. Caller: partition_free, or lists_new. */
struct partition *partition_load(struct index_source *source);

#endif
