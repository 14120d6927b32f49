/* A set of kernels against the scalar ones, without a test library: runs where only a cross compiler and an emulator are. cross_kernels SET. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed/kernels.h"

enum { TOKENS = 11, ROWS = 128 };

static uint32_t state = 1;

static float next(void)
{
    state = state * 1664525u + 1013904223u;
    return (float)(state >> 8) / (float)(1 << 23) - 1;
}

static int8_t next_byte(void)
{
    return (int8_t)(next() * 127);
}

static void fill(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = next();
}

/* The largest difference of products of `count` rows of x by w, with GELU or without. */
static double difference(const struct kernels *k, const struct matrix *w, const int8_t *x, size_t count, bool with_gelu)
{
    static float mine[TOKENS * ROWS], reference[TOKENS * ROWS], scale[TOKENS];
    double most = 0;
    fill(scale, TOKENS);
    for (size_t i = 0; i < TOKENS; i++)
        scale[i] *= 1e-3f;
    memset(mine, 0xFF, sizeof mine); /* NaN */
    (with_gelu ? k->multiply_gelu : k->multiply)(x, scale, count, w, mine);
    (with_gelu ? kernels_scalar.multiply_gelu : kernels_scalar.multiply)(x, scale, count, w, reference);
    for (size_t i = 0; i < count * ROWS; i++) {
        double d = fabs((double)mine[i] - (double)reference[i]) / (1 + fabs((double)reference[i]));
        most = d <= most ? most : d;
        if (isnan(mine[i]))
            return 1;
    }
    return most;
}

static double check(const struct kernels *k, size_t columns, bool extreme)
{
    static _Alignas(64) int8_t packed[ROWS * INNER], x[TOKENS * INNER];
    static _Alignas(64) float scale[ROWS], bias[ROWS];
    static _Alignas(64) int32_t sum[ROWS];
    double most = 0;
    memset(sum, 0, sizeof sum);
    fill(scale, ROWS);
    fill(bias, ROWS);
    for (size_t i = 0; i < ROWS * columns; i++) {
        packed[i] = extreme ? 127 : next_byte();
        sum[i / columns / PANEL * PANEL + i / DEPTH % PANEL] += packed[i];
    }
    for (size_t i = 0; i < TOKENS * columns; i++)
        x[i] = extreme ? -127 : next_byte();
    for (size_t count = 1; count <= TOKENS; count++)
        for (int with_gelu = 0; with_gelu < 2; with_gelu++)
            most = fmax(most, difference(k, &(struct matrix){packed, scale, sum, bias, ROWS, columns}, x, count, with_gelu));
    return most;
}

int main(int argc, char **argv)
{
    static const size_t columns[] = {64, WIDTH, INNER};
    const struct kernels *k = argc > 1 ? kernels_find(argv[1]) : NULL;
    double most = 0;
    if (!k) {
        fputs("cross_kernels: this processor has no such kernels\n", stderr);
        return 1;
    }
    for (size_t i = 0; i < 6; i++)
        most = fmax(most, check(k, columns[i % 3], i > 2));
    printf("%s: differs from scalar by %.2g at most\n", k->name, most);
    return most > 5e-5;
}
