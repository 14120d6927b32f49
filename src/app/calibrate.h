/* Scores as probabilities: the constants that were fitted, in one place. Pure. */
#ifndef APP_CALIBRATE_H
#define APP_CALIBRATE_H

#include "app/quote.h"

/* The similarity of a passage from its fused score and the weight of the cosine in it (struct candidates): about the share of passages with that score that
 * hold what was asked for. In (0, 1), rising with the score. */
double calibrate_similarity(double fused, double weight);

/* The share of answers with that evidence that are right, in (0, 1): the fused score of the best passage, the weight of the cosine in it, and what the quotes
 * tell. */
double calibrate_confidence(double fused, double weight, const struct quote_signs *signs);

/* Below this confidence the fallback is given. */
extern const double answer_threshold;

#endif
