/* The kernels for AVX-VNNI, the 256-bit form of vpdpbusd on processors without AVX-512: the products; the rest is that of AVX2.
 *
 * Activations are made unsigned as in kernels_vnni.c. The same source compiled for AVX-512 VL gives the same instruction in another encoding, which is how the tests run it where there is no AVX-VNNI. */
#include <immintrin.h>
#include <string.h>

#include "embed/kernels_avx2.h"

enum {
    LANES = 8,
    TILE = 6,            /* activation rows, at most, whose sums with a panel lie in registers together */
    GROUP = 24,          /* activation rows that each weight in the first cache meets before it leaves */
    STRIDE = INNER + 64, /* an odd number of cache lines, so that rows do not fall on one another in the cache */
};

/* sum += x · w, four products a lane, x unsigned */
INLINE __m256i add_products(__m256i sum, __m256i x, __m256i w)
{
#ifdef __AVXVNNI__
    return _mm256_dpbusd_avx_epi32(sum, x, w);
#else
    return _mm256_dpbusd_epi32(sum, x, w);
#endif
}

/* rows [count][STRIDE] = x [count][columns] + 128 */
static void make_unsigned(const int8_t *x, size_t count, size_t columns, uint8_t *rows)
{
    const __m256i offset = _mm256_set1_epi8(-128);
    for (size_t t = 0; t < count; t++)
        for (size_t k = 0; k < columns; k += 32) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(x + t * columns + k));
            _mm256_store_si256((__m256i *)(void *)(rows + t * STRIDE + k), _mm256_xor_si256(v, offset));
        }
}

INLINE __m256i load(const void *at)
{
    return _mm256_load_si256((const __m256i *)at);
}

/* DEPTH activations, in every lane. */
INLINE __m256i load_activations(const uint8_t *at)
{
    int32_t four;
    memcpy(&four, at, sizeof four);
    return _mm256_set1_epi32(four);
}

INLINE void store_sums(__m256i sums, float scale, const struct matrix *w, size_t row, float *out)
{
    __m256 factor = _mm256_mul_ps(_mm256_set1_ps(scale), _mm256_load_ps(w->scale + row));
    _mm256_storeu_ps(out + row, _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), factor, _mm256_load_ps(w->bias + row)));
}

/* `tokens` (a constant) activation rows with the panel of weights that begins at `row`. Sum i belongs to activation row i / 2 and to half i % 2 of the panel. */
INLINE void multiply_tile(const uint8_t *rows, const float *scale, size_t tokens, const struct matrix *w, size_t row, float *out)
{
    const int8_t *panel = w->packed + row * w->columns;
    __m256i sums[2 * TILE], halves[2];
    for (size_t i = 0; i < 2; i++)
        halves[i] = _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_slli_epi32(load(w->sum + row + i * LANES), 7));
    UNROLL
    for (size_t i = 0; i < 2 * tokens; i++)
        sums[i] = halves[i % 2];
    for (size_t k = 0; k < w->columns; k += DEPTH, panel += PANEL * DEPTH) {
        halves[0] = load(panel);
        halves[1] = load(panel + LANES * DEPTH);
        UNROLL
        for (size_t i = 0; i < 2 * tokens; i++)
            sums[i] = add_products(sums[i], load_activations(rows + i / 2 * STRIDE + k), halves[i % 2]);
    }
    UNROLL
    for (size_t i = 0; i < 2 * tokens; i++)
        store_sums(sums[i], scale[i / 2], w, row + i % 2 * LANES, out + i / 2 * w->rows);
}

/* The same for tokens that are no constant: each count has code of its own. */
static void multiply_rows(const uint8_t *rows, const float *scale, size_t tokens, const struct matrix *w, size_t row, float *out)
{
    switch (tokens) {
#define CASE(n)                                                                                                                                                \
    case n:                                                                                                                                                    \
        multiply_tile(rows, scale, n, w, row, out);                                                                                                            \
        break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
#undef CASE
    default:
        __builtin_unreachable();
    }
}

/* At most GROUP rows, in tiles of as equal sizes as can be. */
static void multiply_group(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    _Alignas(32) uint8_t rows[GROUP * STRIDE];
    const size_t tiles = (count + TILE - 1) / TILE;
    make_unsigned(x, count, w->columns, rows);
    for (size_t row = 0; row < w->rows; row += PANEL)
        for (size_t tile = 0, t = 0, tokens; tile < tiles; tile++, t += tokens) {
            tokens = (count - t) / (tiles - tile);
            multiply_rows(rows + t * STRIDE, scale + t, tokens, w, row, out + t * w->rows);
        }
}

static void multiply(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    for (size_t t = 0; t < count; t += GROUP)
        multiply_group(x + t * w->columns, scale + t, count - t < GROUP ? count - t : GROUP, w, out + t * w->rows);
}

static void multiply_gelu(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    multiply(x, scale, count, w, out);
    avx2_gelu(out, count * w->rows);
}

#ifdef __AVXVNNI__
const struct kernels kernels_avxvnni = {"avx-vnni", avx2_quantise, multiply, multiply_gelu, avx2_add_norm, avx2_attend};
#else
const struct kernels kernels_avxvnni_evex = {"avx-vnni", avx2_quantise, multiply, multiply_gelu, avx2_add_norm, avx2_attend};
#endif
