/* Filling the lexical index. Adding reserves all it needs first and then writes, so that it happens wholly or not at all. */
#include "index/lexical.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "index/postings.h"

enum { COMPACT_MOST = 20000 }; /* chunks that are made compact while searches wait: some 25 ms */

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
        postings_clear(&x->terms[i], &x->posting_bytes);
    vocabulary_clear(&x->vocabulary);
    map_free(x->term_numbers);
    map_free(x->documents);
    free(x->terms);
    free(x->numbers);
    free(x->chunks);
    free(x->lengths);
    free(x);
}

/* Twice the room, at least 16, for elements counted in 32 bits; 0 when there is no more. */
static uint32_t grown(uint32_t capacity)
{
    return capacity == 0 ? 16 : capacity <= UINT32_MAX / 4 ? capacity * 2 : 0;
}

static bool resize_chunks(struct lexical *x, uint32_t capacity)
{
    struct chunk_row *chunks = realloc(x->chunks, capacity * sizeof *chunks);
    if (!chunks)
        return false;
    x->chunks = chunks;
    uint16_t *lengths = realloc(x->lengths, capacity * sizeof *lengths);
    if (!lengths)
        return false;
    x->lengths = lengths;
    x->chunk_capacity = capacity;
    return true;
}

static bool reserve_chunk(struct lexical *x)
{
    if (x->chunk_count < x->chunk_capacity)
        return true;
    uint32_t capacity = grown(x->chunk_capacity);
    return capacity != 0 && resize_chunks(x, capacity);
}

void lexical_expect(struct lexical *x, size_t more)
{
    if (more > x->chunk_capacity / 64 && more < UINT32_MAX / 4 - x->chunk_count && x->chunk_count + more > x->chunk_capacity)
        (void)resize_chunks(x, x->chunk_count + (uint32_t)more);
}

/* The number of a term that was sought, made when new (a term without postings counts as unknown); false when there is no memory. */
static bool number_of(struct lexical *x, struct span word, uint32_t sought, uint32_t *out)
{
    uint64_t number = x->term_count;
    if (!map_get_sought(x->term_numbers, word, sought, &number)) {
        if (x->term_count == x->term_capacity) {
            uint32_t capacity = grown(x->term_capacity);
            struct postings *terms = capacity ? realloc(x->terms, capacity * sizeof *terms) : NULL;
            if (!terms)
                return false;
            x->terms = terms;
            x->term_capacity = capacity;
        }
        if (x->vocabulary.count == x->term_count && !vocabulary_add(&x->vocabulary, word))
            return false;
        if (!map_put(x->term_numbers, word, number)) {
            x->vocabulary.count--;
            return false;
        }
        x->terms[x->term_count++] = (struct postings){0};
    }
    *out = (uint32_t)number;
    return true;
}

static bool reserve_numbers(struct lexical *x, size_t count)
{
    if (count <= x->numbers_capacity)
        return true;
    uint32_t *numbers = reallocarray(x->numbers, 2 * count, sizeof *numbers);
    if (!numbers)
        return false;
    x->numbers = numbers;
    x->numbers_capacity = 2 * count;
    return true;
}

/* Room for a chunk and its postings. Words and lists lie anywhere in memory: all are asked for before the first is needed. */
static bool reserve(struct lexical *x, const struct term *terms, size_t count)
{
    if (!reserve_chunk(x) || !reserve_numbers(x, count))
        return false;
    for (size_t i = 0; i < count; i++)
        x->numbers[i] = map_seek(x->term_numbers, terms[i].word);
    for (size_t i = 0; i < count; i++) {
        if (!number_of(x, terms[i].word, x->numbers[i], &x->numbers[i]))
            return false;
        __builtin_prefetch(&x->terms[x->numbers[i]]);
    }
    for (size_t i = 0; i < count; i++) {
        struct postings *p = &x->terms[x->numbers[i]];
        if (!postings_reserve(p, x->lengths, &x->posting_bytes))
            return false;
        __builtin_prefetch(p->tail + p->tail_count, 1);
    }
    return true;
}

bool lexical_add(struct lexical *x, int64_t document_id, int32_t ordinal, const struct term *terms, size_t count, uint32_t length)
{
    if (!reserve(x, terms, count))
        return false;
    uint32_t chunk = x->chunk_count;
    uint64_t previous = NO_CHUNK;
    map_get(x->documents, document_key(&document_id), &previous);
    if (!map_put(x->documents, document_key(&document_id), chunk))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct postings *p = &x->terms[x->numbers[i]];
        if (p->tail_count == p->tail_capacity) /* a word given twice, against the contract, has room for one */
            continue;
        postings_append(p, (struct posting){chunk, terms[i].count});
    }
    length = length < LENGTH_DEAD ? length : LENGTH_DEAD - 1;
    x->chunks[chunk] = (struct chunk_row){document_id, ordinal, (uint32_t)previous};
    x->lengths[chunk] = (uint16_t)length;
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
    x->removals++;
    for (uint32_t chunk = (uint32_t)newest; chunk != NO_CHUNK; chunk = x->chunks[chunk].previous) {
        x->living_length -= x->lengths[chunk];
        x->lengths[chunk] = LENGTH_DEAD;
        x->dead++;
    }
    if (lexical_worn(x) && x->chunk_count <= COMPACT_MOST)
        (void)lexical_compact(x); /* without memory the dead stay until the next removal */
}

bool lexical_worn(const struct lexical *x)
{
    return x->dead > x->chunk_count / 3;
}

const struct postings *postings_of(const struct lexical *x, struct span term)
{
    uint64_t number;
    return map_get(x->term_numbers, term, &number) ? &x->terms[number] : NULL;
}

static uint32_t count_living(const struct lexical *x, const struct postings *p)
{
    uint32_t living = 0;
    for (struct place at = place_first(p); at.chunk != NO_CHUNK; place_next(&at))
        living += x->lengths[at.chunk] != LENGTH_DEAD;
    return living;
}

uint32_t postings_living(const struct lexical *x, const struct postings *p)
{
    if (x->dead == 0)
        return p->count;
    /* What readers write here at the same time is the same. */
    uint64_t *kept = (uint64_t *)(uintptr_t)&p->living, counted = __atomic_load_n(kept, __ATOMIC_RELAXED);
    if (counted >> 32 == x->removals)
        return (uint32_t)counted;
    uint32_t living = count_living(x, p);
    __atomic_store_n(kept, (uint64_t)x->removals << 32 | living, __ATOMIC_RELAXED);
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

/* ---- words that are nearly another ---- */

struct choosing {
    const struct lexical *index;
    struct span word, best;
    int edits; /* of the best */
    bool same_front;
    uint32_t chunks;
};

static bool comes_before(struct span a, struct span b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order < 0 : a.n < b.n;
}

static bool is_better(const struct choosing *c, const struct choosing *than)
{
    if (!than->best.p || c->edits != than->edits)
        return !than->best.p || c->edits < than->edits;
    if (c->same_front != than->same_front)
        return c->same_front;
    return c->chunks != than->chunks ? c->chunks > than->chunks : comes_before(c->best, than->best);
}

static void weigh_neighbour(void *context, uint32_t number, int edits)
{
    struct choosing *c = context, other = *c;
    if (number >= c->index->term_count || edits == 0)
        return;
    other.best = vocabulary_word(&c->index->vocabulary, number);
    other.edits = edits;
    other.same_front = other.best.n && c->word.n && other.best.p[0] == c->word.p[0];
    other.chunks = postings_living(c->index, &c->index->terms[number]);
    if (other.chunks && is_better(&other, c))
        *c = other;
}

bool lexical_neighbour(const struct lexical *x, struct span word, int edits, struct span *neighbour)
{
    struct choosing c = {.index = x, .word = word};
    vocabulary_near(&x->vocabulary, word, edits, weigh_neighbour, &c);
    *neighbour = c.best;
    return c.best.p != NULL;
}

bool lexical_holds(const struct lexical *x, struct span word)
{
    const struct postings *p = postings_of(x, word);
    return p && postings_living(x, p) > 0;
}

size_t lexical_chunks(const struct lexical *x)
{
    return x->chunk_count - x->dead;
}

size_t lexical_bytes(const struct lexical *x)
{
    return sizeof *x + x->numbers_capacity * sizeof *x->numbers + map_bytes(x->term_numbers) + map_bytes(x->documents) + vocabulary_bytes(&x->vocabulary) +
           x->term_capacity * sizeof *x->terms + x->posting_bytes + x->chunk_capacity * (sizeof *x->chunks + sizeof *x->lengths);
}
