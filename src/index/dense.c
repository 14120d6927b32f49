/* The dense index: rows in the order they came, their vectors side by side in an array of their own. A removed row is marked and skipped until enough are dead
 * to close the gaps. */
#include "index/dense.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "index/dots.h"
#include "index/filter.h"

#define NO_ROW UINT32_MAX

enum { BLOCK = 256, ROWS_FIRST = 16, DEAD = -1 }; /* rows scanned at once; room at first; ordinal of a dead row */

struct dense_row {
    int64_t document_id;
    int32_t ordinal;   /* DEAD when it was removed */
    uint32_t previous; /* the row added before it of the same document, or NO_ROW */
    float scale, ratio;
};

struct dense {
    dots_kernel *dots;
    struct map *documents;  /* document id (its 8 bytes) → its newest row */
    struct dense_row *rows; /* [capacity], living and dead */
    int8_t *vectors;        /* [capacity][DENSE_DIMENSIONS] */
    uint32_t count, capacity, dead;
};

static struct span key_of(const int64_t *document_id)
{
    return (struct span){(const char *)document_id, sizeof *document_id};
}

struct dense *dense_new(void)
{
    struct dense *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->dots = dots_choose();
    x->documents = map_new();
    if (x->documents)
        return x;
    dense_free(x);
    return NULL;
}

void dense_free(struct dense *x)
{
    if (!x)
        return;
    map_free(x->documents);
    free(x->rows);
    free(x->vectors);
    free(x);
}

/* ---- filling ---- */

static bool resize(struct dense *x, uint32_t capacity)
{
    int8_t *vectors = realloc(x->vectors, (size_t)capacity * DENSE_DIMENSIONS);
    if (!vectors)
        return false;
    x->vectors = vectors;
    struct dense_row *rows = realloc(x->rows, capacity * sizeof *rows);
    if (!rows)
        return false;
    x->rows = rows;
    x->capacity = capacity;
    return true;
}

static bool reserve(struct dense *x)
{
    if (x->count < x->capacity)
        return true;
    return x->capacity <= UINT32_MAX / 4 && resize(x, x->capacity ? x->capacity * 2 : ROWS_FIRST);
}

bool dense_add(struct dense *x, int64_t document_id, int32_t ordinal, const int8_t values[DENSE_DIMENSIONS], float scale, float ratio)
{
    uint64_t previous = NO_ROW;
    if (ordinal < 0 || !reserve(x))
        return false;
    map_get(x->documents, key_of(&document_id), &previous);
    if (!map_put(x->documents, key_of(&document_id), x->count))
        return false;
    memcpy(x->vectors + (size_t)x->count * DENSE_DIMENSIONS, values, DENSE_DIMENSIONS);
    x->rows[x->count++] = (struct dense_row){document_id, ordinal, (uint32_t)previous, scale, ratio};
    return true;
}

/* Moves the living together. */
static void close_gaps(struct dense *x)
{
    uint32_t to = 0;
    for (uint32_t i = 0; i < x->count; i++) {
        if (x->rows[i].ordinal == DEAD)
            continue;
        x->rows[to] = x->rows[i];
        if (to != i)
            memcpy(x->vectors + (size_t)to * DENSE_DIMENSIONS, x->vectors + (size_t)i * DENSE_DIMENSIONS, DENSE_DIMENSIONS);
        to++;
    }
    x->count = to;
    x->dead = 0;
}

/* Chains and map again, after rows have moved. The map holds every document already, so setting its row again needs no memory. */
static void link_rows(struct dense *x)
{
    for (uint32_t i = 0; i < x->count; i++)
        (void)map_put(x->documents, key_of(&x->rows[i].document_id), NO_ROW);
    for (uint32_t i = 0; i < x->count; i++) {
        uint64_t previous = NO_ROW;
        map_get(x->documents, key_of(&x->rows[i].document_id), &previous);
        x->rows[i].previous = (uint32_t)previous;
        (void)map_put(x->documents, key_of(&x->rows[i].document_id), i);
    }
}

static void compact(struct dense *x)
{
    close_gaps(x);
    link_rows(x);
    if (x->count < x->capacity / 4)
        (void)resize(x, x->count > ROWS_FIRST ? x->count : ROWS_FIRST); /* without it the room just stays */
}

void dense_remove(struct dense *x, int64_t document_id)
{
    uint64_t newest;
    if (!map_get(x->documents, key_of(&document_id), &newest))
        return;
    map_remove(x->documents, key_of(&document_id));
    for (uint32_t row = (uint32_t)newest; row != NO_ROW; row = x->rows[row].previous) {
        x->rows[row].ordinal = DEAD;
        x->dead++;
    }
    if (x->dead > x->count / 3)
        compact(x);
}

/* ---- searching ---- */

/* Rounding of both vectors can carry a cosine just past its bounds. */
static float cosine_of(int32_t dot, float a, float b)
{
    float cosine = (float)dot * a * b;
    return cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
}

static bool better(const struct dense_hit *a, const struct dense_hit *b)
{
    if (a->cosine > b->cosine || a->cosine < b->cosine)
        return a->cosine > b->cosine;
    if (a->document_id != b->document_id)
        return a->document_id < b->document_id;
    return a->ordinal < b->ordinal;
}

/* The hits are a heap while they are collected, the worst first. */
static void sink(struct dense_hit *heap, size_t count, size_t i)
{
    struct dense_hit hit = heap[i];
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && better(&heap[child], &heap[child + 1]))
            child++;
        if (better(&heap[child], &hit))
            break;
        heap[i] = heap[child];
    }
    heap[i] = hit;
}

static void offer(struct dense_hit *hits, size_t *count, size_t limit, const struct dense_hit *hit)
{
    if (*count < limit) {
        size_t i = (*count)++;
        for (; i > 0 && better(&hits[(i - 1) / 2], hit); i = (i - 1) / 2)
            hits[i] = hits[(i - 1) / 2];
        hits[i] = *hit;
    } else if (better(hit, &hits[0])) {
        hits[0] = *hit;
        sink(hits, limit, 0);
    }
}

/* Turns the heap into a list, the best first. */
static void sort_hits(struct dense_hit *hits, size_t count)
{
    for (; count > 1; count--) {
        struct dense_hit worst = hits[0];
        hits[0] = hits[count - 1];
        hits[count - 1] = worst;
        sink(hits, count - 1, 0);
    }
}

/* Offers the rows from `first` on whose dot products those are; most are told off by their cosine alone. */
static void collect(const struct dense *x, const struct dense_query *query, uint32_t first, const int32_t *dots, uint32_t count, struct dense_hit *hits,
                    size_t *found, size_t limit)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct dense_row *row = &x->rows[first + i];
        float cosine = cosine_of(dots[i], query->scale, row->scale);
        if (*found == limit && cosine < hits[0].cosine)
            continue;
        if (row->ordinal != DEAD && filter_allows(query->documents, query->document_count, row->document_id))
            offer(hits, found, limit, &(struct dense_hit){row->document_id, row->ordinal, cosine, row->ratio});
    }
}

size_t dense_search(const struct dense *x, const struct dense_query *query, struct dense_hit *hits, size_t limit)
{
    int32_t dots[BLOCK];
    size_t found = 0;
    for (uint32_t first = 0; limit && first < x->count; first += BLOCK) {
        uint32_t count = x->count - first < BLOCK ? x->count - first : BLOCK;
        x->dots(query->values, x->vectors + (size_t)first * DENSE_DIMENSIONS, count, dots);
        collect(x, query, first, dots, count, hits, &found, limit);
    }
    sort_hits(hits, found);
    return found;
}

/* A document's rows mostly came together and in order: then the place of one follows from that of the last. */
static uint32_t row_of(const struct dense *x, int64_t document_id, int32_t ordinal)
{
    uint64_t newest;
    if (ordinal < 0 || !map_get(x->documents, key_of(&document_id), &newest))
        return NO_ROW;
    int64_t guess = (int64_t)newest - x->rows[newest].ordinal + ordinal;
    if (guess >= 0 && guess <= (int64_t)newest && x->rows[guess].document_id == document_id && x->rows[guess].ordinal == ordinal)
        return (uint32_t)guess;
    uint32_t row = (uint32_t)newest;
    while (row != NO_ROW && x->rows[row].ordinal != ordinal)
        row = x->rows[row].previous;
    return row;
}

bool dense_score(const struct dense *x, const struct dense_query *query, struct dense_hit *hit)
{
    uint32_t row = row_of(x, hit->document_id, hit->ordinal);
    int32_t dot;
    if (row == NO_ROW)
        return false;
    x->dots(query->values, x->vectors + (size_t)row * DENSE_DIMENSIONS, 1, &dot);
    hit->cosine = cosine_of(dot, query->scale, x->rows[row].scale);
    hit->ratio = x->rows[row].ratio;
    return true;
}

size_t dense_chunks(const struct dense *x)
{
    return x->count - x->dead;
}

size_t dense_bytes(const struct dense *x)
{
    return sizeof *x + map_bytes(x->documents) + x->capacity * (sizeof *x->rows + DENSE_DIMENSIONS);
}
