/* The numbers in square brackets of a model's answer → citations. Pure. */
#ifndef APP_CITATIONS_H
#define APP_CITATIONS_H

#include "app/answer.h"

/* "[2]" and "[1, 3]" cite the words in front of them, back to the marker or the beginning of the sentence before; a marker that begins a sentence cites the one
 * before. Numbers from 1 to source_count count, others point nowhere and are passed over. In the arena; false when it is full. */
bool citations_read(struct span answer, size_t source_count, struct arena *arena, struct answer_citation **list, size_t *count);

#endif
