/* Attention for AVX-512 with VNNI, in int16.
 *
 * vpdpwssd adds two products of int16 to each of 16 int32, twice as many as a float FMA makes. What is quantised for it keeps so many bits that no sum can overflow, and far more than the int8 around
 * it: queries and keys 13 (HEAD products), values 10 and the weights of softmax 13 to 15 (one product a token). */
#include <immintrin.h>
#include <math.h>

#include "embed/kernels_vnni.h"

enum {
    LANES = 16,
    PAIRS = HEAD / 2, /* two int16 that meet two others lie in an int32 */
    QUERIES = 8,      /* that go through together, at most */
    QUERY_MOST = 8191,
    VALUE_MOST = 1023,
    WEIGHTS_MOST = INT32_MAX / VALUE_MOST, /* of all weights of a query together */
};
_Static_assert(HEAD *QUERY_MOST *(long long)QUERY_MOST <= INT32_MAX, "a score fits");

/* One head of one text. */
struct head {
    int32_t keys[POSITIONS / LANES][PAIRS][LANES]; /* by block of 16 tokens: pair of columns, token */
    int32_t values[POSITIONS / 2][2][LANES];       /* by pair of tokens: column */
    int32_t queries[POSITIONS][PAIRS];             /* the order of columns is that of keys, not the original */
    int32_t scores[QUERIES][POSITIONS];
    _Alignas(32) int16_t weights[QUERIES][POSITIONS];
};
_Static_assert(sizeof(struct head) <= ATTEND_SCRATCH, "the scratch is large enough");

/* The largest magnitude in columns 0 … HEAD of the rows. */
static float largest(const float *x, size_t tokens)
{
    __m512 max[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    for (size_t t = 0; t < tokens; t++, x += 3 * WIDTH)
        for (size_t i = 0; i < 2; i++)
            max[i] = _mm512_max_ps(max[i], _mm512_abs_ps(_mm512_loadu_ps(x + i * LANES)));
    return _mm512_reduce_max_ps(_mm512_max_ps(max[0], max[1]));
}

static float factor_to(float most, float max)
{
    return max < QUANTISE_LEAST ? 0 : most / max;
}

/* A row of HEAD columns · factor → int16, in the order that packing leaves. */
INLINE __m512i pack_row(const float *x, __m512 factor)
{
    return _mm512_packs_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x), factor)),
                              _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x + LANES), factor)));
}

static void pack_queries(struct head *h, const float *query, size_t tokens, float factor)
{
    for (size_t t = 0; t < tokens; t++)
        _mm512_storeu_si512(h->queries[t], pack_row(query + t * 3 * WIDTH, _mm512_set1_ps(factor)));
}

/* Turns 16 × 16 int32: four times, row i and row i + 8 are interleaved to rows 2 i and 2 i + 1. */
INLINE void transpose(__m512i rows[LANES])
{
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    __m512i next[LANES];
    UNROLL
    for (size_t round = 0; round < 4; round++) {
        UNROLL
        for (size_t i = 0; i < LANES / 2; i++) {
            next[2 * i] = _mm512_permutex2var_epi32(rows[i], low, rows[i + LANES / 2]);
            next[2 * i + 1] = _mm512_permutex2var_epi32(rows[i], high, rows[i + LANES / 2]);
        }
        UNROLL
        for (size_t i = 0; i < LANES; i++)
            rows[i] = next[i];
    }
}

/* Keys past the last token are 0. */
static void pack_keys(struct head *h, const float *key, size_t tokens, float factor)
{
    for (size_t at = 0; at < tokens; at += LANES) {
        __m512i rows[LANES];
        UNROLL
        for (size_t t = 0; t < LANES; t++)
            rows[t] = at + t < tokens ? pack_row(key + (at + t) * 3 * WIDTH, _mm512_set1_ps(factor)) : _mm512_setzero_si512();
        transpose(rows);
        UNROLL
        for (size_t i = 0; i < PAIRS; i++)
            _mm512_store_si512(h->keys[at / LANES][i], rows[i]);
    }
}

INLINE __m512i quantise_half(const float *x, __m512 factor)
{
    return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x), factor));
}

static void pack_values(struct head *h, const float *value, size_t tokens, float factor)
{
    const __m512 by = _mm512_set1_ps(factor);
    for (size_t t = 0; t < tokens; t += 2, value += (size_t)2 * 3 * WIDTH)
        for (size_t i = 0; i < 2; i++) {
            __m512i first = quantise_half(value + i * LANES, by);
            __m512i second = t + 1 < tokens ? quantise_half(value + 3 * WIDTH + i * LANES, by) : _mm512_setzero_si512();
            _mm512_store_si512(h->values[t / 2][i], _mm512_mask_blend_epi16(0xAAAAAAAA, first, _mm512_slli_epi32(second, 16)));
        }
}

/* h->scores of `queries` (a constant) queries from `first` on; max [queries] the largest of each. */
INLINE void score(struct head *h, size_t first, size_t queries, size_t tokens, int32_t *max)
{
    __m512i most[QUERIES], sums[QUERIES];
    UNROLL
    for (size_t q = 0; q < queries; q++)
        most[q] = _mm512_set1_epi32(INT32_MIN);
    for (size_t at = 0; at < tokens; at += LANES) {
        const __mmask16 here = (__mmask16)(tokens - at < LANES ? (1u << (tokens - at)) - 1 : 0xFFFF);
        UNROLL
        for (size_t q = 0; q < queries; q++)
            sums[q] = _mm512_setzero_si512();
        for (size_t i = 0; i < PAIRS; i++) {
            __m512i keys = _mm512_load_si512(h->keys[at / LANES][i]);
            UNROLL
            for (size_t q = 0; q < queries; q++)
                sums[q] = _mm512_dpwssd_epi32(sums[q], _mm512_set1_epi32(h->queries[first + q][i]), keys);
        }
        UNROLL
        for (size_t q = 0; q < queries; q++) {
            _mm512_store_si512(&h->scores[q][at], sums[q]);
            most[q] = _mm512_mask_max_epi32(most[q], here, most[q], sums[q]);
        }
    }
    UNROLL
    for (size_t q = 0; q < queries; q++)
        max[q] = _mm512_reduce_max_epi32(most[q]);
}

/* 2^x for x ≤ 15, to a relative 3e-6: a polynomial of degree 4 for the part behind the point, from 0 to 1. */
INLINE __m512 exp2_of(__m512 x)
{
    static const float terms[] = {0.0520114601f, 0.241442755f, 0.693003833f, 1.00000262f};
    __m512 f = _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC), p = _mm512_set1_ps(0.0135341668f);
    UNROLL
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(terms[i]));
    return _mm512_scalef_ps(p, x);
}

/* What turns int16 back, and the largest weight that leaves room for the sum. */
struct scales {
    float score, value; /* scores become powers of 2 */
    float weight;       /* its log2 */
};

/* h->weights[q] = 2^((score - max) · s.score + s.weight), 0 past the last token; returns their sum. */
INLINE float soften(struct head *h, size_t q, size_t tokens, struct scales s, int32_t max)
{
    const __m512 by = _mm512_set1_ps(s.score), less = _mm512_set1_ps(s.weight - (float)max * s.score);
    __m512i total = _mm512_setzero_si512();
    for (size_t at = 0; at < tokens; at += LANES) {
        const __mmask16 here = (__mmask16)(tokens - at < LANES ? (1u << (tokens - at)) - 1 : 0xFFFF);
        __m512 x = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_load_si512(&h->scores[q][at])), by, less);
        __m512i weights = _mm512_maskz_cvtps_epi32(here, exp2_of(x));
        total = _mm512_add_epi32(total, weights);
        _mm256_store_si256((__m256i *)(void *)&h->weights[q][at], _mm512_cvtsepi32_epi16(weights));
    }
    return (float)_mm512_reduce_add_epi32(total);
}

/* out [queries] rows = weights · values · factor; sum i belongs to query i / 2 and to half i % 2 of its row. */
INLINE void gather(const struct head *h, size_t queries, size_t tokens, const float *factor, float *out)
{
    __m512i sums[2 * QUERIES];
    UNROLL
    for (size_t i = 0; i < 2 * queries; i++)
        sums[i] = _mm512_setzero_si512();
    for (size_t t = 0; t < tokens; t += 2) {
        __m512i halves[2] = {_mm512_load_si512(h->values[t / 2][0]), _mm512_load_si512(h->values[t / 2][1])};
        UNROLL
        for (size_t i = 0; i < 2 * queries; i++) {
            int32_t pair;
            __builtin_memcpy(&pair, &h->weights[i / 2][t], sizeof pair);
            sums[i] = _mm512_dpwssd_epi32(sums[i], _mm512_set1_epi32(pair), halves[i % 2]);
        }
    }
    UNROLL
    for (size_t i = 0; i < 2 * queries; i++)
        _mm512_storeu_ps(out + i / 2 * WIDTH + i % 2 * LANES, _mm512_mul_ps(_mm512_cvtepi32_ps(sums[i]), _mm512_set1_ps(factor[i / 2])));
}

INLINE void attend_queries(struct head *h, size_t first, size_t queries, size_t tokens, struct scales s, float *out)
{
    int32_t max[QUERIES];
    float factor[QUERIES];
    score(h, first, queries, tokens, max);
    for (size_t q = 0; q < queries; q++)
        factor[q] = s.value / soften(h, q, tokens, s, max[q]);
    gather(h, queries, tokens, factor, out + first * WIDTH);
}

/* The same for queries that are no constant. */
static void attend_some(struct head *h, size_t first, size_t queries, size_t tokens, struct scales s, float *out)
{
    switch (queries) {
#define CASE(n)                                                                                                                                                \
    case n:                                                                                                                                                    \
        attend_queries(h, first, n, tokens, s, out);                                                                                                           \
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

void vnni_attend(const float *qkv, size_t tokens, size_t head, void *scratch, float *out)
{
    struct head *h = scratch;
    const float *query = qkv + head * HEAD, *key = query + WIDTH, *value = key + WIDTH;
    const float log2_e = 1.44269504f, query_max = largest(query, tokens), key_max = largest(key, tokens), value_max = largest(value, tokens);
    const struct scales s = {query_max / QUERY_MOST * (key_max / QUERY_MOST) * log2_e, value_max / VALUE_MOST,
                             log2f(fminf(INT16_MAX, (float)WEIGHTS_MOST / (float)tokens - 1))};
    const size_t parts = (tokens + QUERIES - 1) / QUERIES;
    pack_queries(h, query, tokens, factor_to(QUERY_MOST, query_max));
    pack_keys(h, key, tokens, factor_to(QUERY_MOST, key_max));
    pack_values(h, value, tokens, factor_to(VALUE_MOST, value_max));
    for (size_t part = 0, t = 0, queries; part < parts; part++, t += queries) {
        queries = (tokens - t) / (parts - part);
        attend_some(h, t, queries, tokens, s, out + head * HEAD);
    }
}
