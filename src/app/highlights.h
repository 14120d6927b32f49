/* Highlights: where the terms of a question stand in a passage. A passage's words are marked once, by a hash of their terms, and then compared with each
 * question that finds it. Pure. */
#ifndef APP_HIGHLIGHTS_H
#define APP_HIGHLIGHTS_H

#include "app/query_words.h"

/* A word of a text that is no stop word. */
struct word_mark {
    uint64_t term;       /* term_hash of what it was indexed as */
    uint32_t start, end; /* code points of the text, half open */
};

uint64_t term_hash(struct span term);

/* All words of a text in order. In the arena; false when it is full. */
bool word_marks(struct span text, struct language language, struct arena *arena, struct word_mark **marks, size_t *count);

/* The distinct terms of a question, over all its languages. */
struct term_set {
    struct span *terms; /* [count] */
    uint64_t *hashes;   /* [count] */
    size_t count;
    uint64_t filter[4]; /* 256 bits, one set by each hash: most words of a text are told off by it */
};
/* In the arena (the spans are those of words); false when it is full. */
bool term_set_make(const struct query_words *words, struct arena *arena, struct term_set *set);
/* The place of a hash in the set; set->count when it is not in it. */
size_t term_set_find(const struct term_set *set, uint64_t hash);

/* The ranges of the marked words that are in the set, in order, not overlapping. In the arena; false when it is full. */
bool highlights_find(const struct word_mark *marks, size_t count, const struct term_set *set, struct arena *arena, struct text_range **ranges,
                     size_t *range_count);

#endif
