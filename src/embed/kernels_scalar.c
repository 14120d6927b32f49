/* The kernels in plain C: the reference that the others are tested against, and what runs where there is nothing faster. */
#include <math.h>
#include <string.h>

#include "embed/kernels.h"

static void quantise(const float *x, size_t n, int8_t *out, float *scale)
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

/* The products of one activation row with one panel of weights. */
static void panel_sums(const int8_t *x, const int8_t *panel, size_t columns, int32_t sums[PANEL])
{
    memset(sums, 0, PANEL * sizeof *sums);
    for (size_t k = 0; k < columns; k += DEPTH, panel += PANEL * DEPTH)
        for (size_t row = 0; row < PANEL; row++)
            for (size_t i = 0; i < DEPTH; i++)
                sums[row] += x[k + i] * panel[row * DEPTH + i];
}

static void multiply(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    for (size_t first = 0; first < w->rows; first += PANEL)
        for (size_t token = 0; token < count; token++) {
            int32_t sums[PANEL];
            panel_sums(x + token * w->columns, w->packed + first * w->columns, w->columns, sums);
            for (size_t row = first; row < first + PANEL; row++)
                out[token * w->rows + row] = (float)sums[row - first] * (scale[token] * w->scale[row]) + w->bias[row];
        }
}

static void add_norm(float *x, const float *addend, const struct norm *norm)
{
    float mean = 0, variance = 0;
    for (size_t i = 0; i < WIDTH; i++) {
        x[i] += addend[i];
        mean += x[i];
    }
    mean /= WIDTH;
    for (size_t i = 0; i < WIDTH; i++)
        variance += (x[i] - mean) * (x[i] - mean);
    float inverse = 1 / sqrtf(variance / WIDTH + 1e-12f);
    for (size_t i = 0; i < WIDTH; i++)
        x[i] = (x[i] - mean) * inverse * norm->gain[i] + norm->bias[i];
}

static void multiply_gelu(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out)
{
    multiply(x, scale, count, w, out);
    for (size_t i = 0; i < count * w->rows; i++)
        out[i] = 0.5f * out[i] * (1 + erff(out[i] * 0.70710678f));
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

static void attend(const float *qkv, size_t tokens, size_t head, void *scratch, float *out)
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

const struct kernels kernels_scalar = {"scalar", quantise, multiply, multiply_gelu, add_norm, attend};
