/* Compaction: drops dead chunks and the words that only they held. What it needs is allocated before anything is changed. */
#include <stdlib.h>

#include "index/postings.h"

/* Every chunk's number afterwards; NO_CHUNK for the dead. */
static uint32_t *renumber(const struct lexical *x)
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

static void renumber_list(struct lexical *x, struct postings *p, const uint32_t *numbers)
{
    uint32_t living = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t number = numbers[p->list[i].chunk];
        if (number != NO_CHUNK)
            p->list[living++] = (struct posting){number, p->list[i].count};
    }
    p->count = living;
    if (living == 0 || living * 2 > p->capacity)
        return;
    struct posting *smaller = realloc(p->list, living * sizeof *smaller);
    if (!smaller)
        return;
    x->posting_bytes -= (p->capacity - living) * sizeof *smaller;
    p->list = smaller;
    p->capacity = living;
}

static void move_terms(struct lexical *x, struct postings *terms, const uint32_t *order, uint32_t count, const uint32_t *numbers)
{
    for (uint32_t i = 0; i < count; i++) {
        struct postings *old = &x->terms[order[i]];
        renumber_list(x, old, numbers);
        terms[i] = *old;
        *old = (struct postings){0};
    }
    for (uint32_t i = 0; i < x->term_count; i++) {
        x->posting_bytes -= x->terms[i].capacity * sizeof *x->terms[i].list;
        free(x->terms[i].list);
    }
    free(x->terms);
    x->terms = terms;
    x->term_count = x->term_capacity = count;
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
    uint32_t *numbers = renumber(x);
    uint32_t *order = malloc((x->term_count ? x->term_count : 1) * sizeof *order);
    struct map *words = numbers && order ? living_words(x, order) : NULL;
    uint32_t count = words ? (uint32_t)map_count(words) : 0;
    struct postings *terms = words ? malloc((count ? count : 1) * sizeof *terms) : NULL;
    if (terms) {
        move_terms(x, terms, order, count, numbers);
        map_free(x->term_numbers);
        x->term_numbers = words;
        move_chunks(x, numbers);
    } else {
        map_free(words);
    }
    free(numbers);
    free(order);
    return terms != NULL;
}
