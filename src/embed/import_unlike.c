/* Vectors of many models all point somewhat one way: their cosine for texts that have nothing to do with each other is measured, so that scores of all models
 * mean the same. */
#include <math.h>
#include <stdlib.h>

#include "embed/embed_internal.h"
#include "embed/import_internal.h"

enum { TEXTS = 12 };

static const struct span texts[TEXTS] = {
    SPAN("How do I reset the password of my account?"),
    SPAN("The bakery sells fresh bread from six in the morning."),
    SPAN("Blue whales feed mostly on krill."),
    SPAN("Invoices are due thirty days after delivery."),
    SPAN("The violin has four strings, tuned in fifths."),
    SPAN("Volcanic ash closed the airport for two days."),
    SPAN("Our warranty does not cover damage by water."),
    SPAN("She scored the winning goal in the last minute."),
    SPAN("Photosynthesis turns sunlight into chemical energy."),
    SPAN("The treaty was signed in 1648 after long negotiations."),
    SPAN("Tighten the four screws before you connect the pump."),
    SPAN("Which visa do students from abroad need?"),
};

static double cosine(const struct embed_vector *a, const struct embed_vector *b)
{
    int32_t sum = 0;
    for (size_t i = 0; i < WIDTH; i++)
        sum += a->values[i] * b->values[i];
    return (double)sum * (double)a->scale * (double)b->scale;
}

/* The mean over all pairs of a question and another passage. */
static double mean_cosine(const struct embed_vector *questions, const struct embed_vector *passages)
{
    double sum = 0;
    for (size_t i = 0; i < TEXTS; i++)
        for (size_t j = 0; j < TEXTS; j++)
            sum += i == j ? 0 : cosine(&questions[i], &passages[j]);
    return sum / (TEXTS * (TEXTS - 1));
}

void import_measure_unlike(struct import *im)
{
    size_t size;
    struct embed_model m = {.kernels = kernels_find("scalar")}; /* the same on every processor */
    struct embed_vector questions[TEXTS], passages[TEXTS];
    struct embed_scratch *scratch = embed_scratch_new(&m);
    if (!scratch || !weights_lay_out(&m.weights, &im->header, im->bytes, im->header.size, &size)) {
        free(scratch);
        import_fail(im, "There is no memory for the model.");
        return;
    }
    embed_texts(&m, scratch, EMBED_QUESTION, texts, TEXTS, questions);
    embed_texts(&m, scratch, EMBED_PASSAGE, texts, TEXTS, passages);
    embed_scratch_free(scratch);
    double mean = mean_cosine(questions, passages);
    im->header.unlike = mean > 0 ? (float)(fmin(round(mean * 10), 9) / 10) : 0;
}
