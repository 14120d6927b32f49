/* The figures of fusion: chosen on eight labelled sets in four languages; flat around the optimum (weights from 0.5 to 0.7, ramps from 1.5-1.8 to 1.6-2.2). */
#include "app/fusion.h"

#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "text/segment.h"

const double fusion_dense_weight = 0.6;
const double fusion_foreign_letters = 0.3;

static const double ratio_open = 1.6, ratio_shut = 2.2;

static double foreign_share(struct span text)
{
    size_t letters = 0, foreign = 0;
    while (text.n) {
        uint32_t c;
        text = span_skip(text, utf8_next(text, &c));
        enum char_class class = char_class_of(c);
        bool is_letter = class == CHAR_LETTER || class == CHAR_DENSE;
        letters += is_letter;
        foreign += is_letter && c >= 0x80;
    }
    return letters ? (double)foreign / (double)letters : 0;
}

static int rising(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double median(float *values, size_t count)
{
    qsort(values, count, sizeof *values, rising);
    return count % 2 ? (double)values[count / 2] : ((double)values[count / 2 - 1] + (double)values[count / 2]) / 2;
}

double fusion_gate(struct span question, float *ratios, size_t count)
{
    if (foreign_share(question) > fusion_foreign_letters)
        return 0;
    double ratio = count ? median(ratios, count) : 0;
    return ratio <= ratio_open ? 1 : ratio >= ratio_shut ? 0 : (ratio_shut - ratio) / (ratio_shut - ratio_open);
}

double fusion_score(double weight, double cosine, double lexical, double coverage)
{
    double open = fmin(weight / fusion_dense_weight, 1), partial = 1 - open * (1 - sqrt(coverage));
    return weight * (cosine > 0 ? cosine : 0) + (1 - weight) * lexical * partial;
}
