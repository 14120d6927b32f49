/* The codes of all rows in their order, around one centre, which is taken off queries too (c = g in estimate.h; what is the same for all rows is left out). */
#include "index/codes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "index/candidates.h"
#include "index/estimate.h"
#include "index/rotation.h"

enum { BATCH = 16 }; /* blocks scanned under one threshold */

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

/* A vector, rotated and around the centre; returns its dot product with that. */
static float centred(const struct codes *c, const int8_t values[DENSE_DIMENSIONS], float scale, float v[DENSE_DIMENSIONS])
{
    float dot = 0;
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
        v[i] = (float)values[i] * scale;
    rotate(v);
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++) {
        dot += v[i] * c->centre[i];
        v[i] -= c->centre[i];
    }
    return dot;
}

void codes_set(struct codes *c, uint32_t row, const int8_t values[DENSE_DIMENSIONS], float scale)
{
    float v[DENSE_DIMENSIONS], offset = centred(c, values, scale, v);
    estimate_row(&c->blocks[row / SCAN_LANES], row % SCAN_LANES, v, offset);
}

void codes_copy(struct codes *c, uint32_t from, uint32_t to)
{
    estimate_copy(&c->blocks[from / SCAN_LANES], from % SCAN_LANES, &c->blocks[to / SCAN_LANES], to % SCAN_LANES);
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
        estimate_copy(&c->blocks[row / SCAN_LANES], row % SCAN_LANES, &gathered, lane++);
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

size_t codes_nearest(const struct codes *c, uint32_t rows, const struct codes_query *query, size_t keep, uint32_t *nearest)
{
    struct candidates found;
    float estimates[BATCH * SCAN_LANES], v[DENSE_DIMENSIONS];
    uint16_t above[BATCH];
    struct scan_query q;
    candidates_init(&found, keep);
    (void)centred(c, query->values, query->scale, v);
    estimate_query(v, &q);
    uint32_t blocks = blocks_of(rows);
    for (uint32_t first = 0; first < blocks; first += BATCH) {
        uint32_t count = blocks - first < BATCH ? blocks - first : BATCH;
        c->scan(&q, c->blocks + first, count, found.threshold, estimates, above);
        for (uint32_t b = 0; b < count; b++) {
            for (uint32_t bits = above[b]; bits; bits &= bits - 1) {
                uint32_t lane = (uint32_t)__builtin_ctz(bits), row = (first + b) * SCAN_LANES + lane;
                if (row < rows && estimates[b * SCAN_LANES + lane] > found.threshold && query->allow(query->context, row))
                    candidates_push(&found, estimates[b * SCAN_LANES + lane], row);
            }
        }
    }
    return candidates_best(&found, nearest);
}
