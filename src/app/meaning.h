/* How near texts are to a question in meaning, by the encoder: what choosing quotes asks where words cannot tell. */
#ifndef APP_MEANING_H
#define APP_MEANING_H

#include "app/embedder.h"
#include "base/arena.h"

struct meaning {
    struct embedder *embedder;
    struct span question;
    struct arena *arena;
};

/* The likeness (embedder_likeness) of the texts to the question, [count]; a millisecond or so for each. context: a struct meaning, as struct quote_meaning has it. False when there is no
 * memory. */
bool meaning_measure(void *context, const struct span *texts, size_t count, float *likeness);

#endif
