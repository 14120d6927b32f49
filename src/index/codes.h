/* One bit a dimension for each row of the dense index: what a search scans to find the few rows whose vectors it then looks at. 52 bytes a row. */
#ifndef INDEX_CODES_H
#define INDEX_CODES_H

#include "index/dense.h"

struct codes;

/* Codes of no rows yet, around a centre: the mean of the vectors to come, or of some of them (the nearer, the better the estimates). NULL when there is no
 * memory. */
struct codes *codes_new(const float centre[DENSE_DIMENSIONS]);
void codes_free(struct codes *c);

/* Room for so many rows; false when there is no memory (nothing has changed then). Less room than before gives memory back, if it can. */
bool codes_resize(struct codes *c, uint32_t rows);
/* Sets the code of a row that there is room for: component i of its vector is values[i] * scale. */
void codes_set(struct codes *c, uint32_t row, const int8_t values[DENSE_DIMENSIONS], float scale);
/* Copies the code of one row to another. */
void codes_copy(struct codes *c, uint32_t from, uint32_t to);
size_t codes_bytes(const struct codes *c);

/* Writes the codes of the rows that allow(context, row), side by side; allow NULL: of all. False when the sink refused. */
bool codes_save(const struct codes *c, uint32_t rows, bool (*allow)(const void *context, uint32_t row), const void *context, const struct index_sink *sink);
/* The codes of so many rows that were written; NULL when the bytes are none, or there is no memory. */
struct codes *codes_load(uint32_t rows, struct index_source *source);

enum { CODES_KEEP_MAX = 2048 };

struct codes_query {
    const int8_t *values; /* component i is values[i] * scale */
    float scale;
    bool (*allow)(const void *context, uint32_t row); /* whether a row may be among the nearest */
    const void *context;
};

/* Writes the rows, of the first `rows` and of those allowed, whose estimated dot product with the query is highest, in no order: `keep` of them
 * (1 to CODES_KEEP_MAX), fewer when there are no more. Returns how many. */
size_t codes_nearest(const struct codes *c, uint32_t rows, const struct codes_query *query, size_t keep, uint32_t *nearest);

#endif
