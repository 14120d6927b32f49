/* Nearness: words that stand side by side in the question and do so in the passage. A phrase is more than its words, and words that are near each other more
 * likely belong together (Rasolofo & Savoy 2003). What is in quotation marks must stand there as it is written, and counts for more. Pure. */
#ifndef APP_NEARNESS_H
#define APP_NEARNESS_H

#include "app/highlights.h"

enum { NEARNESS_PAIRS = 64 }; /* neighbours that are looked at; those of a longer question are not */

/* Two words that follow each other in the question, stop words between them not counted. */
struct word_pair {
    uint16_t first, second; /* places in the term set */
    bool quoted;
    uint32_t apart; /* code points that may lie between them */
    double weight;
};

struct nearness {
    const struct term_set *terms;
    struct word_pair pairs[NEARNESS_PAIRS];
    size_t count;
    double mass, share; /* of all weights; what a passage that has all pairs gains, in the score of its words */
    uint32_t *ends;     /* [terms->count] */
};

/* How many of the best passages are to be looked at: more where the question has a quotation, which may stand far down. */
size_t nearness_depth(struct span question);

/* The pairs of a question; none for scripts without spaces, whose bigrams overlap. `terms` is borrowed. In the arena; false when it is full. */
bool nearness_make(const struct index_entry *entry, struct span question, const struct query_words *words, const struct term_set *terms, struct arena *arena,
                   struct nearness *out);

/* The share of the pairs' weight that stands near in a text of those marks: in [0, 1]. Uses n->ends. */
double nearness_of(const struct nearness *n, const struct word_mark *marks, size_t count);

#endif
