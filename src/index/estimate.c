/* Signs and numbers of a row, and the bit planes of a query. */
#include "index/estimate.h"

#include <math.h>
#include <string.h>

static uint16_t narrowed(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void estimate_row(struct scan_block *b, size_t lane, const float rotated[DENSE_DIMENSIONS], float offset)
{
    uint64_t words[SCAN_WORDS] = {0};
    float squares = 0, sizes = 0;
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++) {
        squares += rotated[i] * rotated[i];
        sizes += fabsf(rotated[i]);
        words[i / 64] |= (uint64_t)(rotated[i] > 0) << i % 64;
    }
    for (size_t w = 0; w < SCAN_WORDS; w++)
        b->words[w][lane] = words[w];
    /* n / <s, o>, where <s, o> = sizes / (n · √D) */
    b->spread[lane] = narrowed(sizes > 0 ? squares / sizes * sqrtf(DENSE_DIMENSIONS) : 0);
    b->offset[lane] = narrowed(offset);
}

void estimate_copy(const struct scan_block *a, size_t from, struct scan_block *b, size_t to)
{
    for (size_t w = 0; w < SCAN_WORDS; w++)
        b->words[w][to] = a->words[w][from];
    b->spread[to] = a->spread[from];
    b->offset[to] = a->offset[from];
}

/* The query's components in equal steps around 0, of the size that loses least of what is spread normally (Max 1960), a plane for each bit of a step's number.
 */
void estimate_query(const float rotated[DENSE_DIMENSIONS], struct scan_query *q)
{
    enum { LEVELS = 1 << SCAN_PLANES };
    static const float steps[] = {0, 1.596f, 0.9957f, 0.586f, 0.3352f}; /* by planes, in standard deviations */
    float squares = 0;
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
        squares += rotated[i] * rotated[i];
    float step = sqrtf(squares / DENSE_DIMENSIONS) * steps[SCAN_PLANES];
    memset(q->planes, 0, sizeof q->planes);
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++) {
        float at = step > 0 ? rotated[i] / step + LEVELS / 2 : 0;
        uint64_t level = at <= 0 ? 0 : at >= LEVELS - 1 ? LEVELS - 1 : (uint64_t)at;
        for (size_t p = 0; p < SCAN_PLANES; p++)
            q->planes[p][i / 64] |= (level >> p & 1) << i % 64;
    }
    q->by_sum = -step / sqrtf(DENSE_DIMENSIONS);
    q->constant = step * sqrtf(DENSE_DIMENSIONS) * (LEVELS - 1) / 2;
}
