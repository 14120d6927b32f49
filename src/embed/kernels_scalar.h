/* The parts of the plain kernels that other sets take over as they are. */
#ifndef EMBED_KERNELS_SCALAR_H
#define EMBED_KERNELS_SCALAR_H

#include "embed/kernels.h"

void scalar_quantise(const float *x, size_t n, int8_t *out, float *scale);
/* x = x Φ(x) */
void scalar_gelu(float *x, size_t n);
void scalar_add_norm(float *x, const float *addend, const struct norm *norm);
void scalar_attend(const float *qkv, size_t tokens, size_t head, void *scratch, float *out);

#endif
