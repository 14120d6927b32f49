/* The two legs of a search: what the words find and what the meaning finds, in one list. For app/candidates.c, which fuses them. */
#ifndef APP_LEGS_H
#define APP_LEGS_H

#include "app/candidates.h"

enum { GATE_TOP = 20 }; /* the best of each leg tell what the weight of meaning is */

/* Where a chunk stands in the list: open addressing, the table at most a quarter full. */
struct places {
    uint32_t *slots; /* [mask + 1], index into the list + 1; 0: free */
    size_t mask;
};

struct finding {
    const struct index_entry *entry;
    const struct candidates_query *query;
    struct arena *arena;
    struct query_words words;
    struct dense_query dense;
    int64_t *documents; /* NULL: all */
    size_t document_count, leg;
    struct lexical_hit *hits[QUERY_LANGUAGES]; /* [hit_count], best first */
    size_t hit_count[QUERY_LANGUAGES];
    struct candidate *list; /* [2 * leg]; the first lexical_count are the lexical leg, best first, then what only the dense leg found */
    size_t count, lexical_count;
    struct places places;
    struct dense_hit *near; /* [near_count], the dense leg */
    size_t near_count;
    bool pruned;   /* some of the list were let go */
    float unseen;  /* no chunk that the lexical leg did not give has a higher score by words; 0 when it gave all */
    float farther; /* nor one that the dense leg did not give a higher cosine */
};

/* An empty list for legs of f->leg chunks. This and the next two: false when the arena is full. */
bool legs_open(struct finding *f);
/* Each leg once, the words first. A chunk that both find stands in the list once. */
bool legs_by_words(struct finding *f);
/* After it the cosines are known of what it found and of the best of the words. */
bool legs_by_meaning(struct finding *f);

/* The score that the leg which did not find the chunk would have given it: cosine and ratio (then it is measured), or the words' of list[count]. */
void legs_measure_cosine(const struct finding *f, struct candidate *c);
bool legs_measure_words(struct finding *f, struct candidate *list, size_t count);

#endif
