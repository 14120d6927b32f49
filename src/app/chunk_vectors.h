/* The chunks of a document → their vectors: which text stands for a chunk, and in what order the encoder sees them. */
#ifndef APP_CHUNK_VECTORS_H
#define APP_CHUNK_VECTORS_H

#include "app/vector_blob.h"
#include "base/arena.h"
#include "doc/chunk.h"

/* Word pieces per word from which on a text is in a language that the encoder does not know: halfway down the ramp of app/fusion.h. */
#define FOREIGN_RATIO 1.9

/* Called now and then with the number of chunks done; false breaks off. */
typedef bool chunk_vectors_watch(void *context, size_t done);

/* One vector a chunk of a document of that title (p == NULL: none) in its stored form, *blobs [count] in the arena. False when the arena is full or watch said so. This is the slow part of ingest: CPU work
 * on the calling thread, which is an ingest worker's. */
bool chunk_vectors(const struct embed_model *model, struct embed_scratch *scratch, struct span title, const struct chunk *chunks, size_t count,
                   struct arena *arena, chunk_vectors_watch *watch, void *context, struct span **blobs);

#endif
