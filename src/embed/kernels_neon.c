/* The kernels for ARM's dot-product instructions: the products; the rest is plain C, which the compiler vectorises in part.
 *
 * sdot adds four products of signed bytes to each of 4 int32; its second factor may be a quarter of a register, so that one load of activations serves 16 columns. */
#include <arm_neon.h>

#include "embed/kernels_scalar.h"

enum {
    LANES = 4,
    TILE = 4,              /* activation rows, at most, whose sums with a panel lie in registers together: 16 of 32 */
    PARTS = PANEL / LANES, /* registers of sums for each */
    STEP = LANES * DEPTH,  /* columns that are gone through with one load of activations */
};

/* sums += the products of columns DEPTH * quarter … of the step, with the weights of one PARTth of the panel */
#define ADD_QUARTER(quarter)                                                                                                                                   \
    UNROLL                                                                                                                                                     \
    for (size_t i = 0; i < PARTS; i++)                                                                                                                         \
        weights[i] = vld1q_s8(panel + ((quarter)*PARTS + i) * STEP);                                                                                           \
    UNROLL                                                                                                                                                     \
    for (size_t i = 0; i < tokens * PARTS; i++)                                                                                                                \
        sums[i] = vdotq_laneq_s32(sums[i], weights[i % PARTS], activations[i / PARTS], quarter);

/* `tokens` (a constant) activation rows with the panel of weights that begins at `row`. Sum i belongs to activation row i / PARTS and to part i % PARTS of the panel. */
INLINE void multiply_tile(const int8_t *x, const float *scale, size_t tokens, const struct matrix *w, size_t row, float *out)
{
    const int8_t *panel = w->packed + row * w->columns;
    int32x4_t sums[TILE * PARTS];
    int8x16_t activations[TILE], weights[PARTS];
    UNROLL
    for (size_t i = 0; i < tokens * PARTS; i++)
        sums[i] = vdupq_n_s32(0);
    for (size_t k = 0; k < w->columns; k += STEP, panel += STEP * PANEL) {
        UNROLL
        for (size_t t = 0; t < tokens; t++)
            activations[t] = vld1q_s8(x + t * w->columns + k);
        ADD_QUARTER(0)
        ADD_QUARTER(1)
        ADD_QUARTER(2)
        ADD_QUARTER(3)
    }
    UNROLL
    for (size_t i = 0; i < tokens * PARTS; i++) {
        const size_t at = row + i % PARTS * LANES;
        float32x4_t factor = vmulq_n_f32(vld1q_f32(w->scale + at), scale[i / PARTS]);
        vst1q_f32(out + i / PARTS * w->rows + at, vfmaq_f32(vld1q_f32(w->bias + at), vcvtq_f32_s32(sums[i]), factor));
    }
}

static void multiply(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    for (size_t row = 0; row < w->rows; row += PANEL) {
        size_t t = 0;
        for (; t + TILE <= count; t += TILE)
            multiply_tile(x + t * w->columns, scale + t, TILE, w, row, out + t * w->rows);
        for (; t < count; t++)
            multiply_tile(x + t * w->columns, scale + t, 1, w, row, out + t * w->rows);
    }
}

static void multiply_gelu(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    multiply(x, scale, count, w, out);
    scalar_gelu(out, count * w->rows);
}

const struct kernels kernels_neon = {"neon", scalar_quantise, multiply, multiply_gelu, scalar_add_norm, scalar_attend};
