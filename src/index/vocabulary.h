/* The words of a lexical index by their numbers, for finding one that is nearly another. Beside the text of each lies its shape: which letters it has and how
 * many, in 32 bits, so that a search looks at the text of few of them. */
#ifndef INDEX_VOCABULARY_H
#define INDEX_VOCABULARY_H

#include "base/span.h"

struct vocabulary {
    char *bytes;      /* [byte_capacity], the words one after the other */
    uint32_t *ends;   /* [capacity], where each ends */
    uint32_t *shapes; /* [capacity] */
    uint32_t count, capacity;
    uint32_t byte_capacity;
};

/* Adds a word under the next number; false when there is no memory: it is as before. */
bool vocabulary_add(struct vocabulary *v, struct span word);
void vocabulary_clear(struct vocabulary *v);
struct span vocabulary_word(const struct vocabulary *v, uint32_t number);
size_t vocabulary_bytes(const struct vocabulary *v);

enum { VOCABULARY_LETTERS_MAX = 40, VOCABULARY_SCAN_MAX = 1 << 20 };

/* Calls found(context, number, edits) for each word at most so many edits (1 or 2) from `word`: a letter put in, left out or replaced, or two neighbours
 * exchanged (optimal string alignment). Two edits only where the first letter is the same: it is seldom the wrong one. Looks at the first VOCABULARY_SCAN_MAX words, some nanoseconds each; longer words than
 * VOCABULARY_LETTERS_MAX have no neighbours. */
void vocabulary_near(const struct vocabulary *v, struct span word, int edits, void (*found)(void *context, uint32_t number, int edits), void *context);

#endif
