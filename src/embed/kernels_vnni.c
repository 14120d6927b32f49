/* The kernels for AVX-512 with VNNI: products, GELU, LayerNorm, quantisation; attention is in kernels_vnni_attend.c.
 *
 * vpdpbusd adds four products of an unsigned and a signed byte to each of 16 int32, without saturation. Activations are made unsigned by adding 128; what that adds to each sum,
 * 128 times the sum of the weight row, is where the sum begins, negated. */
#include "embed/kernels_vnni.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

enum {
    LANES = 16,
    TILE = 8,   /* activation rows, at most, … */
    PANELS = 2, /* … and panels of weights whose 16 sums lie in registers together: more sums than the latency of vpdpbusd asks for */
    GROUP = 32, /* activation rows that each weight in the first cache meets before it leaves: [GROUP][WIDTH] and two panels of WIDTH columns fit 32 KiB */
    STRIDE = INNER + 64, /* an odd number of cache lines, so that rows do not fall on one another in the cache */
};

/* The largest of |x|; 0 for what counts as zeros. */
static float largest_magnitude(const float *x, size_t n)
{
    __m512 max[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
    for (size_t i = 0; i < n; i += 4 * LANES)
        UNROLL
    for (size_t j = 0; j < 4; j++)
        max[j] = _mm512_max_ps(max[j], _mm512_abs_ps(_mm512_loadu_ps(x + i + j * LANES)));
    float largest = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(max[0], max[1]), _mm512_max_ps(max[2], max[3])));
    return largest < QUANTISE_LEAST ? 0 : largest;
}

static void quantise(const float *x, size_t n, int8_t *out, float *scale)
{
    float max = largest_magnitude(x, n);
    *scale = max / 127;
    const __m512 inverse = _mm512_set1_ps(max > 0 ? 127 / max : 0);
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15); /* packing works within quarters: put their parts right */
    for (size_t i = 0; i < n; i += 4 * LANES) {
        __m512i q[4];
        UNROLL
        for (size_t j = 0; j < 4; j++)
            q[j] = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x + i + j * LANES), inverse));
        __m512i packed = _mm512_packs_epi16(_mm512_packs_epi32(q[0], q[1]), _mm512_packs_epi32(q[2], q[3]));
        _mm512_storeu_si512(out + i, _mm512_permutexvar_epi32(order, packed));
    }
}

/* erf(x/√2) is odd: x times a polynomial of degree 9 in x², fitted so that x Φ(x) is within 3e-5 on [-8, 8]; beyond |x| = 4.5 it is ±1. */
static const float erf_terms[] = {-2.80004952e-12f, 3.3945227e-10f,  -1.83871394e-08f, 5.91771354e-07f, -1.27303947e-05f,
                                  0.00019574171f,   -0.00224535168f, 0.0196663541f,    -0.13267409f,    0.797767577f};

/* x of no more than the magnitude of bound, its sign kept */
INLINE __m512 within(__m512 x, __m512 bound)
{
    return _mm512_range_ps(x, bound, 2);
}

INLINE __m512 gelu(__m512 x)
{
    __m512 z = within(x, _mm512_set1_ps(4.5f)), square = _mm512_mul_ps(z, z), p = _mm512_set1_ps(erf_terms[0]);
    UNROLL
    for (size_t i = 1; i < sizeof erf_terms / sizeof *erf_terms; i++)
        p = _mm512_fmadd_ps(p, square, _mm512_set1_ps(erf_terms[i]));
    __m512 erf = within(_mm512_mul_ps(p, z), _mm512_set1_ps(1)), half = _mm512_mul_ps(x, _mm512_set1_ps(0.5f));
    return _mm512_fmadd_ps(half, erf, half);
}

/* rows [count][STRIDE] = x [count][columns] + 128 */
static void make_unsigned(const int8_t *x, size_t count, size_t columns, uint8_t *rows)
{
    const __m512i offset = _mm512_set1_epi8(-128);
    for (size_t t = 0; t < count; t++)
        for (size_t k = 0; k < columns; k += 64)
            _mm512_store_si512(rows + t * STRIDE + k, _mm512_xor_si512(_mm512_loadu_si512(x + t * columns + k), offset));
}

/* DEPTH activations, in every lane. */
INLINE __m512i load_activations(const uint8_t *at)
{
    int32_t four;
    memcpy(&four, at, sizeof four);
    return _mm512_set1_epi32(four);
}

INLINE void store_sums(__m512i sums, float scale, const struct matrix *w, size_t row, bool with_gelu, float *out)
{
    __m512 factor = _mm512_mul_ps(_mm512_set1_ps(scale), _mm512_load_ps(w->scale + row));
    __m512 y = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), factor, _mm512_load_ps(w->bias + row));
    _mm512_storeu_ps(out + row, with_gelu ? gelu(y) : y);
}

/* `tokens` activation rows with PANELS panels of weights; tokens and with_gelu are constants in each call. Sum i belongs to row i / PANELS and panel i % PANELS.
 * Meanwhile the next panels are fetched from wherever they are (a question meets every weight for the first time), and the lines that the results go to. */
INLINE void multiply_tile(const uint8_t *rows, const float *scale, size_t tokens, const struct matrix *w, size_t row, bool with_gelu, float *out)
{
    const size_t stride = PANEL * w->columns; /* from panel to panel */
    const int8_t *panel = w->packed + row * w->columns;
    __m512i sums[TILE * PANELS], weights[PANELS];
    for (size_t p = 0; p < PANELS; p++)
        weights[p] = _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_slli_epi32(_mm512_load_si512(w->sum + row + p * PANEL), 7));
    UNROLL
    for (size_t i = 0; i < tokens * PANELS; i++)
        sums[i] = weights[i % PANELS];
    UNROLL
    for (size_t i = 0; i < tokens * PANELS; i++)
        __builtin_prefetch(out + i / PANELS * w->rows + row + i % PANELS * PANEL, 1);
    for (size_t k = 0; k < w->columns; k += DEPTH, panel += PANEL * DEPTH) {
        for (size_t p = 0; p < PANELS; p++) {
            weights[p] = _mm512_load_si512(panel + p * stride);
            _mm_prefetch((const char *)panel + (PANELS + p) * stride, _MM_HINT_T1);
        }
        UNROLL
        for (size_t i = 0; i < tokens * PANELS; i++)
            sums[i] = _mm512_dpbusd_epi32(sums[i], load_activations(rows + i / PANELS * STRIDE + k), weights[i % PANELS]);
    }
    UNROLL
    for (size_t i = 0; i < tokens * PANELS; i++)
        store_sums(sums[i], scale[i / PANELS], w, row + i % PANELS * PANEL, with_gelu, out + i / PANELS * w->rows);
}

/* The same for tokens that are no constant: each count has code of its own. */
INLINE void multiply_rows(const uint8_t *rows, const float *scale, size_t tokens, const struct matrix *w, size_t row, bool with_gelu, float *out)
{
    switch (tokens) {
#define CASE(n)                                                                                                                                                \
    case n:                                                                                                                                                    \
        multiply_tile(rows, scale, n, w, row, with_gelu, out);                                                                                                 \
        break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
        CASE(7)
        CASE(8)
#undef CASE
    default:
        __builtin_unreachable();
    }
}

/* At most GROUP rows, in tiles of as equal sizes as can be. */
INLINE void multiply_group(const int8_t *x, const float *scale, size_t count, const struct matrix *w, bool with_gelu, float *out)
{
    _Alignas(64) uint8_t rows[GROUP * STRIDE];
    const size_t tiles = (count + TILE - 1) / TILE;
    make_unsigned(x, count, w->columns, rows);
    for (size_t row = 0; row < w->rows; row += PANELS * PANEL)
        for (size_t tile = 0, t = 0, tokens; tile < tiles; tile++, t += tokens) {
            tokens = (count - t) / (tiles - tile);
            multiply_rows(rows + t * STRIDE, scale + t, tokens, w, row, with_gelu, out + t * w->rows);
        }
}

static void multiply(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    for (size_t t = 0; t < count; t += GROUP)
        multiply_group(x + t * w->columns, scale + t, count - t < GROUP ? count - t : GROUP, w, false, out + t * w->rows);
}

static void multiply_gelu(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    for (size_t t = 0; t < count; t += GROUP)
        multiply_group(x + t * w->columns, scale + t, count - t < GROUP ? count - t : GROUP, w, true, out + t * w->rows);
}

enum { ROW = WIDTH / LANES }; /* registers that hold a token */

INLINE float sum_of_row(const __m512 *row)
{
    __m512 sums[4] = {row[0], row[1], row[2], row[3]};
    UNROLL
    for (size_t i = 4; i < ROW; i++)
        sums[i % 4] = _mm512_add_ps(sums[i % 4], row[i]);
    return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

INLINE float sum_of_squares(const __m512 *row)
{
    __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
    UNROLL
    for (size_t i = 0; i < ROW; i++)
        sums[i % 4] = _mm512_fmadd_ps(row[i], row[i], sums[i % 4]);
    return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

static void add_norm(float *x, const float *addend, const struct norm *norm)
{
    __m512 row[ROW];
    UNROLL
    for (size_t i = 0; i < ROW; i++)
        row[i] = _mm512_add_ps(_mm512_loadu_ps(x + i * LANES), _mm512_loadu_ps(addend + i * LANES));
    const __m512 mean = _mm512_set1_ps(sum_of_row(row) / WIDTH);
    UNROLL
    for (size_t i = 0; i < ROW; i++)
        row[i] = _mm512_sub_ps(row[i], mean);
    const __m512 inverse = _mm512_set1_ps(1 / sqrtf(sum_of_squares(row) / WIDTH + norm->eps));
    UNROLL
    for (size_t i = 0; i < ROW; i++) {
        __m512 gain = _mm512_load_ps(norm->gain + i * LANES), bias = _mm512_load_ps(norm->bias + i * LANES);
        _mm512_storeu_ps(x + i * LANES, _mm512_fmadd_ps(_mm512_mul_ps(row[i], inverse), gain, bias));
    }
}

const struct kernels kernels_vnni = {"avx512-vnni", quantise, multiply, multiply_gelu, add_norm, vnni_attend};
