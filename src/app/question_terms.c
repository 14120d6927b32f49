/* The words of a question with their weights for choosing sentences. */
#include "app/indexes.h"
#include "app/query_words.h"
#include "app/small_index.h"

/* For all the words of a question of 8000 characters, split once for each language; only the distinct terms are kept. */
enum { SCRATCH_BYTES = 16 << 20 };

static bool holds(const struct question_term *terms, size_t count, struct span term)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq(terms[i].term, term))
            return true;
    }
    return false;
}

static bool weigh(const struct index_entry *entry, const struct query_words *words, struct arena *arena, struct question_term **terms, size_t *count)
{
    size_t all = 0;
    for (size_t i = 0; i < words->count; i++)
        all += words->sets[i].count;
    *count = 0;
    *terms = arena_array(arena, all, sizeof **terms);
    if (!*terms)
        return false;
    for (size_t i = 0; i < words->count; i++) {
        for (size_t k = 0; k < words->sets[i].count; k++) {
            struct span term = words->sets[i].terms[k];
            if (!holds(*terms, *count, term))
                (*terms)[(*count)++] = (struct question_term){term, small_index_idf(index_lexical(entry), term)};
        }
    }
    return true;
}

bool question_terms(struct app *app, const struct principal *by, struct span question, struct arena *arena, struct question_term **terms, size_t *count,
                    struct problem *problem)
{
    struct query_words words;
    struct index_entry *entry = indexes_open(app->indexes, &by->tenant, problem);
    if (!entry)
        return false;
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    bool ok = scratch && query_words_make(entry, question, scratch, arena, &words) && weigh(entry, &words, arena, terms, count);
    arena_free(scratch);
    indexes_close(app->indexes, entry);
    return ok || problem_db(problem, DB_ERROR);
}
