/* The codes of a large dense index, those of one neighbourhood together (an inverted file, IVF): a search scans only the neighbourhoods nearest to the query. A
 * code is that of a vector around the centre of its neighbourhood. 56 bytes a row, and some 1,800 for each neighbourhood. */
#ifndef INDEX_LISTS_H
#define INDEX_LISTS_H

#include "index/codes.h"
#include "index/partition.h"

#define NO_ROW UINT32_MAX

struct lists;

/* Of no rows yet. centre: near the mean of the vectors. Takes the partition over, also when it returns NULL: there is no memory then. */
struct lists *lists_new(struct partition *partition, const float centre[DENSE_DIMENSIONS]);
void lists_free(struct lists *l);

/* Adds the code of a row that is in none of the lists. False when there is no memory: the lists are then as before. */
bool lists_add(struct lists *l, uint32_t row, const int8_t values[DENSE_DIMENSIONS], float scale);
/* Adds the rows 0 to rows - 1 to empty lists, each list in one piece; vectors and scales as in struct partition_sample. False when there is no memory, or *stop
 * became true. */
bool lists_fill(struct lists *l, const int8_t *vectors, const float *scales, uint32_t rows, const atomic_bool *stop);
size_t lists_bytes(const struct lists *l);

/* Writes the neighbourhoods, and in each the codes of the rows that still are in the index: number(context, row) is what a row is called from now on, or
 * NO_ROW. False when the sink refused. */
bool lists_save(const struct lists *l, uint32_t (*number)(const void *context, uint32_t row), const void *context, const struct index_sink *sink);
/* What was written of so many rows; NULL when the bytes are none, do not have each of the rows once, or there is no memory. Caller: lists_free. */
struct lists *lists_load(uint32_t rows, struct index_source *source);

/* As codes_nearest, of the neighbourhoods nearest to the query that hold `enough` rows together and give as many candidates as are kept: all of them at last.
 * Where the query is selective (much is not allowed), only rows that are allowed count, about. */
size_t lists_nearest(const struct lists *l, const struct codes_query *query, bool selective, uint32_t enough, size_t keep, uint32_t *nearest);

#endif
