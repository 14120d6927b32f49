/* Reading of a safetensors file: a u64 length, a JSON object that names tensors with their type, shape and place, then their bytes. */
#ifndef EMBED_SAFETENSORS_H
#define EMBED_SAFETENSORS_H

#include "base/span.h"

struct safetensors;

/* Reads the header of a whole file, which must outlive the result; NULL with a sentence in why. safetensors_free ends it. */
struct safetensors *safetensors_new(struct span file, char *why, size_t why_size);
void safetensors_free(struct safetensors *s);
/* The floats of an F32 tensor of that shape, [rows][columns] (columns 0: a vector of rows), borrowed from the file; NULL when it is missing, of another shape or out of place. */
const float *safetensors_f32(const struct safetensors *s, const char *name, size_t rows, size_t columns);
/* The rows of a tensor of two dimensions, 0 when there is none of that name. */
size_t safetensors_rows(const struct safetensors *s, const char *name);

#endif
