/* Compaction: drops dead chunks and the words that only they held. What it needs is allocated before anything is changed. */
#include <stdlib.h>

#include "index/postings.h"

uint32_t *lexical_renumber(const struct lexical *x)
{
    uint32_t *numbers = malloc((x->chunk_count ? x->chunk_count : 1) * sizeof *numbers);
    uint32_t next = 0;
    for (uint32_t i = 0; numbers && i < x->chunk_count; i++)
        numbers[i] = x->lengths[i] == LENGTH_DEAD ? NO_CHUNK : next++;
    return numbers;
}

/* The words that some living chunk holds, numbered in no order; order[new number] = old number. NULL when there is no memory. */
static struct map *living_words(const struct lexical *x, uint32_t *order)
{
    struct map *kept = map_new();
    struct span word;
    uint64_t number;
    uint32_t next = 0;
    for (size_t at = 0; kept && map_next(x->term_numbers, &at, &word, &number);) {
        if (postings_living(x, &x->terms[number]) == 0)
            continue;
        order[next] = (uint32_t)number;
        if (!map_put(kept, word, next++)) {
            map_free(kept);
            return NULL;
        }
    }
    return kept;
}

/* The words in their new order; false when there is no memory. */
static bool copy_vocabulary(const struct lexical *x, const uint32_t *order, uint32_t count, struct vocabulary *out)
{
    *out = (struct vocabulary){0};
    for (uint32_t i = 0; i < count; i++) {
        if (!vocabulary_add(out, vocabulary_word(&x->vocabulary, order[i]))) {
            vocabulary_clear(out);
            return false;
        }
    }
    return true;
}

uint16_t *lexical_renumbered_lengths(const struct lexical *x, const uint32_t *numbers)
{
    uint16_t *lengths = malloc((x->chunk_count - x->dead + 1) * sizeof *lengths);
    for (uint32_t i = 0; lengths && i < x->chunk_count; i++) {
        if (numbers[i] != NO_CHUNK)
            lengths[numbers[i]] = x->lengths[i];
    }
    return lengths;
}

bool postings_copy_living(const struct postings *from, struct postings *to, const uint32_t *numbers, const uint16_t *lengths, size_t *bytes)
{
    *to = (struct postings){0};
    for (struct place at = place_first(from); at.chunk != NO_CHUNK; place_next(&at)) {
        if (numbers[at.chunk] == NO_CHUNK)
            continue;
        if (!postings_reserve(to, lengths, bytes))
            return false;
        postings_append(to, (struct posting){numbers[at.chunk], place_count(&at)});
    }
    return true;
}

static void free_terms(struct postings *terms, uint32_t count, size_t *bytes)
{
    for (uint32_t i = 0; i < count; i++)
        postings_clear(&terms[i], bytes);
    free(terms);
}

/* The lists of the words in their new order. NULL when there is no memory. */
static struct postings *copy_terms(const struct lexical *x, const uint32_t *order, uint32_t count, const uint32_t *numbers, size_t *bytes)
{
    struct postings *terms = malloc((count ? count : 1) * sizeof *terms);
    uint16_t *lengths = lexical_renumbered_lengths(x, numbers);
    bool copied = terms && lengths;
    uint32_t i = 0;
    while (copied && i < count) {
        copied = postings_copy_living(&x->terms[order[i]], &terms[i], numbers, lengths, bytes);
        i++;
    }
    free(lengths);
    if (copied)
        return terms;
    if (terms)
        free_terms(terms, i, bytes);
    return NULL;
}

/* In place: numbers only fall. The documents' map holds their newest chunks already, so setting them again needs no memory. */
static void move_chunks(struct lexical *x, const uint32_t *numbers)
{
    for (uint32_t i = 0; i < x->chunk_count; i++) {
        uint32_t to = numbers[i];
        if (to == NO_CHUNK)
            continue;
        struct chunk_row row = x->chunks[i];
        row.previous = row.previous == NO_CHUNK ? NO_CHUNK : numbers[row.previous];
        x->chunks[to] = row;
        x->lengths[to] = x->lengths[i];
    }
    x->chunk_count -= x->dead;
    x->dead = 0;
    for (uint32_t i = 0; i < x->chunk_count; i++)
        (void)map_put(x->documents, document_key(&x->chunks[i].document_id), i);
}

bool lexical_compact(struct lexical *x)
{
    uint32_t *numbers = lexical_renumber(x);
    uint32_t *order = malloc((x->term_count ? x->term_count : 1) * sizeof *order);
    struct map *words = numbers && order ? living_words(x, order) : NULL;
    uint32_t count = words ? (uint32_t)map_count(words) : 0;
    size_t bytes = 0;
    struct vocabulary vocabulary = {0};
    bool named = words && copy_vocabulary(x, order, count, &vocabulary);
    struct postings *terms = named ? copy_terms(x, order, count, numbers, &bytes) : NULL;
    if (terms) {
        vocabulary_clear(&x->vocabulary);
        x->vocabulary = vocabulary;
        free_terms(x->terms, x->term_count, &x->posting_bytes);
        x->terms = terms;
        x->term_count = x->term_capacity = count;
        x->posting_bytes = bytes;
        map_free(x->term_numbers);
        x->term_numbers = words;
        move_chunks(x, numbers);
    } else {
        map_free(words);
        if (named)
            vocabulary_clear(&vocabulary);
    }
    free(numbers);
    free(order);
    return terms != NULL;
}
