/* The kernels: plain C, which every other must equal (but for the last bit of a sum), AVX2, AVX-512 with its population count, and NEON. What the processor can
 * do is asked at run time. */
#include "index/scan.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

static float widened(uint16_t upper)
{
    uint32_t bits = (uint32_t)upper << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t ones(uint64_t word)
{
    return (uint32_t)__builtin_popcountll(word);
}

static float estimate_of(const struct scan_query *q, const struct scan_block *b, size_t lane)
{
    uint32_t sum = 0;
    for (size_t p = 0; p < SCAN_PLANES; p++) {
        for (size_t w = 0; w < SCAN_WORDS; w++)
            sum += ones(b->words[w][lane] ^ q->planes[p][w]) << p;
    }
    return widened(b->spread[lane]) * (q->by_sum * (float)sum + q->constant) + widened(b->offset[lane]);
}

void scan_scalar(const struct scan_query *q, const struct scan_block *blocks, size_t count, float threshold, float *estimates, uint16_t *above)
{
    for (size_t b = 0; b < count; b++) {
        uint32_t mask = 0;
        for (size_t lane = 0; lane < SCAN_LANES; lane++) {
            float estimate = estimate_of(q, &blocks[b], lane);
            estimates[b * SCAN_LANES + lane] = estimate;
            mask |= (uint32_t)(estimate > threshold) << lane;
        }
        above[b] = (uint16_t)mask;
    }
}

#if defined(__x86_64__)

/* ---- AVX2: bits are counted by looking up both halves of a byte ---- */

#define AVX2 __attribute__((target("avx2,fma"), always_inline)) static inline

AVX2 __m256i byte_ones(__m256i word)
{
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4),
                  low = _mm256_set1_epi8(15);
    __m256i lower = _mm256_shuffle_epi8(table, _mm256_and_si256(word, low));
    return _mm256_add_epi8(lower, _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(word, 4), low)));
}

/* The sum of four lanes, as 64-bit numbers. Counts of a byte stay below 6 · 8 until they are added up. */
AVX2 __m256i sum_of_four(const struct scan_query *q, const struct scan_block *b, size_t lane)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i plane[SCAN_PLANES] = {zero}, sum = zero;
    for (size_t w = 0; w < SCAN_WORDS; w++) {
        __m256i word = _mm256_loadu_si256((const __m256i_u *)&b->words[w][lane]);
        for (size_t p = 0; p < SCAN_PLANES; p++)
            plane[p] = _mm256_add_epi8(plane[p], byte_ones(_mm256_xor_si256(word, _mm256_set1_epi64x((long long)q->planes[p][w]))));
    }
    for (int p = SCAN_PLANES - 1; p >= 0; p--)
        sum = _mm256_add_epi64(_mm256_add_epi64(sum, sum), _mm256_sad_epu8(plane[p], zero));
    return sum;
}

/* Eight 64-bit numbers below 2^31 as floats, in order. */
AVX2 __m256 floats_of(__m256i a, __m256i b)
{
    __m256i mixed = _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88));
    return _mm256_cvtepi32_ps(_mm256_permute4x64_epi64(mixed, 0xD8));
}

AVX2 __m256 widened_eight(const uint16_t *upper)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i_u *)upper)), 16));
}

__attribute__((target("avx2,fma"))) static void scan_avx2(const struct scan_query *q, const struct scan_block *blocks, size_t count, float threshold,
                                                          float *estimates, uint16_t *above)
{
    const __m256 by_sum = _mm256_set1_ps(q->by_sum), constant = _mm256_set1_ps(q->constant), bound = _mm256_set1_ps(threshold);
    for (size_t b = 0; b < count; b++) {
        uint32_t mask = 0;
        for (size_t lane = 0; lane < SCAN_LANES; lane += 8) {
            __m256 sum = floats_of(sum_of_four(q, &blocks[b], lane), sum_of_four(q, &blocks[b], lane + 4)), dot = _mm256_fmadd_ps(by_sum, sum, constant);
            __m256 estimate = _mm256_fmadd_ps(widened_eight(blocks[b].spread + lane), dot, widened_eight(blocks[b].offset + lane));
            _mm256_storeu_ps(estimates + b * SCAN_LANES + lane, estimate);
            mask |= (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(estimate, bound, _CMP_GT_OQ)) << lane;
        }
        above[b] = (uint16_t)mask;
    }
}

/* ---- AVX-512: eight words counted by one instruction ---- */

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq"), always_inline)) static inline

AVX512 __m256i sum_of_eight(const struct scan_query *q, const struct scan_block *b, size_t lane)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i plane[SCAN_PLANES] = {zero}, sum = zero;
    for (size_t w = 0; w < SCAN_WORDS; w++) {
        __m512i word = _mm512_loadu_si512(&b->words[w][lane]);
        for (size_t p = 0; p < SCAN_PLANES; p++)
            plane[p] = _mm512_add_epi64(plane[p], _mm512_popcnt_epi64(_mm512_xor_si512(word, _mm512_set1_epi64((long long)q->planes[p][w]))));
    }
    for (int p = SCAN_PLANES - 1; p >= 0; p--)
        sum = _mm512_add_epi64(_mm512_add_epi64(sum, sum), plane[p]);
    return _mm512_cvtepi64_epi32(sum);
}

AVX512 __m512 widened_sixteen(const uint16_t *upper)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i_u *)upper)), 16));
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq"))) static void
scan_avx512(const struct scan_query *q, const struct scan_block *blocks, size_t count, float threshold, float *estimates, uint16_t *above)
{
    const __m512 by_sum = _mm512_set1_ps(q->by_sum), constant = _mm512_set1_ps(q->constant);
    for (size_t b = 0; b < count; b++) {
        __m512i sum = _mm512_inserti64x4(_mm512_castsi256_si512(sum_of_eight(q, &blocks[b], 0)), sum_of_eight(q, &blocks[b], 8), 1);
        __m512 dot = _mm512_fmadd_ps(by_sum, _mm512_cvtepi32_ps(sum), constant);
        __m512 estimate = _mm512_fmadd_ps(widened_sixteen(blocks[b].spread), dot, widened_sixteen(blocks[b].offset));
        _mm512_storeu_ps(estimates + b * SCAN_LANES, estimate);
        above[b] = _mm512_cmp_ps_mask(estimate, _mm512_set1_ps(threshold), _CMP_GT_OQ);
    }
}

#elif defined(__aarch64__)

/* The sums of two lanes. Counts of a byte stay below 6 · 8 until they are added up. */
static uint64x2_t sum_of_two(const struct scan_query *q, const struct scan_block *b, size_t lane)
{
    uint8x16_t plane[SCAN_PLANES];
    for (size_t p = 0; p < SCAN_PLANES; p++)
        plane[p] = vdupq_n_u8(0);
    for (size_t w = 0; w < SCAN_WORDS; w++) {
        uint64x2_t word = vld1q_u64(&b->words[w][lane]);
        for (size_t p = 0; p < SCAN_PLANES; p++)
            plane[p] = vaddq_u8(plane[p], vcntq_u8(vreinterpretq_u8_u64(veorq_u64(word, vdupq_n_u64(q->planes[p][w])))));
    }
    uint64x2_t sum = vdupq_n_u64(0);
    for (int p = SCAN_PLANES - 1; p >= 0; p--)
        sum = vaddq_u64(vaddq_u64(sum, sum), vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(plane[p]))));
    return sum;
}

static float32x4_t widened_four(const uint16_t *upper)
{
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(upper), 16));
}

static void scan_neon(const struct scan_query *q, const struct scan_block *blocks, size_t count, float threshold, float *estimates, uint16_t *above)
{
    const float32x4_t by_sum = vdupq_n_f32(q->by_sum), constant = vdupq_n_f32(q->constant), bound = vdupq_n_f32(threshold);
    const uint32x4_t bits = {1, 2, 4, 8};
    for (size_t b = 0; b < count; b++) {
        uint32_t mask = 0;
        for (size_t lane = 0; lane < SCAN_LANES; lane += 4) {
            uint32x4_t sum = vcombine_u32(vmovn_u64(sum_of_two(q, &blocks[b], lane)), vmovn_u64(sum_of_two(q, &blocks[b], lane + 2)));
            float32x4_t dot = vfmaq_f32(constant, by_sum, vcvtq_f32_u32(sum));
            float32x4_t estimate = vfmaq_f32(widened_four(blocks[b].offset + lane), widened_four(blocks[b].spread + lane), dot);
            vst1q_f32(estimates + b * SCAN_LANES + lane, estimate);
            mask |= vaddvq_u32(vandq_u32(vcgtq_f32(estimate, bound), bits)) << lane;
        }
        above[b] = (uint16_t)mask;
    }
}

#endif

/* The fastest first. */
static const struct {
    scan_kernel *kernel;
    enum cpu_set set;
} sets[] = {
#if defined(__x86_64__)
    {scan_avx512, CPU_AVX512_VNNI},
    {scan_avx2, CPU_AVX2},
#elif defined(__aarch64__)
    {scan_neon, CPU_NEON},
#endif
    {scan_scalar, CPU_SCALAR},
};

static bool can_run(scan_kernel *kernel)
{
#if defined(__x86_64__)
    return kernel != scan_avx512 || cpu_counts_bits();
#else
    return kernel != NULL;
#endif
}

scan_kernel *scan_find(enum cpu_set set)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (sets[i].set == set && cpu_runs(set) && can_run(sets[i].kernel))
            return sets[i].kernel;
    }
    return NULL;
}

scan_kernel *scan_choose(void)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (cpu_allows(sets[i].set) && can_run(sets[i].kernel))
            return sets[i].kernel;
    }
    return scan_scalar;
}
