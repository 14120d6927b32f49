/* The parts of the AVX2 kernels that wider sets take over as they are. Only for files compiled with -mavx2 -mfma. */
#ifndef EMBED_KERNELS_AVX2_H
#define EMBED_KERNELS_AVX2_H

#include "embed/kernels.h"

void avx2_quantise(const float *x, size_t n, int8_t *out, float *scale);
void avx2_add_norm(float *x, const float *addend, const struct norm *norm);
void avx2_gelu(float *x, size_t n);
void avx2_attend(const float *qkv, size_t tokens, size_t head, void *scratch, float *out);

#endif
