/* Models for tests. */
#include "model_world.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"

static char folder[64];

struct embed_model *world_model(const char *kernels)
{
    char why[512];
    if (access(MODEL_PATH, R_OK) != 0) {
        print_message("skipped: there is no weight file at %s\n", MODEL_PATH);
        skip();
    }
    if (!kernels_find(kernels)) {
        print_message("skipped: this processor cannot run the %s kernels\n", kernels);
        skip();
    }
    struct embed_model *m = embed_open_kernels(MODEL_PATH, kernels, why, sizeof why);
    if (!m)
        fail_msg("%s", why);
    return m;
}

float world_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / (float)(1 << 23) - 1;
}

float world_cosine(const struct embed_vector *a, const struct embed_vector *b)
{
    int32_t sum = 0;
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++)
        sum += a->values[i] * b->values[i];
    return (float)sum * a->scale * b->scale;
}

const char *world_path(const char *name)
{
    static char paths[4][128];
    static size_t at;
    char *path = paths[at++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, struct span bytes)
{
    FILE *f = fopen(world_path(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    assert_int_equal(fclose(f), 0);
}

/* One entry of the header, and its floats behind those before. */
static void add_tensor(struct buf *header, struct buf *data, const char *name, size_t rows, size_t columns)
{
    static uint32_t state = 1;
    size_t start = data->n, count = rows * (columns ? columns : 1);
    for (size_t i = 0; i < count; i++) {
        float value = world_random(&state) / 8;
        buf_put(data, &value, sizeof value);
    }
    buf_printf(header, "%c\"%s\":{\"dtype\":\"F32\",\"shape\":[%zu", header->n ? ',' : '{', name, rows);
    if (columns)
        buf_printf(header, ",%zu", columns);
    buf_printf(header, "],\"data_offsets\":[%zu,%zu]}", start, data->n);
}

static void add_pair(struct buf *header, struct buf *data, const char *name, size_t rows, size_t columns)
{
    char full[128];
    snprintf(full, sizeof full, "%s.weight", name);
    add_tensor(header, data, full, rows, columns);
    snprintf(full, sizeof full, "%s.bias", name);
    add_tensor(header, data, full, rows, 0);
}

#define LAYER "encoder.layer.0."

static void add_tensors(struct buf *header, struct buf *data, size_t pieces)
{
    add_tensor(header, data, "embeddings.word_embeddings.weight", pieces, WIDTH);
    add_tensor(header, data, "embeddings.position_embeddings.weight", 512, WIDTH);
    add_tensor(header, data, "embeddings.token_type_embeddings.weight", 2, WIDTH);
    add_pair(header, data, "embeddings.LayerNorm", WIDTH, 0);
    add_pair(header, data, LAYER "attention.self.query", WIDTH, WIDTH);
    add_pair(header, data, LAYER "attention.self.key", WIDTH, WIDTH);
    add_pair(header, data, LAYER "attention.self.value", WIDTH, WIDTH);
    add_pair(header, data, LAYER "attention.output.dense", WIDTH, WIDTH);
    add_pair(header, data, LAYER "attention.output.LayerNorm", WIDTH, 0);
    add_pair(header, data, LAYER "intermediate.dense", INNER, WIDTH);
    add_pair(header, data, LAYER "output.dense", WIDTH, INNER);
    add_pair(header, data, LAYER "output.LayerNorm", WIDTH, 0);
}

const char *world_source(const char *const *pieces, size_t count)
{
    struct buf header, data, whole, vocabulary;
    buf_init(&header, 1 << 20);
    buf_init(&data, 64 << 20);
    buf_init(&whole, 64 << 20);
    buf_init(&vocabulary, 1 << 20);
    snprintf(folder, sizeof folder, "model-XXXXXX");
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < count; i++)
        buf_printf(&vocabulary, "%s\n", pieces[i]);
    add_tensors(&header, &data, count);
    buf_char(&header, '}');
    while (header.n % 8)
        buf_char(&header, ' ');
    uint64_t length = header.n;
    buf_put(&whole, &length, sizeof length);
    buf_span(&whole, buf_view(&header));
    buf_span(&whole, buf_view(&data));
    assert_false(whole.failed || vocabulary.failed);
    write_file("model.safetensors", buf_view(&whole));
    write_file("vocab.txt", buf_view(&vocabulary));
    buf_free(&header);
    buf_free(&data);
    buf_free(&whole);
    buf_free(&vocabulary);
    return folder;
}

void world_clean(void)
{
    static const char *const names[] = {"model.safetensors", "vocab.txt", "model.cfx", "damaged.cfx", "none.cfx", "e5.bin", "e5.cfx"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(world_path(names[i]));
    rmdir(folder);
}
