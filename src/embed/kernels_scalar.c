/* The kernels in plain C: the reference that the others are tested against, and what runs where there is nothing faster. */
#include <math.h>
#include <string.h>

#include "embed/kernels_scalar.h"

void scalar_quantise(const float *x, size_t n, int8_t *out, float *scale)
{
    float max = 0;
    for (size_t i = 0; i < n; i++)
        max = fmaxf(max, fabsf(x[i]));
    if (max < QUANTISE_LEAST)
        max = 0;
    *scale = max / 127;
    float inverse = max > 0 ? 127 / max : 0;
    for (size_t i = 0; i < n; i++)
        out[i] = (int8_t)lrintf(x[i] * inverse);
}

/* rows [PANEL][columns]: the panel of weights, row by row. In int16 sums of two products fit one instruction of almost every processor, and the compiler finds it. */
static void unpack_panel(const int8_t *panel, size_t columns, int16_t *rows)
{
    for (size_t k = 0; k < columns; k += DEPTH, panel += PANEL * DEPTH)
        for (size_t row = 0; row < PANEL; row++)
            for (size_t i = 0; i < DEPTH; i++)
                rows[row * columns + k + i] = panel[row * DEPTH + i];
}

static int32_t product(const int16_t *a, const int16_t *b, size_t n)
{
    int32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void multiply(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    int16_t rows[PANEL * INNER], token[INNER];
    for (size_t first = 0; first < w->rows; first += PANEL) {
        unpack_panel(w->packed + first * w->columns, w->columns, rows);
        for (size_t t = 0; t < count; t++) {
            for (size_t k = 0; k < w->columns; k++)
                token[k] = x[t * w->columns + k];
            for (size_t row = first; row < first + PANEL; row++)
                out[t * w->rows + row] = (float)product(token, rows + (row - first) * w->columns, w->columns) * (scale[t] * w->scale[row]) + w->bias[row];
        }
    }
}

void scalar_add_norm(float *x, const float *addend, const struct norm *norm)
{
    float mean = 0, variance = 0;
    for (size_t i = 0; i < WIDTH; i++) {
        x[i] += addend[i];
        mean += x[i];
    }
    mean /= WIDTH;
    for (size_t i = 0; i < WIDTH; i++)
        variance += (x[i] - mean) * (x[i] - mean);
    float inverse = 1 / sqrtf(variance / WIDTH + norm->eps);
    for (size_t i = 0; i < WIDTH; i++)
        x[i] = (x[i] - mean) * inverse * norm->gain[i] + norm->bias[i];
}

void scalar_gelu(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = 0.5f * x[i] * (1 + erff(x[i] * 0.70710678f));
}

static void multiply_gelu(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    multiply(x, scale, count, w, out);
    scalar_gelu(out, count * w->rows);
}

static float dot(const float *a, const float *b)
{
    float sum = 0;
    for (size_t i = 0; i < HEAD; i++)
        sum += a[i] * b[i];
    return sum;
}

static void softmax(float *x, size_t n)
{
    float max = x[0], sum = 0;
    for (size_t i = 1; i < n; i++)
        max = fmaxf(max, x[i]);
    for (size_t i = 0; i < n; i++)
        sum += x[i] = expf(x[i] - max);
    for (size_t i = 0; i < n; i++)
        x[i] /= sum;
}

void scalar_attend(const float *qkv, size_t tokens, size_t head, void *scratch, float *out)
{
    const size_t stride = 3 * WIDTH;
    const float *query = qkv + head * HEAD, *key = query + WIDTH, *value = key + WIDTH;
    float *weight = scratch; /* [tokens] */
    for (size_t token = 0; token < tokens; token++) {
        for (size_t other = 0; other < tokens; other++)
            weight[other] = dot(query + token * stride, key + other * stride);
        softmax(weight, tokens);
        float *to = out + token * WIDTH + head * HEAD;
        memset(to, 0, HEAD * sizeof *to);
        for (size_t other = 0; other < tokens; other++)
            for (size_t i = 0; i < HEAD; i++)
                to[i] += weight[other] * value[other * stride + i];
    }
}

const struct kernels kernels_scalar = {"scalar", scalar_quantise, multiply, multiply_gelu, scalar_add_norm, scalar_attend};
