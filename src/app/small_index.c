/* Smoothed idf for small indexes. */
#include "app/small_index.h"

#include <math.h>

/* df from idf = ln(1 + (N - df + 0.5) / (df + 0.5)). */
static double frequency_of(double chunks, double idf)
{
    double odds = exp(idf) - 1;
    return (chunks + 0.5 - 0.5 * odds) / (1 + odds);
}

double small_index_idf(const struct lexical *lexical, struct span term)
{
    double idf = lexical_idf(lexical, term);
    size_t chunks = lexical_chunks(lexical);
    if (chunks >= INDEX_SMALL)
        return idf;
    double df = frequency_of((double)chunks, idf);
    return log(1 + (INDEX_SMALL - df + 0.5) / (df + 0.5));
}

static void add_to_holders(const struct lexical_hit *holders, size_t holder_count, const struct lexical_hit *hits, size_t count, double idf, double *held)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < holder_count; k++) {
            if (hits[i].document_id == holders[k].document_id && hits[i].ordinal == holders[k].ordinal)
                held[i] += idf;
        }
    }
}

bool small_index_correct(const struct lexical *lexical, const struct query_terms *set, struct lexical_hit *hits, size_t count, struct arena *arena)
{
    if (lexical_chunks(lexical) >= INDEX_SMALL || !count)
        return true;
    struct lexical_hit *holders = arena_array(arena, INDEX_SMALL, sizeof *holders);
    double *held = arena_array(arena, count, sizeof *held), mass = 0;
    if (!holders || !held)
        return false;
    for (size_t t = 0; t < set->count; t++) {
        struct lexical_query one = {.terms = &set->terms[t], .count = 1};
        double idf = small_index_idf(lexical, set->terms[t]);
        mass += idf;
        add_to_holders(holders, lexical_search(lexical, &one, holders, INDEX_SMALL), hits, count, idf, held);
    }
    for (size_t i = 0; mass > 0 && i < count; i++) {
        float coverage = (float)(held[i] / mass);
        hits[i].score = hits[i].coverage > 0 ? hits[i].score * coverage / hits[i].coverage : 0;
        hits[i].coverage = coverage;
    }
    return true;
}
