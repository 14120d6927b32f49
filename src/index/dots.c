/* The kernels: plain C, which every other must equal, and AVX2. Built for any processor of the architecture; what one can do is asked at run time. */
#include "index/dots.h"

#if defined(__x86_64__)
#include <immintrin.h>
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

dots_kernel *dots_choose(void)
{
    return __builtin_cpu_supports("avx2") ? dots_avx2 : dots_scalar;
}

#else

dots_kernel *dots_choose(void)
{
    return dots_scalar;
}

#endif
