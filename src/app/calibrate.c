/* Logistic curves fitted to measured outcomes: one pair for words alone, one for words and meaning, and a straight way between them, for a question's weight
 * of meaning lies anywhere from 0 (no model, or a language that it does not know) to fusion_dense_weight.
 *
 * Similarity: the five best passages of some 400 questions to each of five English sets, and of 40 questions of another field to each; right: the passage is of a
 * judged document and holds the answer's words where they are known (bench/calibration.py; docs/calibration.md). Confidence: 393 to 1,278
 * answerable questions on 294 encyclopedia articles, 200 of another field, and near misses (written from the passages' own words, but without an answer there);
 * right: the quotes hold the answer's words. Near misses look like the others to both scores, so only the signs of the quotes (app/quote_signs.h)
 * lower their confidence. Measured again by answers.py words --set squad2-dev-a --foreign cranfield, against a server with a model and one with --model none. */
#include "app/calibrate.h"

#include <math.h>

#include "app/fusion.h"

/* Keeps 96 % of the answerable questions and lets none of 300 of another field through; by words alone it keeps 97 % and lets 4 % through. */
const double answer_threshold = 0.15;

/* logistic(base + slope * x + early * min(x, knee)). */
struct curve {
    double base, slope, early;
};

static const double knee = 0.35;

static const struct curve similarity_by_words = {-3.4, 7.7, 0}, similarity_by_both = {-4.75, 10.2, 0};
static const struct curve confidence_by_words = {-3.2, 1, 7.7}, confidence_by_both = {-6.9, 3.6, 14.6};

/* What the signs add inside the logistic. They alone tell near misses: of the questions whose words are scattered, or which ask for what is not so, few have an
 * answer. `negation` was fitted as -3.3; it is less because people deny less often than the writers of near misses do. */
struct sign_weights {
    double kind, scattered, distant, number, negation;
};
static const struct sign_weights signs_by_words = {0.4, -0.8, -1.6, -0.8, -2}, signs_by_both = {0.5, -1.2, -2.4, -1, -2};

/* How surely the kind of thing asked for is there on the whole: more than this speaks for an answer, less against it. */
static const double kind_as_a_rule = 0.8;

static double between(double a, double b, double weight)
{
    return a + (b - a) * weight / fusion_dense_weight;
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static double rise(const struct curve *words, const struct curve *both, double weight, double x)
{
    return between(words->base, both->base, weight) + between(words->slope, both->slope, weight) * x +
           between(words->early, both->early, weight) * fmin(x, knee);
}

static double weigh_signs(const struct sign_weights *w, const struct quote_signs *s)
{
    double kind = s->asks_a_kind ? s->held - kind_as_a_rule : 0;
    return w->kind * kind + w->scattered * s->scattered + w->distant * s->distant + (s->number_missing ? w->number : 0) +
           (s->negation_missing ? w->negation : 0);
}

double calibrate_similarity(double fused, double weight)
{
    return logistic(rise(&similarity_by_words, &similarity_by_both, weight, fused));
}

double calibrate_confidence(double fused, double weight, const struct quote_signs *signs)
{
    double told = between(weigh_signs(&signs_by_words, signs), weigh_signs(&signs_by_both, signs), weight);
    return logistic(rise(&confidence_by_words, &confidence_by_both, weight, fused) + told);
}
