/* Numbers at random, and the extreme ones, through two kernels. */
#include "kernel_checks.h"

#include <math.h>
#include <string.h>

enum { VECTORS = 67, BLOCKS = 9 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

bool dots_equal_the_reference(dots_kernel *kernel)
{
    static int8_t query[DENSE_DIMENSIONS + 1], vectors[VECTORS * DENSE_DIMENSIONS + 1];
    uint32_t seed = 77;
    for (int round = 0; round < 50; round++) {
        size_t shift = (size_t)round % 2; /* no alignment is asked for */
        for (size_t i = 0; i < sizeof query; i++)
            query[i] = (int8_t)(round == 0 ? -128 : (int)(next_random(&seed) % 256) - 128);
        for (size_t i = 0; i < sizeof vectors; i++)
            vectors[i] = (int8_t)(round == 0 ? -128 : round == 1 ? 127 : (int)(next_random(&seed) % 256) - 128);
        int32_t expected[VECTORS], got[VECTORS];
        dots_scalar(query + shift, vectors + shift, VECTORS, expected);
        kernel(query + shift, vectors + shift, VECTORS, got);
        if (memcmp(expected, got, sizeof got) != 0 || (round == 0 && got[0] != 128 * 128 * DENSE_DIMENSIONS))
            return false;
    }
    return true;
}

static void random_block(uint32_t *seed, struct scan_block *b)
{
    uint8_t *bytes = (uint8_t *)b->words;
    for (size_t i = 0; i < sizeof b->words; i++)
        bytes[i] = (uint8_t)next_random(seed);
    for (size_t i = 0; i < SCAN_LANES; i++) {
        b->spread[i] = (uint16_t)(0x3F00 + next_random(seed) % 256); /* 0.5 to 2 */
        b->offset[i] = (uint16_t)(0xBE00 + next_random(seed) % 256);
    }
}

static bool same(const float *expected, const float *got, const uint16_t *above, float threshold)
{
    for (size_t i = 0; i < BLOCKS * SCAN_LANES; i++) {
        bool told = above[i / SCAN_LANES] >> i % SCAN_LANES & 1;
        if (!(fabsf(expected[i] - got[i]) < 1e-4f) || told != (got[i] > threshold))
            return false;
    }
    return true;
}

bool scan_equals_the_reference(scan_kernel *kernel)
{
    uint32_t seed = 12;
    for (int round = 0; round < 20; round++) {
        struct scan_block blocks[BLOCKS];
        struct scan_query q = {.by_sum = -0.01f, .constant = 0.5f};
        float expected[BLOCKS * SCAN_LANES], got[BLOCKS * SCAN_LANES], threshold = -1 + 0.1f * (float)round;
        uint16_t expected_above[BLOCKS], got_above[BLOCKS];
        for (size_t i = 0; i < BLOCKS; i++)
            random_block(&seed, &blocks[i]);
        for (size_t i = 0; i < sizeof q.planes; i++)
            ((uint8_t *)q.planes)[i] = (uint8_t)(round ? next_random(&seed) : 0xFF);
        scan_scalar(&q, blocks, BLOCKS, threshold, expected, expected_above);
        kernel(&q, blocks, BLOCKS, threshold, got, got_above);
        if (!same(expected, got, got_above, threshold))
            return false;
    }
    return true;
}
