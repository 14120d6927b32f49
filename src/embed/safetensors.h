/* Reading of a safetensors file: a u64 length, a JSON object that names tensors with their type, shape and place, then their bytes. */
#ifndef EMBED_SAFETENSORS_H
#define EMBED_SAFETENSORS_H

#include "embed/tensor.h"

struct safetensors;

/* Reads the header of a whole file, which must outlive the result; NULL with a sentence in why. safetensors_free ends it. */
struct safetensors *safetensors_new(struct span file, char *why, size_t why_size);
void safetensors_free(struct safetensors *s);
/* The tensor of that name, if it has one or two dimensions and lies in the file. */
struct tensor safetensors_find(const struct safetensors *s, const char *name);
/* What stands before `ending` in a name that ends with it, the shortest where several do; p is NULL when none does. Borrowed. */
struct span safetensors_prefix(const struct safetensors *s, struct span ending);

#endif
