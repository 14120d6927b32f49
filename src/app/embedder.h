/* The encoder as the product holds it: one model for all threads, and a few scratches that request threads take turns with. */
#ifndef APP_EMBEDDER_H
#define APP_EMBEDDER_H

#include "embed/embed.h"
#include "store/model.h"

struct embedder;

/* Maps the weight file. NULL with a sentence in why that says what to do. */
struct embedder *embedder_open(const char *path, char *why, size_t why_size);
void embedder_close(struct embedder *e);

const struct embed_model *embedder_model(const struct embedder *e);
/* What its vectors are stored under; "" for NULL, which no vector is. Borrowed from the model. */
struct span embedder_name(const struct embedder *e);
struct model_name embedder_model_name(const struct embedder *e);

/* How alike two texts are by the cosine of their vectors, up to 1: 0 where they have nothing to do with each other, whatever the model's cosine for that. */
double embedder_likeness(const struct embedder *e, double cosine);

/* The vector of a question, made on the calling thread; waits while as many threads as there are scratches make theirs. A text of more than EMBED_TOKENS_MAX
 * tokens is cut. False when there is no memory. */
bool embedder_text(struct embedder *e, struct span text, struct embed_vector *out);
/* The same of several texts, in that role: [count]. */
bool embedder_texts(struct embedder *e, enum embed_role role, const struct span *texts, size_t count, struct embed_vector *out);

/* A scratch for a thread that embeds at length, such as an ingest worker: between two layers it lets the questions of the functions above go first where processors are short
 * (app/lane.h). NULL when there is no memory. embedder_batch_scratch_free ends it, which takes NULL too. */
struct embed_scratch *embedder_batch_scratch(struct embedder *e);
void embedder_batch_scratch_free(struct embedder *e, struct embed_scratch *scratch);

#endif
