/* Models for tests. */
#include "model_world.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

void world_file(const char *name, struct span bytes)
{
    FILE *f = fopen(world_path(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    assert_int_equal(fclose(f), 0);
}

/* ---- tensors ---- */

const struct world_shape world_plain = {1, INNER, 512, "", "F32", "weight", "bias"};

struct writing {
    const struct world_shape *shape;
    struct buf header, data;
    uint32_t state;
};

/* A multiple of 1/1024 below 1/8, which all types can hold. */
static void add_value(struct writing *w)
{
    float value = roundf(world_random(&w->state) * 127) / 1024;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (strcmp(w->shape->type, "F32") == 0) {
        buf_put(&w->data, &value, sizeof value);
    } else {
        uint16_t brain = (uint16_t)(bits >> 16), exponent = (uint16_t)(bits >> 23 & 0xFF), half = (uint16_t)(bits >> 16 & 0x8000);
        if (exponent)
            half = (uint16_t)(half | (exponent - 112u) << 10 | (bits >> 13 & 0x3FF));
        buf_put(&w->data, strcmp(w->shape->type, "BF16") == 0 ? &brain : &half, sizeof brain);
    }
}

/* One entry of the header, and its values behind those before; columns 0: a vector. */
static void add_tensor(struct writing *w, const char *name, size_t rows, size_t columns)
{
    size_t start = w->data.n, count = rows * (columns ? columns : 1);
    for (size_t i = 0; i < count; i++)
        add_value(w);
    buf_printf(&w->header, "%c\"%s%s\":{\"dtype\":\"%s\",\"shape\":[%zu", w->header.n ? ',' : '{', w->shape->prefix, name, w->shape->type, rows);
    if (columns)
        buf_printf(&w->header, ",%zu", columns);
    buf_printf(&w->header, "],\"data_offsets\":[%zu,%zu]}", start, w->data.n);
}

static void add_pair(struct writing *w, const char *name, size_t rows, size_t columns)
{
    char full[128];
    snprintf(full, sizeof full, "%s.%s", name, columns ? "weight" : w->shape->gain);
    add_tensor(w, full, rows, columns);
    snprintf(full, sizeof full, "%s.%s", name, columns ? "bias" : w->shape->bias);
    add_tensor(w, full, rows, 0);
}

static void add_layer(struct writing *w, size_t layer)
{
    const struct {
        const char *name;
        size_t rows, columns;
    } parts[] = {
        {"attention.self.query", WIDTH, WIDTH},   {"attention.self.key", WIDTH, WIDTH},     {"attention.self.value", WIDTH, WIDTH},
        {"attention.output.dense", WIDTH, WIDTH}, {"attention.output.LayerNorm", WIDTH, 0}, {"intermediate.dense", w->shape->inner, WIDTH},
        {"output.dense", WIDTH, w->shape->inner}, {"output.LayerNorm", WIDTH, 0},
    };
    char name[96];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(name, sizeof name, "encoder.layer.%zu.%s", layer, parts[i].name);
        add_pair(w, name, parts[i].rows, parts[i].columns);
    }
}

void world_tensors(const struct world_shape *shape, size_t pieces)
{
    struct writing w = {.shape = shape, .state = 1};
    struct buf whole;
    buf_init(&w.header, 1 << 20);
    buf_init(&w.data, 64 << 20);
    buf_init(&whole, 64 << 20);
    add_tensor(&w, "embeddings.word_embeddings.weight", pieces, WIDTH);
    add_tensor(&w, "embeddings.position_embeddings.weight", shape->positions, WIDTH);
    add_tensor(&w, "embeddings.token_type_embeddings.weight", 2, WIDTH);
    add_pair(&w, "embeddings.LayerNorm", WIDTH, 0);
    for (size_t i = 0; i < shape->layers; i++)
        add_layer(&w, i);
    buf_char(&w.header, '}');
    while (w.header.n % 8)
        buf_char(&w.header, ' ');
    uint64_t length = w.header.n;
    buf_put(&whole, &length, sizeof length);
    buf_span(&whole, buf_view(&w.header));
    buf_span(&whole, buf_view(&w.data));
    assert_false(whole.failed);
    world_file("model.safetensors", buf_view(&whole));
    buf_free(&w.header);
    buf_free(&w.data);
    buf_free(&whole);
}

const char *world_source(const char *const *pieces, size_t count)
{
    struct buf vocabulary;
    buf_init(&vocabulary, 1 << 20);
    snprintf(folder, sizeof folder, "model-XXXXXX");
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < count; i++)
        buf_printf(&vocabulary, "%s\n", pieces[i]);
    assert_false(vocabulary.failed);
    world_file("vocab.txt", buf_view(&vocabulary));
    world_tensors(&world_plain, count);
    buf_free(&vocabulary);
    return folder;
}

static void empty_folder(const char *path)
{
    char inside[512];
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(inside, sizeof inside, "%s/%s", path, e->d_name);
        if (unlink(inside) != 0)
            empty_folder(inside);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

void world_clean(void)
{
    empty_folder(folder);
}
