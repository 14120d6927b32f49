/* Folding: one form for all spellings of a word that differ only in case or in Unicode's compatibility forms. Pure. */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "base/span.h"

/* Room for the folded form of any word; longer words are cut at a character. */
enum { FOLD_MAX = 128 };

/* NFKC with case folding; typographic apostrophes become ', default-ignorable characters (soft hyphens, joiners) go.
 * Returns the length written; 0 when nothing is left or the word is not UTF-8. */
size_t fold_word(struct span word, char out[FOLD_MAX]);

#endif
