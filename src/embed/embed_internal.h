/* What a model is, for the parts of the room and its tests. */
#ifndef EMBED_INTERNAL_H
#define EMBED_INTERNAL_H

#include "embed/embed.h"
#include "embed/weights.h"

struct embed_model {
    struct weights weights;
    const struct kernels *kernels;
    char name[64];
};

/* embed_open with the kernels of that name (NULL: the fastest); fails where this processor cannot run them. */
struct embed_model *embed_open_kernels(const char *path, const char *kernels, char *why, size_t why_size);
/* The ids of a text, with what it is headed by, between [CLS] and [SEP], cut to the model's positions; returns how many, at least 2. */
size_t embed_tokens(const struct embed_model *m, enum embed_role role, struct span text, uint32_t ids[EMBED_TOKENS_MAX]);

#endif
