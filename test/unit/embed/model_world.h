/* What the tests of the encoder share: the model of the deps folder, a model of their own, random numbers that are the same every time. */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include "embed/embed_internal.h"

/* The weight file in the deps folder with those kernels; skips the test, with a message, where there is none or the processor lacks them. Caller closes. */
struct embed_model *world_model(const char *kernels);
/* Writes a model.safetensors of one layer with random weights and a vocab.txt of these pieces into a new folder; its path, in static memory. world_clean removes it. */
const char *world_source(const char *const *pieces, size_t count);
void world_clean(void);
/* The same model.safetensors in another shape, for so many pieces. Values are the same whatever names and types they have. */
struct world_shape {
    size_t layers, inner, positions;
    const char *prefix, *type; /* of all names, of all values: F32, F16, BF16 */
    const char *gain, *bias;   /* what those of norms are called */
};
extern const struct world_shape world_plain;
void world_tensors(const struct world_shape *shape, size_t pieces);
/* Writes folder/name. */
void world_file(const char *name, struct span bytes);
/* folder/name, in static memory, one for each of the last four calls. */
const char *world_path(const char *name);
/* Uniform in [-1, 1), from a state that starts where the test sets it. */
float world_random(uint32_t *state);
float world_cosine(const struct embed_vector *a, const struct embed_vector *b);

#endif
