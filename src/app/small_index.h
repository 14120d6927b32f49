/* What a small index cannot know: how common a word is. Where there are few chunks, each term's idf is taken as if the same chunks stood among others
 * without it. */
#ifndef APP_SMALL_INDEX_H
#define APP_SMALL_INDEX_H

#include "app/query_words.h"

enum { INDEX_SMALL = 256 };

/* lexical_idf with its df, but as if there were at least INDEX_SMALL chunks. */
double small_index_idf(const struct lexical *lexical, struct span term);

/* For an index of fewer than INDEX_SMALL chunks: corrects coverage and score of hits for that idf (a score is a saturated coverage, so it changes in
 * proportion). Without it, one word of a question that no document holds would outweigh all others for a tenant with three documents. Nothing changes in a
 * larger index. In the arena; false when it is full. */
bool small_index_correct(const struct lexical *lexical, const struct query_terms *set, struct lexical_hit *hits, size_t count, struct arena *arena);

#endif
