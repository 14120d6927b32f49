/* Scores as probabilities: the constants that were fitted, in one place. Pure. */
#ifndef APP_CALIBRATE_H
#define APP_CALIBRATE_H

#include <stdbool.h>

/* The similarity of a passage from its fused score and the weight of the cosine in it (struct candidates): about the share of passages with that score that
 * hold what was asked for. In (0, 1), rising with the score. */
double calibrate_similarity(double fused, double weight);

/* What speaks for an answer. */
struct evidence {
    double fused;     /* of the best passage */
    double weight;    /* of the cosine in it */
    bool asks_a_kind; /* the question asks for a date, an amount, ... */
    double held;      /* and how surely the quotes hold one */
};
/* The share of answers with that evidence that are right. In (0, 1). */
double calibrate_confidence(const struct evidence *evidence);

/* Below this confidence the fallback is given. */
extern const double answer_threshold;

#endif
