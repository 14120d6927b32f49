/* A chunk's vector as the database holds it. Pure. */
#ifndef APP_VECTOR_BLOB_H
#define APP_VECTOR_BLOB_H

#include "embed/embed.h"

/* 384 components as int8, then their scale and the text's word pieces per word as float32, little-endian. */
enum { VECTOR_BLOB_BYTES = EMBED_DIMENSIONS + 4 + 4 };

struct stored_vector {
    struct embed_vector vector;
    float ratio; /* word pieces per word; 1 for a text without words */
};

void vector_encode(const struct stored_vector *vector, char out[VECTOR_BLOB_BYTES]);
/* False for another size, and for numbers that no encoder gives: then the chunk counts as one without a vector. */
bool vector_decode(struct span blob, struct stored_vector *out);

#endif
