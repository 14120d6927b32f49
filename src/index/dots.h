/* The kernel of the dense index: dot products of one int8 vector with many. */
#ifndef INDEX_DOTS_H
#define INDEX_DOTS_H

#include "base/cpu.h"
#include "index/dense.h"

/* out[i] = query · vectors[i * DENSE_DIMENSIONS ...]; no alignment is asked for. Sums are exact: 384 products of at most 2^14 stay below 2^23. */
typedef void dots_kernel(const int8_t *query, const int8_t *vectors, size_t count, int32_t *out);

/* The reference, in plain C. */
dots_kernel dots_scalar;
/* The one for that set; NULL when there is none, or this processor cannot run it. */
dots_kernel *dots_find(enum cpu_set set);
/* The fastest one that may be used here (base/cpu.h). */
dots_kernel *dots_choose(void);

#endif
