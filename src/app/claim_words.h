/* Numbers, dates and names in a sentence. English and German words; digits of any language. Pure. */
#ifndef APP_CLAIM_WORDS_H
#define APP_CLAIM_WORDS_H

#include "app/support.h"

/* Whether text holds what was said: a number in any spelling ("1,000", "1000"; "three", "3"), a month by its name or its beginning, a name in any case. */
bool claim_words_hold(struct span text, struct span said, enum claim_kind kind);
/* The words of a text that say something (no stop words), each once, as hashes of their terms in that language: two of a sentence's few words share one about once in
 * a million sentences. In the arena; false when it is full. */
bool claim_words_terms(struct span text, struct language language, struct arena *arena, uint32_t **terms, size_t *count);
/* Whether a sentence denies: "not", "no", "never", "kein". */
bool claim_words_deny(struct span text);

#endif
