/* Answers of the language model by what they were asked from, so that equal questions need no second call. Bounded by bytes; the one used longest ago goes first.
 * A key holds the tenant and its index_seq, so that no company sees another's answer, and none sees one that its documents have outrun. */
#ifndef APP_ANSWER_CACHE_H
#define APP_ANSWER_CACHE_H

#include "base/arena.h"

enum { ANSWER_KEY_SIZE = 32 };

struct answer_cache;

/* NULL when there is no memory. */
struct answer_cache *answer_cache_new(size_t bytes);
void answer_cache_free(struct answer_cache *c);

/* The answer under that key, copied into the arena; p is NULL when there is none, or the arena is full. */
struct span answer_cache_get(struct answer_cache *c, const unsigned char key[ANSWER_KEY_SIZE], struct arena *arena);
/* Keeps a copy, in the place of others; one that is too large for the whole cache is not kept. */
void answer_cache_put(struct answer_cache *c, const unsigned char key[ANSWER_KEY_SIZE], struct span answer);

#endif
