/* The kernels for AVX2 and FMA. Loops are unrolled by constant bounds, which the compiler turns into registers. */
#include "embed/kernels_avx2.h"

#include <immintrin.h>
#include <string.h>

enum { LANES = 8 };

INLINE float sum_of(__m256 x)
{
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

INLINE float max_of(__m256 x)
{
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

static float largest_magnitude(const float *x, size_t n)
{
    const __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 max = _mm256_setzero_ps();
    for (size_t i = 0; i < n; i += LANES)
        max = _mm256_max_ps(max, _mm256_andnot_ps(sign, _mm256_loadu_ps(x + i)));
    return max_of(max) < QUANTISE_LEAST ? 0 : max_of(max);
}

void avx2_quantise(const float *x, size_t n, int8_t *out, float *scale)
{
    float max = largest_magnitude(x, n);
    *scale = max / 127;
    const __m256 inverse = _mm256_set1_ps(max > 0 ? 127 / max : 0);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7); /* packing works within halves: put the quarters right */
    for (size_t i = 0; i < n; i += 32) {
        __m256i q[4];
        for (size_t j = 0; j < 4; j++)
            q[j] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i + j * LANES), inverse));
        __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(q[0], q[1]), _mm256_packs_epi32(q[2], q[3]));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_permutevar8x32_epi32(packed, order));
    }
}

INLINE __m256i load_weights(const int8_t *at)
{
    return _mm256_load_si256((const __m256i *)(const void *)at);
}

/* DEPTH activations, in every lane. */
INLINE __m256i load_activations(const int8_t *at)
{
    int32_t four;
    memcpy(&four, at, sizeof four);
    return _mm256_set1_epi32(four);
}

/* sum += x · w, four products a lane. maddubs wants one side unsigned and saturates its sum of two products at 2^15 - 1: |x| · (w with the sign of x) is the same product, and
 * with both sides in [-127, 127] two of them make 32258 at most. */
INLINE __m256i add_products(__m256i sum, __m256i x, __m256i w)
{
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(x), _mm256_sign_epi8(w, x));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

INLINE void store_sums(__m256i sums, float scale, const struct matrix *w, size_t row, float *out)
{
    __m256 factor = _mm256_mul_ps(_mm256_set1_ps(scale), _mm256_load_ps(w->scale + row));
    _mm256_storeu_ps(out + row, _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), factor, _mm256_load_ps(w->bias + row)));
}

/* A tile: `tokens` activation rows (a constant, at most 4) with the panel of PANEL weight rows that begins at `row`. Sum i belongs to activation row i / 2 and to half i % 2 of the
 * panel: loops over a single constant bound are those that every compiler dissolves into registers. */
INLINE void multiply_tile(const int8_t *x, const float *scale, size_t tokens, const struct matrix *w, size_t row, float *out)
{
    const int8_t *panel = w->packed + row * w->columns;
    __m256i sums[8], halves[2];
    for (size_t i = 0; i < 2 * tokens; i++)
        sums[i] = _mm256_setzero_si256();
    for (size_t k = 0; k < w->columns; k += DEPTH, panel += PANEL * DEPTH) {
        halves[0] = load_weights(panel);
        halves[1] = load_weights(panel + 32);
        for (size_t i = 0; i < 2 * tokens; i++)
            sums[i] = add_products(sums[i], load_activations(x + i / 2 * w->columns + k), halves[i % 2]);
    }
    for (size_t i = 0; i < 2 * tokens; i++)
        store_sums(sums[i], scale[i / 2], w, row + i % 2 * LANES, out + i / 2 * w->rows);
}

static void multiply(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    for (size_t row = 0; row < w->rows; row += PANEL) {
        size_t t = 0;
        for (; t + 4 <= count; t += 4)
            multiply_tile(x + t * w->columns, scale + t, 4, w, row, out + t * w->rows);
        for (; t < count; t++)
            multiply_tile(x + t * w->columns, scale + t, 1, w, row, out + t * w->rows);
    }
}

void avx2_add_norm(float *x, const float *addend, const struct norm *norm)
{
    __m256 total = _mm256_setzero_ps(), square = _mm256_setzero_ps();
    for (size_t i = 0; i < WIDTH; i += LANES) {
        __m256 v = _mm256_add_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(addend + i));
        total = _mm256_add_ps(total, v);
        _mm256_storeu_ps(x + i, v);
    }
    const __m256 mean = _mm256_set1_ps(sum_of(total) / WIDTH);
    for (size_t i = 0; i < WIDTH; i += LANES) {
        __m256 v = _mm256_sub_ps(_mm256_loadu_ps(x + i), mean);
        square = _mm256_fmadd_ps(v, v, square);
    }
    const __m256 spread = _mm256_sqrt_ps(_mm256_set1_ps(sum_of(square) / WIDTH + norm->eps));
    const __m256 inverse = _mm256_div_ps(_mm256_set1_ps(1), spread);
    for (size_t i = 0; i < WIDTH; i += LANES) {
        __m256 v = _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(x + i), mean), inverse);
        _mm256_storeu_ps(x + i, _mm256_fmadd_ps(v, _mm256_load_ps(norm->gain + i), _mm256_load_ps(norm->bias + i)));
    }
}

/* erf(x/√2) is odd: x times a polynomial of degree 9 in x², fitted so that x Φ(x) is within 3e-5 on [-8, 8]; beyond |x| = 4.5 it is ±1. */
static const float erf_terms[] = {-2.80004952e-12f, 3.3945227e-10f,  -1.83871394e-08f, 5.91771354e-07f, -1.27303947e-05f,
                                  0.00019574171f,   -0.00224535168f, 0.0196663541f,    -0.13267409f,    0.797767577f};

void avx2_gelu(float *x, size_t n)
{
    const __m256 bound = _mm256_set1_ps(4.5f), one = _mm256_set1_ps(1), half = _mm256_set1_ps(0.5f);
    for (size_t i = 0; i < n; i += LANES) {
        __m256 v = _mm256_loadu_ps(x + i);
        __m256 z = _mm256_max_ps(_mm256_min_ps(v, bound), _mm256_sub_ps(_mm256_setzero_ps(), bound)), square = _mm256_mul_ps(z, z);
        __m256 p = _mm256_set1_ps(erf_terms[0]);
        for (size_t term = 1; term < sizeof erf_terms / sizeof *erf_terms; term++)
            p = _mm256_fmadd_ps(p, square, _mm256_set1_ps(erf_terms[term]));
        __m256 erf = _mm256_max_ps(_mm256_min_ps(_mm256_mul_ps(p, z), one), _mm256_sub_ps(_mm256_setzero_ps(), one));
        __m256 halved = _mm256_mul_ps(v, half);
        _mm256_storeu_ps(x + i, _mm256_fmadd_ps(halved, erf, halved));
    }
}

/* e^x for x ≤ 0, to a relative 3e-7: 2^n · 2^f with f in [-1/2, 1/2] and 2^f = e^(f ln 2) by its Taylor series to the 6th power. Below -87 it is as at -87, which is next to nothing. */
INLINE __m256 exp_of(__m256 x)
{
    __m256 y = _mm256_mul_ps(_mm256_max_ps(x, _mm256_set1_ps(-87)), _mm256_set1_ps(1.44269504f));
    __m256 whole = _mm256_round_ps(y, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 t = _mm256_mul_ps(_mm256_sub_ps(y, whole), _mm256_set1_ps(0.693147181f));
    static const float terms[] = {1 / 120.0f, 1 / 24.0f, 1 / 6.0f, 1 / 2.0f, 1, 1};
    __m256 p = _mm256_set1_ps(1 / 720.0f);
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(terms[i]));
    __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(whole), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(p, _mm256_castsi256_ps(power));
}

/* x = e^(x - max x), n a multiple of LANES; returns 1 / the sum. */
INLINE float soften(float *x, size_t n)
{
    __m256 max = _mm256_load_ps(x), total = _mm256_setzero_ps();
    for (size_t i = LANES; i < n; i += LANES)
        max = _mm256_max_ps(max, _mm256_load_ps(x + i));
    max = _mm256_set1_ps(max_of(max));
    for (size_t i = 0; i < n; i += LANES) {
        __m256 e = exp_of(_mm256_sub_ps(_mm256_load_ps(x + i), max));
        total = _mm256_add_ps(total, e);
        _mm256_store_ps(x + i, e);
    }
    return 1 / sum_of(total);
}

enum { QUERIES = 3 }; /* that go through attention together: their sums fill 12 of the 16 registers */

/* keys [HEAD][width], a column a token; columns from `tokens` on are 0. */
static void turn_keys(const float *key, size_t tokens, size_t width, float *keys)
{
    for (size_t token = 0; token < tokens; token++)
        for (size_t i = 0; i < HEAD; i++)
            keys[i * width + token] = key[token * 3 * WIDTH + i];
    for (size_t token = tokens; token < width; token++)
        for (size_t i = 0; i < HEAD; i++)
            keys[i * width + token] = 0;
}

/* weight [queries][width] = query · keys; columns from `tokens` on are so low that they come to next to nothing. */
INLINE void score(const float *query, size_t queries, const float *keys, size_t tokens, size_t width, float *weight)
{
    for (size_t at = 0; at < width; at += LANES) {
        __m256 sums[QUERIES];
        for (size_t q = 0; q < queries; q++)
            sums[q] = _mm256_setzero_ps();
        for (size_t i = 0; i < HEAD; i++) {
            __m256 key = _mm256_load_ps(keys + i * width + at);
            for (size_t q = 0; q < queries; q++)
                sums[q] = _mm256_fmadd_ps(_mm256_set1_ps(query[q * 3 * WIDTH + i]), key, sums[q]);
        }
        for (size_t q = 0; q < queries; q++)
            _mm256_store_ps(weight + q * width + at, sums[q]);
    }
    for (size_t q = 0; q < queries; q++)
        for (size_t token = tokens; token < width; token++)
            weight[q * width + token] = -1e30f;
}

/* out [queries] rows of HEAD = weight · value · inverse; sum i belongs to query i / PARTS and to part i % PARTS of its row. */
INLINE void gather(const float *weight, const float *inverse, size_t queries, const float *value, size_t tokens, size_t width, float *out)
{
    enum { PARTS = HEAD / LANES };
    __m256 sums[QUERIES * PARTS];
    for (size_t i = 0; i < queries * PARTS; i++)
        sums[i] = _mm256_setzero_ps();
    for (size_t token = 0; token < tokens; token++, value += 3 * WIDTH)
        for (size_t i = 0; i < queries * PARTS; i++)
            sums[i] = _mm256_fmadd_ps(_mm256_set1_ps(weight[i / PARTS * width + token]), _mm256_loadu_ps(value + i % PARTS * LANES), sums[i]);
    for (size_t i = 0; i < queries * PARTS; i++)
        _mm256_storeu_ps(out + i / PARTS * WIDTH + i % PARTS * LANES, _mm256_mul_ps(sums[i], _mm256_set1_ps(inverse[i / PARTS])));
}

INLINE void attend_queries(const float *query, size_t queries, const float *keys, const float *value, size_t tokens, size_t width, float *weight, float *out)
{
    float inverse[QUERIES];
    score(query, queries, keys, tokens, width, weight);
    for (size_t q = 0; q < queries; q++)
        inverse[q] = soften(weight + q * width, width);
    gather(weight, inverse, queries, value, tokens, width, out);
}

void avx2_attend(const float *qkv, size_t tokens, size_t head, void *scratch, float *out)
{
    const float *query = qkv + head * HEAD, *key = query + WIDTH, *value = key + WIDTH;
    const size_t width = (tokens + LANES - 1) / LANES * LANES;
    float *keys = scratch, *weight = keys + HEAD * width; /* [HEAD][width], [QUERIES][width] */
    size_t t = 0;
    turn_keys(key, tokens, width, keys);
    out += head * HEAD;
    for (; t + QUERIES <= tokens; t += QUERIES)
        attend_queries(query + t * 3 * WIDTH, QUERIES, keys, value, tokens, width, weight, out + t * WIDTH);
    for (; t < tokens; t++)
        attend_queries(query + t * 3 * WIDTH, 1, keys, value, tokens, width, weight, out + t * WIDTH);
}

static void multiply_gelu(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    multiply(x, scale, count, w, out);
    avx2_gelu(out, count * w->rows);
}

const struct kernels kernels_avx2 = {"avx2", avx2_quantise, multiply, multiply_gelu, avx2_add_norm, avx2_attend};
