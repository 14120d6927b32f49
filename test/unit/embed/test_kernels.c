/* Each kernel of each set against plain C on random input, and the scalar ones against sums written out here. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model_world.h"

enum { TOKENS = 23 }; /* full tiles and every kind of remainder */

static const char *const sets[] = {"scalar", "neon", "avx2", "avx-vnni", "avx512-vnni"};
enum { SETS = sizeof sets / sizeof *sets };

static void near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance))
        fail_msg("%.9g is not within %.3g of %.9g", actual, tolerance, expected);
}

/* Calls check for each set that runs here. */
static void with_each_set(void (*check)(const struct kernels *k))
{
    for (size_t i = 0; i < SETS; i++) {
        const struct kernels *k = kernels_find(sets[i]);
        if (k)
            check(k);
        else
            print_message("left out: this processor cannot run the %s kernels\n", sets[i]);
    }
#ifdef EMBED_X86
    if (kernels_find("avx512-vnni"))
        check(&kernels_avxvnni_evex);
#endif
}

static void *room(size_t count, size_t size)
{
    void *p = aligned_alloc(64, (count * size + 63) / 64 * 64);
    assert_non_null(p);
    return p;
}

static void fill(float *x, size_t n, float range, uint32_t seed)
{
    for (size_t i = 0; i < n; i++)
        x[i] = world_random(&seed) * range;
}

static void quantise_rounds(const struct kernels *k)
{
    float x[INNER], scale;
    int8_t q[INNER];
    fill(x, INNER, 3, 5);
    k->quantise(x, INNER, q, &scale);
    for (size_t i = 0; i < INNER; i++) {
        near((double)((float)q[i] * scale), (double)x[i], 0.501 * (double)scale);
        assert_true(q[i] >= -127);
    }
    memset(x, 0, sizeof x);
    k->quantise(x, WIDTH, q, &scale);
    assert_true(scale == 0 && q[0] == 0 && q[WIDTH - 1] == 0);
    x[3] = -1;
    k->quantise(x, WIDTH, q, &scale);
    assert_int_equal(q[3], -127);
}

static void quantise_in_all_sets(void **state)
{
    (void)state;
    with_each_set(quantise_rounds);
}

/* A matrix whose values are given by weight_at, packed here by the definition in kernels.h. */
static int8_t weight_at(size_t row, size_t column, bool extreme)
{
    if (extreme)
        return row % 2 ? 127 : -127;
    uint32_t state = (uint32_t)(row * 7919 + column * 104729 + 1);
    world_random(&state);
    return (int8_t)(world_random(&state) * 127.9f);
}

struct sample {
    struct matrix w;
    int8_t *packed;
    float *scale, *bias;
    int32_t *sum;
};

static void sample_new(struct sample *s, size_t rows, size_t columns, bool extreme)
{
    s->packed = room(rows * columns, 1);
    s->scale = room(rows, sizeof *s->scale);
    s->bias = room(rows, sizeof *s->bias);
    s->sum = room(rows, sizeof *s->sum);
    fill(s->scale, rows, 1, 3);
    fill(s->bias, rows, 1, 4);
    for (size_t row = 0; row < rows; row++) {
        s->sum[row] = 0;
        for (size_t column = 0; column < columns; column++) {
            int8_t value = weight_at(row, column, extreme);
            s->packed[((row / PANEL * (columns / DEPTH) + column / DEPTH) * PANEL + row % PANEL) * DEPTH + column % DEPTH] = value;
            s->sum[row] += value;
        }
    }
    s->w = (struct matrix){s->packed, s->scale, s->sum, s->bias, rows, columns};
}

static void sample_free(struct sample *s)
{
    free(s->packed);
    free(s->scale);
    free(s->bias);
    free(s->sum);
}

static void check_product(const struct kernels *k, size_t rows, size_t columns, bool extreme)
{
    struct sample s;
    int8_t *x = room(TOKENS * columns, 1);
    float *out = room(TOKENS * rows, sizeof *out), scale[TOKENS];
    sample_new(&s, rows, columns, extreme);
    fill(scale, TOKENS, 1, 9);
    for (size_t i = 0; i < TOKENS * columns; i++)
        x[i] = extreme ? (i / columns % 2 ? 127 : -127) : weight_at(i, 77, false);
    k->multiply(x, scale, TOKENS, &s.w, out);
    for (size_t t = 0; t < TOKENS; t++)
        for (size_t row = 0; row < rows; row++) {
            int64_t sum = 0;
            for (size_t c = 0; c < columns; c++)
                sum += x[t * columns + c] * weight_at(row, c, extreme);
            double expected = (double)sum * (double)scale[t] * (double)s.scale[row] + (double)s.bias[row];
            near((double)out[t * rows + row], expected, 1e-6 * fabs((double)sum) + 1e-5);
        }
    sample_free(&s);
    free(x);
    free(out);
}

static void multiply_is_exact(const struct kernels *k)
{
    check_product(k, 64, 64, false);
    check_product(k, 64, WIDTH, false);
    check_product(k, 128, INNER, false);
}

/* Where maddubs would saturate and an offset would overflow. */
static void multiply_bears_extremes(const struct kernels *k)
{
    check_product(k, 64, INNER, true);
}

static void multiply_in_all_sets(void **state)
{
    (void)state;
    with_each_set(multiply_is_exact);
    with_each_set(multiply_bears_extremes);
}

/* The result of a row must not hang on how many rows come with it. */
static void multiply_row_alone(const struct kernels *k)
{
    struct sample s;
    int8_t *x = room(TOKENS * WIDTH, 1);
    float *out = room(TOKENS * 64, sizeof *out), alone[64], scale[TOKENS];
    sample_new(&s, 64, WIDTH, false);
    fill(scale, TOKENS, 1, 2);
    for (size_t i = 0; i < TOKENS * WIDTH; i++)
        x[i] = weight_at(i, 3, false);
    k->multiply(x, scale, TOKENS, &s.w, out);
    for (size_t t = 0; t < TOKENS; t++) {
        k->multiply(x + t * WIDTH, scale + t, 1, &s.w, alone);
        assert_memory_equal(alone, out + t * 64, sizeof alone);
    }
    sample_free(&s);
    free(x);
    free(out);
}

static void rows_do_not_depend_on_others(void **state)
{
    (void)state;
    with_each_set(multiply_row_alone);
}

static void norm_is_near(const struct kernels *k)
{
    _Alignas(64) float gain[WIDTH], bias[WIDTH];
    float x[WIDTH], addend[WIDTH];
    double mean = 0, square = 0;
    fill(x, WIDTH, 2, 1);
    fill(addend, WIDTH, 1, 2);
    fill(gain, WIDTH, 1, 3);
    fill(bias, WIDTH, 1, 4);
    double sum[WIDTH];
    for (size_t i = 0; i < WIDTH; i++) {
        sum[i] = (double)x[i] + (double)addend[i];
        mean += sum[i] / WIDTH;
    }
    for (size_t i = 0; i < WIDTH; i++)
        square += (sum[i] - mean) * (sum[i] - mean) / WIDTH;
    k->add_norm(x, addend, &(struct norm){gain, bias, 0.25f});
    for (size_t i = 0; i < WIDTH; i++)
        near((double)x[i], (sum[i] - mean) / sqrt(square + 0.25) * (double)gain[i] + (double)bias[i], 1e-5);
}

static void norm_in_all_sets(void **state)
{
    (void)state;
    with_each_set(norm_is_near);
}

/* gelu(bias) by a product with zeros */
static void gelu_of(const struct kernels *k, const float bias[64], float out[64])
{
    struct sample s;
    int8_t zeros[64] = {0};
    float scale = 1;
    sample_new(&s, 64, 64, false);
    memcpy(s.bias, bias, 64 * sizeof *bias);
    k->multiply_gelu(zeros, &scale, 1, &s.w, out);
    sample_free(&s);
}

static void gelu_is_near(const struct kernels *k)
{
    enum { STEPS = 8 * 1024 };
    float x[64], y[64];
    for (size_t i = 0; i < STEPS; i += 64) {
        for (size_t j = 0; j < 64; j++)
            x[j] = (float)(i + j) / STEPS * 16 - 8;
        gelu_of(k, x, y);
        for (size_t j = 0; j < 64; j++)
            near((double)y[j], (double)x[j] / 2 * (1 + erf((double)x[j] / sqrt(2))), 5e-5);
    }
    fill(x, 64, 0, 0);
    x[0] = 1e6f;
    x[1] = -1e6f;
    gelu_of(k, x, y);
    assert_true(y[0] > 0.999e6f && fabsf(y[1]) < 100 && y[2] == 0);
}

/* With products that are not 0, and every number of rows: what multiply gives, bent. */
static void gelu_follows_products(const struct kernels *k)
{
    struct sample s;
    int8_t *x = room(TOKENS * WIDTH, 1);
    float *plain = room(TOKENS * 128, sizeof *plain), *bent = room(TOKENS * 128, sizeof *bent), scale[TOKENS];
    sample_new(&s, 128, WIDTH, false);
    fill(scale, TOKENS, 1e-4f, 2);
    for (size_t i = 0; i < TOKENS * WIDTH; i++)
        x[i] = weight_at(i, 3, false);
    for (size_t count = 1; count <= TOKENS; count++) {
        k->multiply(x, scale, count, &s.w, plain);
        k->multiply_gelu(x, scale, count, &s.w, bent);
        for (size_t i = 0; i < count * 128; i++)
            near((double)bent[i], (double)plain[i] / 2 * (1 + erf((double)plain[i] / sqrt(2))), 5e-5);
    }
    sample_free(&s);
    free(x);
    free(plain);
    free(bent);
}

static void gelu_in_all_sets(void **state)
{
    (void)state;
    with_each_set(gelu_is_near);
    with_each_set(gelu_follows_products);
}

/* What a set may differ from the reference by. The one that attends in int16 rounds values to 11 bits and queries and keys to 14, which tells where scores are as steep as those of range 6. */
static double attention_tolerance(const struct kernels *k, float range)
{
    if (k->attend == kernels_scalar.attend || strcmp(k->name, "avx512-vnni") != 0)
        return 1e-5 * (double)(range * range);
    return range > 1 ? 0.05 : 3e-3;
}

static void check_attention(const struct kernels *k, size_t tokens, float range)
{
    float *qkv = room(tokens * 3 * WIDTH, sizeof *qkv), *scratch = room(ATTEND_SCRATCH, 1);
    float *out = room(tokens * WIDTH, sizeof *out), *expected = room(tokens * WIDTH, sizeof *out);
    fill(qkv, tokens * 3 * WIDTH, range, (uint32_t)tokens);
    for (size_t i = 0; i < tokens * WIDTH; i++)
        out[i] = expected[i] = 42;
    k->attend(qkv, tokens, HEADS - 1, scratch, out);
    kernels_scalar.attend(qkv, tokens, HEADS - 1, scratch, expected);
    for (size_t i = 0; i < tokens * WIDTH; i++)
        near((double)out[i], (double)expected[i], i % WIDTH < WIDTH - HEAD ? 0 : attention_tolerance(k, range));
    free(qkv);
    free(scratch);
    free(out);
    free(expected);
}

static void attention_is_near(const struct kernels *k)
{
    static const size_t lengths[] = {1, 2, 3, 7, 8, 9, 31, 64, 253, POSITIONS};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        check_attention(k, lengths[i], 1);
        check_attention(k, lengths[i], 6);
    }
}

static void attention_in_all_sets(void **state)
{
    (void)state;
    with_each_set(attention_is_near);
}

/* One token sees only itself; equal keys share their values evenly. */
static void scalar_attention_is_an_average(void **state)
{
    (void)state;
    enum { FEW = 5 };
    float *qkv = room(FEW * 3 * WIDTH, sizeof *qkv), *scratch = room(ATTEND_SCRATCH, 1), out[FEW * WIDTH];
    fill(qkv, FEW * 3 * WIDTH, 1, 8);
    kernels_scalar.attend(qkv, 1, 0, scratch, out);
    for (size_t i = 0; i < HEAD; i++)
        near((double)out[i], (double)qkv[2 * WIDTH + i], 1e-6);
    for (size_t t = 0; t < FEW; t++)
        for (size_t i = 0; i < HEAD; i++)
            qkv[t * 3 * WIDTH + WIDTH + i] = 0;
    kernels_scalar.attend(qkv, FEW, 0, scratch, out);
    for (size_t i = 0; i < HEAD; i++) {
        float mean = 0;
        for (size_t t = 0; t < FEW; t++)
            mean += qkv[t * 3 * WIDTH + 2 * WIDTH + i] / FEW;
        near((double)out[3 * WIDTH + i], (double)mean, 1e-6);
    }
    free(qkv);
    free(scratch);
}

static void unknown_names_have_no_kernels(void **state)
{
    (void)state;
    assert_null(kernels_find("mmx"));
    assert_non_null(kernels_find(NULL));
    assert_ptr_equal(kernels_find("scalar"), &kernels_scalar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantise_in_all_sets),
        cmocka_unit_test(multiply_in_all_sets),
        cmocka_unit_test(rows_do_not_depend_on_others),
        cmocka_unit_test(norm_in_all_sets),
        cmocka_unit_test(gelu_in_all_sets),
        cmocka_unit_test(attention_in_all_sets),
        cmocka_unit_test(scalar_attention_is_an_average),
        cmocka_unit_test(unknown_names_have_no_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
