/* Attention, in a file of its own. Only for files compiled for AVX-512 with VNNI. */
#ifndef EMBED_KERNELS_VNNI_H
#define EMBED_KERNELS_VNNI_H

#include "embed/kernels.h"

/* attend of struct kernels */
void vnni_attend(const float *qkv, size_t tokens, size_t head, void *scratch, float *out);

#endif
