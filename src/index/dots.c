/* The kernels: plain C, which every other must equal, AVX2, AVX-512 with VNNI, and NEON's dot products. Built for any processor of the architecture; what one
 * can do is asked at run time. */
#include "index/dots.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

void dots_scalar(const int8_t *query, const int8_t *vectors, size_t count, int32_t *out)
{
    for (size_t n = 0; n < count; n++) {
        const int8_t *v = vectors + n * DENSE_DIMENSIONS;
        int32_t sum = 0;
        for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
            sum += query[i] * v[i];
        out[n] = sum;
    }
}

#if defined(__x86_64__)

enum { LANES = 16, STEPS = DENSE_DIMENSIONS / LANES };

__attribute__((target("avx2"))) static int32_t sum_of(__m256i eight)
{
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}

/* 16 numbers widened to 16 bits, multiplied, neighbours added to 32 bits: nothing can overflow. */
__attribute__((target("avx2"))) static void dots_avx2(const int8_t *query, const int8_t *vectors, size_t count, int32_t *out)
{
    __m256i wide[STEPS];
    for (size_t k = 0; k < STEPS; k++)
        wide[k] = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i_u *)(query + k * LANES)));
    for (size_t n = 0; n < count; n++) {
        const int8_t *v = vectors + n * DENSE_DIMENSIONS;
        __m256i even = _mm256_setzero_si256(), odd = even;
        for (size_t k = 0; k < STEPS; k += 2) {
            __m256i a = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i_u *)(v + k * LANES)));
            __m256i b = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i_u *)(v + (k + 1) * LANES)));
            even = _mm256_add_epi32(even, _mm256_madd_epi16(wide[k], a));
            odd = _mm256_add_epi32(odd, _mm256_madd_epi16(wide[k + 1], b));
        }
        out[n] = sum_of(_mm256_add_epi32(even, odd));
    }
}

/* The instruction multiplies unsigned with signed numbers, so 128 is added to the query, and 128 times the sum of the vector taken off again. */
#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

enum { WIDE = 64, WIDE_STEPS = DENSE_DIMENSIONS / WIDE };

VNNI static void dots_avx512_vnni(const int8_t *query, const int8_t *vectors, size_t count, int32_t *out)
{
    const __m512i shift = _mm512_set1_epi8(-128); /* as unsigned: 128 */
    __m512i shifted[WIDE_STEPS];
    for (size_t k = 0; k < WIDE_STEPS; k++)
        shifted[k] = _mm512_xor_si512(_mm512_loadu_si512(query + k * WIDE), shift);
    for (size_t n = 0; n < count; n++) {
        const int8_t *v = vectors + n * DENSE_DIMENSIONS;
        __m512i sum = _mm512_setzero_si512(), excess = sum;
        for (size_t k = 0; k < WIDE_STEPS; k++) {
            __m512i part = _mm512_loadu_si512(v + k * WIDE);
            sum = _mm512_dpbusd_epi32(sum, shifted[k], part);
            excess = _mm512_dpbusd_epi32(excess, shift, part);
        }
        out[n] = _mm512_reduce_add_epi32(_mm512_sub_epi32(sum, excess));
    }
}

#elif defined(__aarch64__)

enum { LANES = 16, STEPS = DENSE_DIMENSIONS / LANES };

__attribute__((target("arch=armv8.2-a+dotprod"))) static void dots_neon(const int8_t *query, const int8_t *vectors, size_t count, int32_t *out)
{
    for (size_t n = 0; n < count; n++) {
        const int8_t *v = vectors + n * DENSE_DIMENSIONS;
        int32x4_t even = vdupq_n_s32(0), odd = even;
        for (size_t k = 0; k < STEPS; k += 2) {
            even = vdotq_s32(even, vld1q_s8(query + k * LANES), vld1q_s8(v + k * LANES));
            odd = vdotq_s32(odd, vld1q_s8(query + (k + 1) * LANES), vld1q_s8(v + (k + 1) * LANES));
        }
        out[n] = vaddvq_s32(vaddq_s32(even, odd));
    }
}

#endif

/* The fastest first. */
static const struct {
    dots_kernel *kernel;
    enum cpu_set set;
} sets[] = {
#if defined(__x86_64__)
    {dots_avx512_vnni, CPU_AVX512_VNNI},
    {dots_avx2, CPU_AVX2},
#elif defined(__aarch64__)
    {dots_neon, CPU_NEON},
#endif
    {dots_scalar, CPU_SCALAR},
};

dots_kernel *dots_find(enum cpu_set set)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (sets[i].set == set && cpu_runs(set))
            return sets[i].kernel;
    }
    return NULL;
}

dots_kernel *dots_choose(void)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (cpu_allows(sets[i].set))
            return sets[i].kernel;
    }
    return dots_scalar;
}
