/* The kernels for AVX-512 with VNNI: the multiplication; the rest is that of AVX2.
 *
 * vpdpbusd adds four products of an unsigned and a signed byte to each of 16 int32, without saturation. Activations are made unsigned by adding 128, and what that adds to each
 * sum, 128 times the sum of the weight row, is taken off at the end. */
#include <immintrin.h>
#include <string.h>

#include "embed/kernels_avx2.h"

#define INLINE static inline __attribute__((always_inline))

enum {
    TILE = 8,   /* activation rows, at most, … */
    PANELS = 2, /* … and panels of weights whose 16 sums lie in registers together: the most that gcc dissolves without a pragma */
};

/* unsigned activations [columns / DEPTH][tokens][DEPTH] */
static void pack_activations(const int8_t *x, size_t tokens, size_t columns, uint8_t *packed)
{
    for (size_t t = 0; t < tokens; t++)
        for (size_t k = 0; k < columns; k += DEPTH) {
            uint32_t four;
            memcpy(&four, x + t * columns + k, sizeof four);
            four ^= 0x80808080u; /* + 128 */
            memcpy(packed + (k * tokens + t * DEPTH), &four, sizeof four);
        }
}

INLINE __m512i load_activations(const uint8_t *at)
{
    int32_t four;
    memcpy(&four, at, sizeof four);
    return _mm512_set1_epi32(four);
}

INLINE void store_sums(__m512i sums, float scale, const struct matrix *w, size_t row, float *out)
{
    __m512i surplus = _mm512_slli_epi32(_mm512_load_si512(w->sum + row), 7);
    __m512 factor = _mm512_mul_ps(_mm512_set1_ps(scale), _mm512_load_ps(w->scale + row));
    _mm512_storeu_ps(out + row, _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(sums, surplus)), factor, _mm512_load_ps(w->bias + row)));
}

/* `tokens` (a constant, at most TILE) packed activation rows with PANELS panels of weights. Sum i belongs to row i / PANELS and panel i % PANELS: loops over a single constant
 * bound are those that every compiler dissolves into registers. */
INLINE void multiply_tile(const uint8_t *packed, const float *scale, size_t tokens, const struct matrix *w, size_t row, float *out)
{
    const size_t stride = PANEL * w->columns; /* from panel to panel */
    const int8_t *panel = w->packed + row * w->columns;
    __m512i sums[TILE * PANELS], weights[PANELS];
    for (size_t i = 0; i < tokens * PANELS; i++)
        sums[i] = _mm512_setzero_si512();
    for (size_t k = 0; k < w->columns; k += DEPTH, panel += PANEL * DEPTH, packed += tokens * DEPTH) {
        for (size_t p = 0; p < PANELS; p++)
            weights[p] = _mm512_load_si512(panel + p * stride);
        for (size_t i = 0; i < tokens * PANELS; i++)
            sums[i] = _mm512_dpbusd_epi32(sums[i], load_activations(packed + i / PANELS * DEPTH), weights[i % PANELS]);
    }
    for (size_t i = 0; i < tokens * PANELS; i++)
        store_sums(sums[i], scale[i / PANELS], w, row + i % PANELS * PANEL, out + i / PANELS * w->rows);
}

/* `tokens` is a constant in each call of this, so that each count has code of its own. */
INLINE void multiply_rows(const int8_t *x, const float *scale, size_t tokens, const struct matrix *w, float *out)
{
    uint8_t packed[TILE * INNER];
    pack_activations(x, tokens, w->columns, packed);
    for (size_t row = 0; row < w->rows; row += PANELS * PANEL)
        multiply_tile(packed, scale, tokens, w, row, out);
}

static void multiply(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    for (size_t taken; count > 0; count -= taken, x += taken * w->columns, scale += taken, out += taken * w->rows) {
        taken = count >= 8 ? 8 : count >= 4 ? 4 : count >= 2 ? 2 : 1;
        if (taken == 8)
            multiply_rows(x, scale, 8, w, out);
        else if (taken == 4)
            multiply_rows(x, scale, 4, w, out);
        else if (taken == 2)
            multiply_rows(x, scale, 2, w, out);
        else
            multiply_rows(x, scale, 1, w, out);
    }
}

const struct kernels kernels_vnni = {"vnni", avx2_quantise, multiply, avx2_add_norm, avx2_gelu, avx2_attend};
