/* The words of a question as the tenant's documents would have been indexed. */
#ifndef APP_QUERY_WORDS_H
#define APP_QUERY_WORDS_H

#include "app/embedder.h"
#include "app/indexes.h"
#include "text/words.h"

enum { QUERY_LANGUAGES = 3, QUERY_TERMS = 256 };

/* The distinct terms of a question under one language. */
struct query_terms {
    struct language language;
    struct span *terms; /* [count], at most QUERY_TERMS */
    size_t count;
};

/* One set of terms for each language that documents of the tenant are in (the most frequent ones), since a term was stemmed by its document's language and a
 * question is too short to tell its own for certain. */
struct query_words {
    struct query_terms sets[QUERY_LANGUAGES];
    size_t count;
    const struct word *asked; /* [asked_count], the question's words in its own language, from behind its frame on; in the scratch arena */
    size_t asked_count;
};

/* A word that no document holds, and that the vocabulary of the index's encoder does not know either, is taken for misspelt: the word of the
 * documents that is nearest to it is looked for beside it. The word itself stays and counts as not found, so that such a match is worth about half. Stop words are those of the question's own language (as detected, else the most frequent one) and of the set's; what only frames the question
 * (app/question_frame.h) is left out like them. Terms in the arena, what is needed on the way in scratch, which may be the same; false when one is full. */
bool query_words_make(const struct index_entry *entry, struct span question, struct arena *scratch, struct arena *arena, struct query_words *out);

/* Whether the list holds the term. */
bool query_terms_hold(const struct query_terms *set, struct span term);

#endif
