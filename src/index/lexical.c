/* Filling the lexical index. Adding reserves all it needs first and then writes, so that it happens wholly or not at all. */
#include "index/lexical.h"

#include <math.h>
#include <stdlib.h>

#include "index/postings.h"

struct span document_key(const int64_t *document_id)
{
    return (struct span){(const char *)document_id, sizeof *document_id};
}

struct lexical *lexical_new(void)
{
    struct lexical *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->k1 = 1.2;
    x->b = 0.75;
    x->term_numbers = map_new();
    x->documents = map_new();
    if (x->term_numbers && x->documents)
        return x;
    lexical_free(x);
    return NULL;
}

void lexical_free(struct lexical *x)
{
    if (!x)
        return;
    for (uint32_t i = 0; i < x->term_count; i++)
        free(x->terms[i].list);
    map_free(x->term_numbers);
    map_free(x->documents);
    free(x->terms);
    free(x->chunks);
    free(x->lengths);
    free(x);
}

/* Twice the room, at least 16, for elements counted in 32 bits; 0 when there is no more. */
static uint32_t grown(uint32_t capacity)
{
    return capacity == 0 ? 16 : capacity <= UINT32_MAX / 4 ? capacity * 2 : 0;
}

static bool reserve_chunk(struct lexical *x)
{
    if (x->chunk_count < x->chunk_capacity)
        return true;
    uint32_t capacity = grown(x->chunk_capacity);
    if (capacity == 0)
        return false;
    struct chunk_row *chunks = realloc(x->chunks, capacity * sizeof *chunks);
    if (!chunks)
        return false;
    x->chunks = chunks;
    uint32_t *lengths = realloc(x->lengths, capacity * sizeof *lengths);
    if (!lengths)
        return false;
    x->lengths = lengths;
    x->chunk_capacity = capacity;
    return true;
}

/* The number of a term, made when new (a term without postings counts as unknown); false when there is no memory. */
static bool number_of(struct lexical *x, struct span word, uint64_t *number)
{
    if (map_get(x->term_numbers, word, number))
        return true;
    if (x->term_count == x->term_capacity) {
        uint32_t capacity = grown(x->term_capacity);
        struct postings *terms = capacity ? realloc(x->terms, capacity * sizeof *terms) : NULL;
        if (!terms)
            return false;
        x->terms = terms;
        x->term_capacity = capacity;
    }
    *number = x->term_count;
    if (!map_put(x->term_numbers, word, *number))
        return false;
    x->terms[x->term_count++] = (struct postings){0};
    return true;
}

/* Most words are rare: a list starts with room for two. */
static bool reserve_posting(struct lexical *x, struct postings *p)
{
    if (p->count < p->capacity)
        return true;
    uint32_t capacity = p->capacity == 0 ? 2 : grown(p->capacity);
    struct posting *list = capacity ? realloc(p->list, capacity * sizeof *list) : NULL;
    if (!list)
        return false;
    x->posting_bytes += (capacity - p->capacity) * sizeof *list;
    p->list = list;
    p->capacity = capacity;
    return true;
}

static bool reserve(struct lexical *x, const struct term *terms, size_t count)
{
    if (!reserve_chunk(x))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t number;
        if (!number_of(x, terms[i].word, &number) || !reserve_posting(x, &x->terms[number]))
            return false;
    }
    return true;
}

bool lexical_add(struct lexical *x, int64_t document_id, int32_t ordinal, const struct term *terms, size_t count, uint32_t length)
{
    if (!reserve(x, terms, count))
        return false;
    uint32_t chunk = x->chunk_count;
    uint64_t previous = NO_CHUNK, number;
    map_get(x->documents, document_key(&document_id), &previous);
    if (!map_put(x->documents, document_key(&document_id), chunk))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!map_get(x->term_numbers, terms[i].word, &number))
            continue;
        struct postings *p = &x->terms[number];
        if (p->count == p->capacity) /* a word given twice, against the contract, has room for one */
            continue;
        p->list[p->count++] = (struct posting){chunk, terms[i].count};
    }
    length = length < LENGTH_DEAD ? length : LENGTH_DEAD - 1;
    x->chunks[chunk] = (struct chunk_row){document_id, ordinal, (uint32_t)previous};
    x->lengths[chunk] = length;
    x->living_length += length;
    x->chunk_count++;
    return true;
}

void lexical_remove(struct lexical *x, int64_t document_id)
{
    uint64_t newest;
    if (!map_get(x->documents, document_key(&document_id), &newest))
        return;
    map_remove(x->documents, document_key(&document_id));
    for (uint32_t chunk = (uint32_t)newest; chunk != NO_CHUNK; chunk = x->chunks[chunk].previous) {
        x->living_length -= x->lengths[chunk];
        x->lengths[chunk] = LENGTH_DEAD;
        x->dead++;
    }
    if (x->dead > x->chunk_count / 3)
        (void)lexical_compact(x); /* without memory the dead stay until the next removal */
}

const struct postings *postings_of(const struct lexical *x, struct span term)
{
    uint64_t number;
    return map_get(x->term_numbers, term, &number) ? &x->terms[number] : NULL;
}

uint32_t postings_living(const struct lexical *x, const struct postings *p)
{
    if (x->dead == 0)
        return p->count;
    uint32_t living = 0;
    for (uint32_t i = 0; i < p->count; i++)
        living += x->lengths[p->list[i].chunk] != LENGTH_DEAD;
    return living;
}

double idf_of(const struct lexical *x, uint32_t df)
{
    double n = x->chunk_count - x->dead;
    return log(1 + (n - df + 0.5) / (df + 0.5));
}

double lexical_idf(const struct lexical *x, struct span term)
{
    const struct postings *p = postings_of(x, term);
    return idf_of(x, p ? postings_living(x, p) : 0);
}

size_t lexical_chunks(const struct lexical *x)
{
    return x->chunk_count - x->dead;
}

size_t lexical_bytes(const struct lexical *x)
{
    return sizeof *x + map_bytes(x->term_numbers) + map_bytes(x->documents) + x->term_capacity * sizeof *x->terms + x->posting_bytes +
           x->chunk_capacity * (sizeof *x->chunks + sizeof *x->lengths);
}
