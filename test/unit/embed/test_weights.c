/* The weight file: made by the converter from a small source, opened, damaged in every way, refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model_world.h"

static const char *const pieces[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "garden", "un", "##known", "##k", "a", "."};
static char why[512];
static const char *folder;

static int make_model(void **state)
{
    (void)state;
    folder = world_source(pieces, sizeof pieces / sizeof *pieces);
    if (!embed_import(folder, world_path("model.cfx"), why, sizeof why)) {
        print_error("%s\n", why);
        return -1;
    }
    return 0;
}

static int clean(void **state)
{
    (void)state;
    world_clean();
    return 0;
}

/* The whole file in memory of its exact size, so that a read past it is seen. */
static char *slurp(const char *name, size_t *n)
{
    FILE *f = fopen(world_path(name), "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    char *bytes = aligned_alloc(64, (*n + 63) / 64 * 64);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *n, f), *n);
    fclose(f);
    return bytes;
}

static void refused(const char *bytes, size_t n, const char *says)
{
    world_file("damaged.cfx", (struct span){bytes, n});
    why[0] = '\0';
    struct embed_model *m = embed_open(world_path("damaged.cfx"), why, sizeof why);
    if (m)
        fail_msg("opened, though %s", says);
    if (!strstr(why, says))
        fail_msg("\"%s\" does not say \"%s\"", why, says);
}

static void imported_model_works(void **state)
{
    (void)state;
    struct embed_model *m = embed_open(world_path("model.cfx"), why, sizeof why);
    assert_non_null(m);
    struct embed_scratch *s = embed_scratch_new(m);
    struct embed_vector v[2];
    uint32_t ids[EMBED_TOKENS_MAX];
    const uint32_t expected[] = {2, 5, 6, 9, 1, 3};
    assert_int_equal(embed_tokens(m, EMBED_PASSAGE, SPAN("Unknown. gardenx"), ids), 6);
    assert_memory_equal(ids, expected, sizeof expected);
    embed_texts(m, s, EMBED_PASSAGE, (const struct span[]){SPAN("garden"), SPAN("a unknown garden.")}, 2, v);
    assert_float_equal(world_cosine(&v[0], &v[0]), 1, 0.01);
    assert_memory_not_equal(&v[0], &v[1], sizeof v[0]);
    assert_non_null(strstr(embed_name(m), "bert-l1-384/int8/"));
    assert_true(strlen(embed_name(m)) < 64);
    embed_scratch_free(s);
    embed_close(m);
    embed_close(NULL);
}

/* One scale a row, and nothing lost beyond half a step of it. */
static void rows_are_quantised(void **state)
{
    (void)state;
    size_t n, size;
    char *bytes = slurp("model.cfx", &n);
    struct weights w;
    assert_true(weights_lay_out(&w, (const struct weights_header *)(const void *)bytes, bytes, n, &size));
    const struct matrix *m = &w.layer[0].narrow;
    for (size_t row = 0; row < m->rows; row++) {
        int32_t sum = 0;
        int max = 0;
        for (size_t c = 0; c < m->columns; c++) {
            int8_t q = m->packed[((row / PANEL * (m->columns / DEPTH) + c / DEPTH) * PANEL + row % PANEL) * DEPTH + c % DEPTH];
            sum += q;
            max = abs(q) > max ? abs(q) : max;
        }
        assert_int_equal(max, 127);
        assert_int_equal(sum, m->sum[row]);
        assert_true(m->scale[row] > 0.1f / 127 && m->scale[row] <= 0.125f / 127);
    }
    free(bytes);
}

static void damage_is_refused(void **state)
{
    (void)state;
    size_t n;
    char *bytes = slurp("model.cfx", &n);
    refused(bytes, 0, "it is empty");
    refused(bytes, 7, "not a weight file");
    refused(bytes, sizeof(struct weights_header) - 1, "not a weight file");
    static const size_t cuts[] = {sizeof(struct weights_header), 4096, 100000};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        refused(bytes, cuts[i], "cut short");
    refused(bytes, n - 1, "cut short");
    for (size_t at = sizeof(struct weights_header); at < n; at += n / 9) {
        bytes[at] ^= 0x10;
        refused(bytes, n, "damaged");
        bytes[at] ^= 0x10;
    }
    bytes[0] ^= 1;
    refused(bytes, n, "not a weight file");
    free(bytes);
}

/* A field of the header set to what it must not be, hash and all put right: the checks of shapes stand on their own. */
static void refused_field(char *bytes, size_t n, size_t field, uint32_t value)
{
    uint32_t before;
    uint64_t hash;
    memcpy(&before, bytes + field, sizeof before);
    memcpy(bytes + field, &value, sizeof value);
    hash = weights_hash(bytes, n / 64 * 64);
    memcpy(bytes + offsetof(struct weights_header, hash), &hash, sizeof hash);
    refused(bytes, n, "cannot be used");
    memcpy(bytes + field, &before, sizeof before);
}

#define FIELD(name) offsetof(struct weights_header, name)

static void absurd_shapes_are_refused(void **state)
{
    (void)state;
    static const size_t fields[] = {FIELD(version), FIELD(width), FIELD(heads),          FIELD(inner), FIELD(positions), FIELD(layers),
                                    FIELD(pieces),  FIELD(slots), FIELD(spelling_bytes), FIELD(cls),   FIELD(sep),       FIELD(unk)};
    static const uint32_t values[] = {0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 1 << 20, 1 << 16, 4096, 24};
    size_t n;
    char *bytes = slurp("model.cfx", &n);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (size_t j = 0; j < sizeof values / sizeof *values; j++)
            refused_field(bytes, n, fields[i], values[j]);
    refused_field(bytes, n, FIELD(layers), 0);
    refused_field(bytes, n, FIELD(pieces), 0);
    refused_field(bytes, n, FIELD(slots), 0);
    refused_field(bytes, n, FIELD(longest), 1);
    refused_field(bytes, n, FIELD(size), 64);
    free(bytes);
}

/* Offsets and ids of the vocabulary that point outside it, in a file whose hash is right. */
static void wild_vocabularies_are_refused(void **state)
{
    (void)state;
    size_t n, size;
    char *bytes = slurp("model.cfx", &n);
    struct weights w;
    assert_true(weights_lay_out(&w, (const struct weights_header *)(const void *)bytes, bytes, n, &size));
    size_t offsets = (size_t)((const char *)w.vocabulary.offsets - bytes), table = (size_t)((const char *)w.vocabulary.table - bytes);
    refused_field(bytes, n, offsets, 1);
    refused_field(bytes, n, offsets + 4 * 3, 0xFFFFFFF0);
    refused_field(bytes, n, offsets + 4 * (sizeof pieces / sizeof *pieces), 1 << 20);
    refused_field(bytes, n, table, 11);
    refused_field(bytes, n, table + 4, 0xFFFFFFFF);
    /* A table without a free slot would be searched without end. */
    for (size_t i = 0; i < w.vocabulary.slots; i++)
        memcpy(bytes + table + 4 * i, &(uint32_t){1}, 4);
    refused_field(bytes, n, FIELD(tokenizer), 0);
    free(bytes);
}

/* Numbers that no model has: matrices without -128, sums that rows can have, floats of a bound. */
static void wild_numbers_are_refused(void **state)
{
    (void)state;
    size_t n, size;
    char *bytes = slurp("model.cfx", &n);
    struct weights w;
    assert_true(weights_lay_out(&w, (const struct weights_header *)(const void *)bytes, bytes, n, &size));
    const struct layer *l = &w.layer[0];
    const struct matrix *const matrices[] = {&l->qkv, &l->merge, &l->widen, &l->narrow};
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++) {
        const struct matrix *m = matrices[i];
        refused_field(bytes, n, (size_t)((const char *)m->packed - bytes) + 4 * i, 0x80000000u >> 8 * i);
        refused_field(bytes, n, (size_t)((const char *)m->sum - bytes), 128 * (uint32_t)m->columns);
        refused_field(bytes, n, (size_t)((const char *)(m->scale + 3) - bytes), 0x7FC00000);
        refused_field(bytes, n, (size_t)((const char *)m->bias - bytes), 0xFF800000);
    }
    const float *const floats[] = {w.positions, w.words_scale, w.embedded.gain, w.embedded.bias, l->attended.gain, l->fed.bias};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        refused_field(bytes, n, (size_t)((const char *)(floats[i] + i) - bytes), 0x461C4400); /* 10001 */
    static const size_t fields[] = {FIELD(eps), FIELD(unlike), FIELD(pooling), FIELD(keeps), FIELD(heading_bytes), FIELD(heading_bytes) + 4, FIELD(unused)};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        refused_field(bytes, n, fields[i], 0x7FC00000);
    refused_field(bytes, n, FIELD(inner), INNER / 2 + 1);
    refused_field(bytes, n, FIELD(positions), POSITIONS_LEAST - 1);
    free(bytes);
}

static void missing_file_is_told(void **state)
{
    (void)state;
    assert_null(embed_open(world_path("no-such"), why, sizeof why));
    assert_non_null(strstr(why, "No such file"));
    assert_null(embed_open_kernels(world_path("model.cfx"), "mmx", why, sizeof why));
    assert_non_null(strstr(why, "mmx"));
}

static void environment_forces_kernels(void **state)
{
    (void)state;
    setenv("CHATIFIX_CPU", "scalar", 1);
    struct embed_model *m = embed_open(world_path("model.cfx"), why, sizeof why);
    assert_non_null(m);
    assert_string_equal(embed_kernels(m), "scalar");
    embed_close(m);
    setenv("CHATIFIX_CPU", "mmx", 1);
    assert_null(embed_open(world_path("model.cfx"), why, sizeof why));
    assert_non_null(strstr(why, "mmx"));
    unsetenv("CHATIFIX_CPU");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imported_model_works),
        cmocka_unit_test(rows_are_quantised),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(absurd_shapes_are_refused),
        cmocka_unit_test(wild_vocabularies_are_refused),
        cmocka_unit_test(wild_numbers_are_refused),
        cmocka_unit_test(missing_file_is_told),
        cmocka_unit_test(environment_forces_kernels),
    };
    return cmocka_run_group_tests(tests, make_model, clean);
}
