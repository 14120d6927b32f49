/* The words of a question beside the text that was found: their weights for choosing sentences, and where they stand in a passage. */
#include <string.h>

#include "app/indexes.h"
#include "app/query_words.h"
#include "app/small_index.h"
#include "base/utf8.h"

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
    bool ok = query_words_make(entry, question, arena, &words) && weigh(entry, &words, arena, terms, count);
    indexes_close(app->indexes, entry);
    return ok || problem_db(problem, DB_ERROR);
}

/* ---- highlights ---- */

/* Byte offsets of a text → code points; cheap when asked in ascending order. */
struct counter {
    struct span text;
    size_t byte;
    int64_t code_points;
};

static int64_t count_to(struct counter *c, size_t byte)
{
    if (byte < c->byte)
        c->byte = 0, c->code_points = 0;
    while (c->byte < byte && c->byte < c->text.n) {
        uint32_t code_point;
        c->byte += utf8_next(span_skip(c->text, c->byte), &code_point);
        c->code_points++;
    }
    return c->code_points;
}

/* Words overlap where a code gives its parts too, or a script gives bigrams: ranges that touch become one. */
static void add_range(struct text_range *ranges, size_t *count, int64_t start, int64_t end)
{
    struct text_range *last = *count ? &ranges[*count - 1] : NULL;
    if (last && start <= last->end)
        last->end = end > last->end ? end : last->end;
    else
        ranges[(*count)++] = (struct text_range){start, end};
}

bool passage_highlights(const struct passages *passages, size_t passage, const struct question_term *terms, size_t term_count, struct arena *arena,
                        struct text_range **ranges, size_t *count)
{
    struct span text = passages->list[passage].chunk.text;
    struct word *words;
    size_t word_count;
    *count = 0;
    if (!words_split(text, passages->matches[passage].language, arena, &words, &word_count))
        return false;
    *ranges = arena_array(arena, word_count, sizeof **ranges);
    if (!*ranges)
        return false;
    struct counter starts = {.text = text}, ends = {.text = text};
    for (size_t i = 0; i < word_count; i++) {
        if (!words[i].stop && holds(terms, term_count, words[i].term))
            add_range(*ranges, count, count_to(&starts, words[i].start), count_to(&ends, words[i].end));
    }
    return true;
}
