/* Feedback: what the best passages are about, taken as a second question (Rocchio 1971, with the first answers in place of a reader's judgement). A passage that is
 * near to them in meaning moves up, one that only shares the question's turns of phrase moves down. Absolute like the rest of fusion: the passage nearest
 * to them counts as near as the passage nearest to the question does, so a question that nothing answers gains nothing. */
#ifndef APP_FEEDBACK_H
#define APP_FEEDBACK_H

#include "app/legs.h"

/* Sets candidate.meaning of list[count], which are all measured, by their cosines and those with the best of them by fused. `nearest`: the greatest cosine of
 * all chunks. Nothing changes where weight is 0 or no vector is among the best. */
void feedback_apply(const struct finding *f, struct candidate *list, size_t count, double weight, double nearest);

#endif
