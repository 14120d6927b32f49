/* Codes after RaBitQ (Gao and Long, arXiv 2405.12497). A vector x around the centre c, rotated, is x - c = n · o with |o| = 1; the code is the signs of o, taken as the
 * vector s of components ±1/√D. For a query q, <x, q> = n · <o, q - c> + <x, c> + <c, q - c>, where the last part is the same for all rows, and <s, q - c> / <s, o>
 * is an unbiased estimate of <o, q - c>. So a row keeps n / <s, o> (spread) and <x, c> (offset). */
#include "index/codes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "index/rotation.h"
#include "index/scan.h"

enum { BATCH = 16, ROOM = 2 * CODES_KEEP_MAX }; /* blocks scanned under one threshold; candidates held at once */

struct codes {
    scan_kernel *scan;
    struct scan_block *blocks; /* [capacity] */
    uint32_t capacity;
    float centre[DENSE_DIMENSIONS]; /* rotated */
};

struct codes *codes_new(const float centre[DENSE_DIMENSIONS])
{
    struct codes *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->scan = scan_choose();
    memcpy(c->centre, centre, sizeof c->centre);
    rotate(c->centre);
    return c;
}

void codes_free(struct codes *c)
{
    if (!c)
        return;
    free(c->blocks);
    free(c);
}

bool codes_resize(struct codes *c, uint32_t rows)
{
    uint32_t capacity = rows / SCAN_LANES + 1;
    struct scan_block *blocks = realloc(c->blocks, capacity * sizeof *blocks);
    if (!blocks)
        return false;
    if (capacity > c->capacity)
        memset(blocks + c->capacity, 0, (capacity - c->capacity) * sizeof *blocks);
    c->blocks = blocks;
    c->capacity = capacity;
    return true;
}

size_t codes_bytes(const struct codes *c)
{
    return c ? sizeof *c + c->capacity * sizeof *c->blocks : 0;
}

/* ---- rows ---- */

static void rotated(const int8_t values[DENSE_DIMENSIONS], float scale, float v[DENSE_DIMENSIONS])
{
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
        v[i] = (float)values[i] * scale;
    rotate(v);
}

static uint16_t narrowed(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void codes_set(struct codes *c, uint32_t row, const int8_t values[DENSE_DIMENSIONS], float scale)
{
    struct scan_block *b = &c->blocks[row / SCAN_LANES];
    size_t lane = row % SCAN_LANES;
    uint64_t words[SCAN_WORDS] = {0};
    float v[DENSE_DIMENSIONS], squares = 0, sizes = 0, offset = 0;
    rotated(values, scale, v);
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++) {
        float d = v[i] - c->centre[i];
        offset += v[i] * c->centre[i];
        squares += d * d;
        sizes += fabsf(d);
        words[i / 64] |= (uint64_t)(d > 0) << i % 64;
    }
    for (size_t w = 0; w < SCAN_WORDS; w++)
        b->words[w][lane] = words[w];
    /* n / <s, o>, where <s, o> = sizes / (n · √D) */
    b->spread[lane] = narrowed(sizes > 0 ? squares / sizes * sqrtf(DENSE_DIMENSIONS) : 0);
    b->offset[lane] = narrowed(offset);
}

static void copy_lane(const struct scan_block *a, size_t from, struct scan_block *b, size_t to)
{
    for (size_t w = 0; w < SCAN_WORDS; w++)
        b->words[w][to] = a->words[w][from];
    b->spread[to] = a->spread[from];
    b->offset[to] = a->offset[from];
}

void codes_copy(struct codes *c, uint32_t from, uint32_t to)
{
    copy_lane(&c->blocks[from / SCAN_LANES], from % SCAN_LANES, &c->blocks[to / SCAN_LANES], to % SCAN_LANES);
}

/* ---- as bytes: the centre, then the blocks ---- */

static uint32_t blocks_of(uint32_t rows)
{
    return rows / SCAN_LANES + (rows % SCAN_LANES != 0);
}

bool codes_save(const struct codes *c, uint32_t rows, bool (*allow)(const void *context, uint32_t row), const void *context, const struct index_sink *sink)
{
    struct scan_block gathered = {0};
    size_t lane = 0;
    if (!sink_put(sink, c->centre, sizeof c->centre))
        return false;
    if (!allow)
        return sink_put(sink, c->blocks, blocks_of(rows) * sizeof *c->blocks);
    for (uint32_t row = 0; row < rows; row++) {
        if (!allow(context, row))
            continue;
        copy_lane(&c->blocks[row / SCAN_LANES], row % SCAN_LANES, &gathered, lane++);
        if (lane < SCAN_LANES)
            continue;
        if (!sink_put(sink, &gathered, sizeof gathered))
            return false;
        lane = 0;
    }
    return lane == 0 || sink_put(sink, &gathered, sizeof gathered);
}

struct codes *codes_load(uint32_t rows, struct index_source *source)
{
    struct codes *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->scan = scan_choose();
    c->capacity = rows / SCAN_LANES + 1;
    bool read = source_get(source, c->centre, sizeof c->centre) && (c->blocks = source_array(source, blocks_of(rows), c->capacity, sizeof *c->blocks));
    for (size_t i = 0; read && i < DENSE_DIMENSIONS; i++)
        read = isfinite(c->centre[i]);
    if (read)
        return c;
    codes_free(c);
    return NULL;
}

/* ---- searching ---- */

/* The query's components in equal steps around 0, of the size that loses least of what is spread normally (Max 1960), a plane for each bit of a step's number. */
static void plan(const struct codes *c, const int8_t query[DENSE_DIMENSIONS], float scale, struct scan_query *q)
{
    enum { LEVELS = 1 << SCAN_PLANES };
    static const float steps[] = {0, 1.596f, 0.9957f, 0.586f, 0.3352f}; /* by planes, in standard deviations */
    float v[DENSE_DIMENSIONS], squares = 0;
    rotated(query, scale, v);
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++) {
        v[i] -= c->centre[i];
        squares += v[i] * v[i];
    }
    float step = sqrtf(squares / DENSE_DIMENSIONS) * steps[SCAN_PLANES];
    memset(q->planes, 0, sizeof q->planes);
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++) {
        float at = step > 0 ? v[i] / step + LEVELS / 2 : 0;
        uint64_t level = at <= 0 ? 0 : at >= LEVELS - 1 ? LEVELS - 1 : (uint64_t)at;
        for (size_t p = 0; p < SCAN_PLANES; p++)
            q->planes[p][i / 64] |= (level >> p & 1) << i % 64;
    }
    q->by_sum = -step / sqrtf(DENSE_DIMENSIONS);
    q->constant = step * sqrtf(DENSE_DIMENSIONS) * (LEVELS - 1) / 2;
}

struct candidate {
    float estimate;
    uint32_t row;
};

struct candidates {
    struct candidate list[ROOM];
    size_t count, keep;
    float threshold; /* what a further one must pass */
};

/* Brings the best `keep` to the front, in no order (Hoare's selection, from the middle). */
static void select_best(struct candidate *list, size_t count, size_t keep)
{
    ptrdiff_t low = 0, high = (ptrdiff_t)count - 1, at = (ptrdiff_t)keep - 1;
    while (low < high) {
        float pivot = list[low + (high - low) / 2].estimate;
        ptrdiff_t i = low, j = high;
        while (i <= j) {
            while (list[i].estimate > pivot)
                i++;
            while (list[j].estimate < pivot)
                j--;
            if (i <= j) {
                struct candidate c = list[i];
                list[i++] = list[j];
                list[j--] = c;
            }
        }
        if (at > j && at < i)
            return;
        low = at >= i ? i : low;
        high = at <= j ? j : high;
    }
}

static void shrink(struct candidates *c)
{
    if (c->count <= c->keep)
        return;
    select_best(c->list, c->count, c->keep);
    c->count = c->keep;
    c->threshold = INFINITY;
    for (size_t i = 0; i < c->count; i++)
        c->threshold = c->list[i].estimate < c->threshold ? c->list[i].estimate : c->threshold;
}

static void push(struct candidates *c, float estimate, uint32_t row)
{
    if (c->count == ROOM || c->count >= 4 * c->keep)
        shrink(c);
    if (estimate > c->threshold)
        c->list[c->count++] = (struct candidate){estimate, row};
}

size_t codes_nearest(const struct codes *c, uint32_t rows, const int8_t query[DENSE_DIMENSIONS], float scale, bool (*allow)(const void *context, uint32_t row),
                     const void *context, size_t keep, uint32_t *nearest)
{
    struct candidates found;
    float estimates[BATCH * SCAN_LANES];
    uint16_t above[BATCH];
    struct scan_query q;
    found.count = 0;
    found.keep = keep;
    found.threshold = -INFINITY;
    plan(c, query, scale, &q);
    uint32_t blocks = blocks_of(rows);
    for (uint32_t first = 0; first < blocks; first += BATCH) {
        uint32_t count = blocks - first < BATCH ? blocks - first : BATCH;
        c->scan(&q, c->blocks + first, count, found.threshold, estimates, above);
        for (uint32_t b = 0; b < count; b++) {
            for (uint32_t bits = above[b]; bits; bits &= bits - 1) {
                uint32_t lane = (uint32_t)__builtin_ctz(bits), row = (first + b) * SCAN_LANES + lane;
                if (row < rows && estimates[b * SCAN_LANES + lane] > found.threshold && allow(context, row))
                    push(&found, estimates[b * SCAN_LANES + lane], row);
            }
        }
    }
    shrink(&found);
    for (size_t i = 0; i < found.count; i++)
        nearest[i] = found.list[i].row;
    return found.count;
}
