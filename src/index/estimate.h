/* Codes after RaBitQ (Gao and Long, arXiv 2405.12497), and the questions that are put to them.
 *
 * A vector x around a centre c, rotated, is x - c = n · o with |o| = 1; its code is the signs of o, taken as the vector s of components ±1/√D. For a query q
 * less any fixed vector g, <x, q> = n · <o, q - g> + <c, q - g> + <x, g>, and <s, q - g> / <s, o> is an unbiased estimate of <o, q - g>; the nearer x is to its
 * centre, the less is estimated at all. So a row keeps n / <s, o> (spread) and <x, g> (offset); <c, q - g> is the same for all rows around one centre. */
#ifndef INDEX_ESTIMATE_H
#define INDEX_ESTIMATE_H

#include "index/scan.h"

/* Sets the code of a lane: of the rotated x - c. */
void estimate_row(struct scan_block *block, size_t lane, const float rotated[DENSE_DIMENSIONS], float offset);
/* Copies the code of one lane to another. */
void estimate_copy(const struct scan_block *a, size_t from, struct scan_block *b, size_t to);
/* The query for the scan kernels: of the rotated q - g. */
void estimate_query(const float rotated[DENSE_DIMENSIONS], struct scan_query *q);

#endif
