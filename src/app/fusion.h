/* Fusion: two scores of a passage, by words and by meaning, made one. Absolute, not by rank: both lie in [0, 1] whatever else was found, so the sum does too
 * and can be compared between questions.
 *
 * The encoder knows English. For text it was not trained on its cosines are noise, and they would drown the words; so its weight falls with the word pieces
 * per word of what was found: English passages need 1.0 to 1.5, German ones 1.8 to 2.6, Russian ones 5 to 7. One weight a question: weights that differ by
 * passage would put two scales into one list. Pure. */
#ifndef APP_FUSION_H
#define APP_FUSION_H

#include "base/span.h"

/* How much of the weight of meaning holds, 0 to 1: by the median of ratios[count] (word pieces per word of the best candidates; sorted by the call), and 0
 * where more than fusion_foreign_letters of the letters of the question are not ASCII. Without candidates it holds whole. */
double fusion_gate(struct span question, float *ratios, size_t count);
extern const double fusion_foreign_letters;

/* The weight of the cosine while the gate is open. */
extern const double fusion_dense_weight;

/* weight * max(cosine, 0) + (1 - weight) * lexical: in [0, 1], each part being so. With meaning beside them, words that cover only a part of the question count for
 * less: by the square root of their coverage, as far as the weight is that of an open gate. By words alone BM25 is best as it is. */
double fusion_score(double weight, double cosine, double lexical, double coverage);

#endif
