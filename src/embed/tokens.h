/* Text → ids, by the tokenizer that the model has. */
#ifndef EMBED_TOKENS_H
#define EMBED_TOKENS_H

#include "embed/embed.h"
#include "embed/weights.h"

/* The first `most` ids of a text and what it is headed by, without [CLS] and [SEP]; returns how many. */
size_t tokens_list(const struct weights *w, struct span heading, struct span text, uint32_t *ids, size_t most);
/* What embed_count tells. */
void tokens_count(const struct weights *w, struct span text, struct embed_count *out);

#endif
