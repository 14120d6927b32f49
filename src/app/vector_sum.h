/* A sum of vectors as a vector of its own. Pure. */
#ifndef APP_VECTOR_SUM_H
#define APP_VECTOR_SUM_H

#include "embed/embed.h"

/* The direction of the sum, of length 1; false where it has none. */
bool vector_of_sum(const float sum[EMBED_DIMENSIONS], struct embed_vector *out);

#endif
