/* The dense index: rows in the order they came, what is known of them in arrays side by side. A removed row is marked and skipped until enough are dead to close
 * the gaps. */
#include "index/dense.h"

#include <stdlib.h>
#include <string.h>

#include "index/dense_internal.h"
#include "index/filter.h"

enum {
    BLOCK = 256, /* rows scanned at once */
    ROWS_FIRST = 16,
    ROWS_DOUBLED = 4096, /* room doubles up to here, and then grows by a 64th: the memory of a large tenant is in use */
    RATIO_STEPS = 1024,
    KEPT_LEAST = 250, /* candidates of the codes whose vectors are looked at: as many, from LARGE rows on twice as many, and at least KEPT_EACH for each hit */
    KEPT_EACH = 4,
    LARGE = 300000,
    ANEW_MOST = 20000, /* rows that are moved together, or coded again, while searches wait: some 30 ms */
};

struct dense *dense_new(void)
{
    struct dense *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->dots = dots_choose();
    x->codes_again = DENSE_EXACT;
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
    codes_free(x->codes);
    free(x->ids);
    free(x->ordinals);
    free(x->previous);
    free(x->scales);
    free(x->ratios);
    free(x->vectors);
    free(x);
}

static const int8_t *vector_of(const struct dense *x, uint32_t row)
{
    return x->vectors + (size_t)row * DENSE_DIMENSIONS;
}

/* ---- codes ---- */

static void mean_of_vectors(const struct dense *x, float mean[DENSE_DIMENSIONS])
{
    double sum[DENSE_DIMENSIONS] = {0};
    for (uint32_t row = 0; row < x->count; row++) {
        const int8_t *v = vector_of(x, row);
        for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
            sum[i] += (double)v[i] * (double)x->scales[row];
    }
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
        mean[i] = (float)(sum[i] / x->count);
}

static void drop_codes(struct dense *x, uint32_t again)
{
    codes_free(x->codes);
    x->codes = NULL;
    x->codes_again = again;
}

/* Codes of all rows around their centre. Without memory for them every search is exact, and slower, until there are twice as many rows. */
static void make_codes(struct dense *x)
{
    float centre[DENSE_DIMENSIONS];
    drop_codes(x, x->count <= UINT32_MAX / 4 ? x->count * 4 : UINT32_MAX);
    mean_of_vectors(x, centre);
    x->codes = codes_new(centre);
    if (!x->codes || !codes_resize(x->codes, x->capacity)) {
        drop_codes(x, x->count <= UINT32_MAX / 2 ? x->count * 2 : UINT32_MAX);
        return;
    }
    for (uint32_t row = 0; row < x->count; row++)
        codes_set(x->codes, row, vector_of(x, row), x->scales[row]);
}

/* The codes of a large index go on around the centre that they have, until it is built anew. */
static bool needs_codes(const struct dense *x)
{
    return x->count >= x->codes_again && (!x->codes || x->count <= ANEW_MOST);
}

static void add_code(struct dense *x, uint32_t row)
{
    if (needs_codes(x) && !x->expecting)
        make_codes(x);
    else if (x->codes)
        codes_set(x->codes, row, vector_of(x, row), x->scales[row]);
}

/* ---- filling ---- */

static bool resize_one(void *array, uint32_t capacity, size_t size)
{
    void *old, *new;
    memcpy(&old, array, sizeof old);
    new = realloc(old, (size_t)capacity * size);
    if (new)
        memcpy(array, &new, sizeof new);
    return new != NULL;
}

/* When one array cannot have the room, those before it have more than is counted on: no harm. */
static bool resize(struct dense *x, uint32_t capacity)
{
    if (!resize_one(&x->vectors, capacity, DENSE_DIMENSIONS) || !resize_one(&x->ids, capacity, sizeof *x->ids) ||
        !resize_one(&x->ordinals, capacity, sizeof *x->ordinals) || !resize_one(&x->previous, capacity, sizeof *x->previous) ||
        !resize_one(&x->scales, capacity, sizeof *x->scales) || !resize_one(&x->ratios, capacity, sizeof *x->ratios))
        return false;
    if (x->codes && !codes_resize(x->codes, capacity))
        drop_codes(x, capacity);
    x->capacity = capacity;
    return true;
}

static bool reserve(struct dense *x)
{
    if (x->count < x->capacity)
        return true;
    uint32_t more = x->capacity < ROWS_DOUBLED ? x->capacity : x->capacity / 64;
    return x->capacity <= UINT32_MAX / 4 && resize(x, x->capacity ? x->capacity + more : ROWS_FIRST);
}

void dense_expect(struct dense *x, size_t more)
{
    if (more > x->capacity / 64 && more < UINT32_MAX / 4 - x->count && x->count + more > x->capacity)
        (void)resize(x, x->count + (uint32_t)more);
    x->expecting = true;
}

void dense_settle(struct dense *x)
{
    x->expecting = false;
    if (needs_codes(x))
        make_codes(x);
}

bool dense_add(struct dense *x, int64_t document_id, int32_t ordinal, const int8_t values[DENSE_DIMENSIONS], float scale, float ratio)
{
    uint64_t previous = NO_ROW;
    if (ordinal < 0 || !reserve(x))
        return false;
    map_get(x->documents, document_key(&document_id), &previous);
    if (!map_put(x->documents, document_key(&document_id), x->count))
        return false;
    uint32_t row = x->count++;
    float steps = ratio * RATIO_STEPS + 0.5f;
    memcpy(x->vectors + (size_t)row * DENSE_DIMENSIONS, values, DENSE_DIMENSIONS);
    x->ids[row] = document_id;
    x->ordinals[row] = ordinal;
    x->previous[row] = (uint32_t)previous;
    x->scales[row] = scale;
    x->ratios[row] = steps > 0 && steps < UINT16_MAX ? (uint16_t)steps : UINT16_MAX;
    add_code(x, row);
    return true;
}

static void move_row(struct dense *x, uint32_t from, uint32_t to)
{
    memcpy(x->vectors + (size_t)to * DENSE_DIMENSIONS, vector_of(x, from), DENSE_DIMENSIONS);
    x->ids[to] = x->ids[from];
    x->ordinals[to] = x->ordinals[from];
    x->scales[to] = x->scales[from];
    x->ratios[to] = x->ratios[from];
    if (x->codes)
        codes_copy(x->codes, from, to);
}

/* Moves the living together. */
static void close_gaps(struct dense *x)
{
    uint32_t to = 0;
    for (uint32_t i = 0; i < x->count; i++) {
        if (x->ordinals[i] == DEAD)
            continue;
        if (to != i)
            move_row(x, i, to);
        to++;
    }
    x->count = to;
    x->dead = 0;
}

/* Chains and map again, after rows have moved. The map holds every document already, so setting its row again needs no memory. */
static void link_rows(struct dense *x)
{
    for (uint32_t i = 0; i < x->count; i++)
        (void)map_put(x->documents, document_key(&x->ids[i]), NO_ROW);
    for (uint32_t i = 0; i < x->count; i++) {
        uint64_t previous = NO_ROW;
        map_get(x->documents, document_key(&x->ids[i]), &previous);
        x->previous[i] = (uint32_t)previous;
        (void)map_put(x->documents, document_key(&x->ids[i]), i);
    }
}

static void compact(struct dense *x)
{
    close_gaps(x);
    link_rows(x);
    if (x->count < DENSE_EXACT)
        drop_codes(x, DENSE_EXACT);
    if (x->count < x->capacity / 4)
        (void)resize(x, x->count > ROWS_FIRST ? x->count : ROWS_FIRST); /* without it the room just stays */
}

void dense_remove(struct dense *x, int64_t document_id)
{
    uint64_t newest;
    if (!map_get(x->documents, document_key(&document_id), &newest))
        return;
    map_remove(x->documents, document_key(&document_id));
    for (uint32_t row = (uint32_t)newest; row != NO_ROW; row = x->previous[row]) {
        x->ordinals[row] = DEAD;
        x->dead++;
    }
    if (x->dead > x->count / 3 && x->count <= ANEW_MOST)
        compact(x);
}

bool dense_worn(const struct dense *x)
{
    return x->dead > x->count / 3 || (x->codes && x->count >= x->codes_again);
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

/* A search that goes on. */
struct search {
    const struct dense *index;
    const struct dense_query *query;
    struct dense_hit *hits;
    size_t count, limit;
};

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

static void offer(struct search *s, const struct dense_hit *hit)
{
    if (s->count < s->limit) {
        size_t i = s->count++;
        for (; i > 0 && better(&s->hits[(i - 1) / 2], hit); i = (i - 1) / 2)
            s->hits[i] = s->hits[(i - 1) / 2];
        s->hits[i] = *hit;
    } else if (better(hit, &s->hits[0])) {
        s->hits[0] = *hit;
        sink(s->hits, s->limit, 0);
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

static bool allowed(const void *context, uint32_t row)
{
    const struct search *s = context;
    return s->index->ordinals[row] != DEAD && filter_allows(s->query->documents, s->query->document_count, s->index->ids[row]);
}

static struct dense_hit hit_of(const struct dense *x, uint32_t row, float cosine)
{
    return (struct dense_hit){x->ids[row], x->ordinals[row], cosine, (float)x->ratios[row] / RATIO_STEPS};
}

static float row_cosine(const struct dense *x, const struct dense_query *query, uint32_t row)
{
    int32_t dot;
    x->dots(query->values, vector_of(x, row), 1, &dot);
    return cosine_of(dot, query->scale, x->scales[row]);
}

static void look_at(struct search *s, uint32_t row)
{
    struct dense_hit hit = hit_of(s->index, row, row_cosine(s->index, s->query, row));
    offer(s, &hit);
}

/* Offers the rows from `first` on whose dot products those are; most are told off by their cosine alone. */
static void collect(struct search *s, uint32_t first, const int32_t *dots, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        float cosine = cosine_of(dots[i], s->query->scale, s->index->scales[first + i]);
        if ((s->count == s->limit && cosine < s->hits[0].cosine) || !allowed(s, first + i))
            continue;
        struct dense_hit hit = hit_of(s->index, first + i, cosine);
        offer(s, &hit);
    }
}

static void look_at_all(struct search *s)
{
    const struct dense *x = s->index;
    int32_t dots[BLOCK];
    for (uint32_t first = 0; first < x->count; first += BLOCK) {
        uint32_t count = x->count - first < BLOCK ? x->count - first : BLOCK;
        x->dots(s->query->values, vector_of(x, first), count, dots);
        collect(s, first, dots, count);
    }
}

static void look_at_listed(struct search *s)
{
    const struct dense *x = s->index;
    for (size_t i = 0; i < s->query->document_count; i++) {
        uint64_t newest = NO_ROW;
        if (i > 0 && s->query->documents[i] == s->query->documents[i - 1])
            continue; /* named twice */
        if (!map_get(x->documents, document_key(&s->query->documents[i]), &newest))
            continue;
        for (uint32_t row = (uint32_t)newest; row != NO_ROW; row = x->previous[row])
            look_at(s, row);
    }
}

static void look_at_nearest(struct search *s, size_t keep)
{
    const struct dense *x = s->index;
    uint32_t rows[CODES_KEEP_MAX];
    size_t count = codes_nearest(x->codes, x->count, s->query->values, s->query->scale, allowed, s, keep, rows);
    for (size_t i = 0; i < count; i++) {
        if (i + 8 < count) {
            for (size_t line = 0; line < DENSE_DIMENSIONS; line += 64)
                __builtin_prefetch(vector_of(x, rows[i + 8]) + line);
        }
        look_at(s, rows[i]);
    }
}

size_t dense_search(const struct dense *x, const struct dense_query *query, struct dense_hit *hits, size_t limit)
{
    struct search s = {.index = x, .query = query, .hits = hits, .limit = limit};
    size_t least = x->count < LARGE ? KEPT_LEAST : 2 * KEPT_LEAST, keep = limit * KEPT_EACH > least ? limit * KEPT_EACH : least;
    if (!limit)
        return 0;
    if (query->documents && query->document_count < map_count(x->documents) / 8)
        look_at_listed(&s);
    else if (x->codes && limit <= CODES_KEEP_MAX / KEPT_EACH)
        look_at_nearest(&s, keep);
    else
        look_at_all(&s);
    sort_hits(hits, s.count);
    return s.count;
}

/* A document's rows mostly came together and in order: then the place of one follows from that of the last. */
static uint32_t row_of(const struct dense *x, int64_t document_id, int32_t ordinal)
{
    uint64_t newest;
    if (ordinal < 0 || !map_get(x->documents, document_key(&document_id), &newest))
        return NO_ROW;
    int64_t guess = (int64_t)newest - x->ordinals[newest] + ordinal;
    if (guess >= 0 && guess <= (int64_t)newest && x->ids[guess] == document_id && x->ordinals[guess] == ordinal)
        return (uint32_t)guess;
    uint32_t row = (uint32_t)newest;
    while (row != NO_ROW && x->ordinals[row] != ordinal)
        row = x->previous[row];
    return row;
}

bool dense_score(const struct dense *x, const struct dense_query *query, struct dense_hit *hit)
{
    uint32_t row = row_of(x, hit->document_id, hit->ordinal);
    if (row == NO_ROW)
        return false;
    *hit = hit_of(x, row, row_cosine(x, query, row));
    return true;
}

bool dense_add_to(const struct dense *x, int64_t document_id, int32_t ordinal, float weight, float sum[DENSE_DIMENSIONS])
{
    uint32_t row = row_of(x, document_id, ordinal);
    if (row == NO_ROW)
        return false;
    const int8_t *v = vector_of(x, row);
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
        sum[i] += weight * x->scales[row] * (float)v[i];
    return true;
}

size_t dense_chunks(const struct dense *x)
{
    return x->count - x->dead;
}

size_t dense_bytes(const struct dense *x)
{
    size_t row = DENSE_DIMENSIONS + sizeof *x->ids + sizeof *x->ordinals + sizeof *x->previous + sizeof *x->scales + sizeof *x->ratios;
    return sizeof *x + map_bytes(x->documents) + x->capacity * row + codes_bytes(x->codes);
}
