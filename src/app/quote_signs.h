/* Signs that the best unit answers, or only looks like it: near misses are written in the words of their passage, so their scores are as high as those of true answers.
 * Pure. */
#ifndef APP_QUOTE_SIGNS_H
#define APP_QUOTE_SIGNS_H

#include "app/quote_worth.h"

void quote_signs_read(const struct weighing *weighing, const struct passages *passages, size_t best, struct quote_signs *out);

#endif
