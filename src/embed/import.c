/* The converter: a published BERT → a weight file. It lays the file out in memory by the same function that reads it, and fills the parts in. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "embed/embed.h"
#include "embed/safetensors.h"
#include "embed/weights.h"

/* One conversion. */
struct import {
    struct safetensors *source;
    struct weights out; /* laid out in … */
    char *bytes;        /* … these, owned */
    struct weights_header header;
    char *why; /* a sentence, once failed */
    size_t why_size;
    bool failed; /* sticky: later steps do nothing */
};

static void fail(struct import *im, const char *what, const char *name)
{
    if (!im->failed)
        snprintf(im->why, im->why_size, "%s %s.", name, what);
    im->failed = true;
}

/* The writable place behind a pointer of im->out. */
static void *place(struct import *im, const void *part)
{
    return im->bytes + ((const char *)part - im->bytes);
}

static const float *tensor(struct import *im, const char *name, size_t rows, size_t columns)
{
    const float *values = safetensors_f32(im->source, name, rows, columns);
    if (!values)
        fail(im, "is missing in the safetensors file, or not of the shape of a MiniLM of width 384", name);
    for (size_t i = 0; values && i < rows * (columns ? columns : 1); i++)
        if (!isfinite(values[i])) {
            fail(im, "holds a value that is no finite number", name);
            return NULL;
        }
    return values;
}

static void copy_vector(struct import *im, const char *name, size_t n, const float *to)
{
    const float *from = tensor(im, name, n, 0);
    if (from)
        memcpy(place(im, to), from, n * sizeof *from);
}

static void copy_norm(struct import *im, const char *prefix, const struct norm *to)
{
    char name[128];
    snprintf(name, sizeof name, "%s.weight", prefix);
    copy_vector(im, name, WIDTH, to->gain);
    snprintf(name, sizeof name, "%s.bias", prefix);
    copy_vector(im, name, WIDTH, to->bias);
}

/* values[i] = round(row[i] / scale) within ±127; returns the scale. */
static float quantise_row(const float *row, size_t n, int8_t *values)
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
    int8_t values[INNER], *packed = place(im, m->packed);
    float *scale = place(im, m->scale);
    int32_t *sum = place(im, m->sum), total = 0;
    scale[row] = quantise_row(from, m->columns, values) * factor;
    packed += row / PANEL * PANEL * m->columns + row % PANEL * DEPTH;
    for (size_t k = 0; k < m->columns; k++) {
        packed[k / DEPTH * PANEL * DEPTH + k % DEPTH] = values[k];
        total += values[k];
    }
    sum[row] = total;
}

/* Rows first … of m from a dense layer of the source, [rows, m->columns], all of it multiplied by factor. */
static void pack_dense(struct import *im, const char *prefix, const struct matrix *m, size_t first, size_t rows, float factor)
{
    char name[128];
    snprintf(name, sizeof name, "%s.weight", prefix);
    const float *from = tensor(im, name, rows, m->columns);
    snprintf(name, sizeof name, "%s.bias", prefix);
    const float *bias = tensor(im, name, rows, 0);
    if (!from || !bias)
        return;
    float *to = place(im, m->bias);
    for (size_t i = 0; i < rows; i++) {
        pack_row(im, m, first + i, from + i * m->columns, factor);
        to[first + i] = bias[i] * factor;
    }
}

static void import_layer(struct import *im, size_t index, const struct layer *l)
{
    static const char *const thirds[] = {"query", "key", "value"};
    char name[96];
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "encoder.layer.%zu.attention.self.%s", index, thirds[i]);
        pack_dense(im, name, &l->qkv, i * WIDTH, WIDTH, i == 0 ? 1 / sqrtf(HEAD) : 1);
    }
    snprintf(name, sizeof name, "encoder.layer.%zu.attention.output.dense", index);
    pack_dense(im, name, &l->merge, 0, WIDTH, 1);
    snprintf(name, sizeof name, "encoder.layer.%zu.attention.output.LayerNorm", index);
    copy_norm(im, name, &l->attended);
    snprintf(name, sizeof name, "encoder.layer.%zu.intermediate.dense", index);
    pack_dense(im, name, &l->widen, 0, INNER, 1);
    snprintf(name, sizeof name, "encoder.layer.%zu.output.dense", index);
    pack_dense(im, name, &l->narrow, 0, WIDTH, 1);
    snprintf(name, sizeof name, "encoder.layer.%zu.output.LayerNorm", index);
    copy_norm(im, name, &l->fed);
}

#define EMBEDDINGS(part) "embeddings." part ".weight"

static void import_embeddings(struct import *im)
{
    size_t held = safetensors_rows(im->source, EMBEDDINGS("position_embeddings"));
    const float *words = tensor(im, EMBEDDINGS("word_embeddings"), im->header.pieces, WIDTH);
    const float *positions = held < POSITIONS ? NULL : tensor(im, EMBEDDINGS("position_embeddings"), held, WIDTH);
    const float *types = tensor(im, EMBEDDINGS("token_type_embeddings"), 2, WIDTH);
    if (!positions)
        fail(im, "is missing or too short", EMBEDDINGS("position_embeddings"));
    copy_norm(im, "embeddings.LayerNorm", &im->out.embedded);
    if (im->failed)
        return;
    float *to = place(im, im->out.positions), *scale = place(im, im->out.words_scale);
    int8_t *values = place(im, im->out.words);
    for (size_t i = 0; i < POSITIONS * WIDTH; i++)
        to[i] = positions[i] + types[i % WIDTH];
    for (size_t i = 0; i < im->header.pieces; i++)
        scale[i] = quantise_row(words + i * WIDTH, WIDTH, values + i * WIDTH);
}

/* The next line of vocab.txt, the newline cut off. */
static bool next_piece(struct span *rest, struct span *piece)
{
    if (rest->n == 0)
        return false;
    span_cut(*rest, '\n', piece, rest);
    if (piece->n && piece->p[piece->n - 1] == '\r')
        piece->n--;
    return true;
}

static void measure_vocabulary(struct import *im, struct span text)
{
    size_t pieces = 0, bytes = 0, longest = 0;
    for (struct span piece; next_piece(&text, &piece); pieces++) {
        bytes += piece.n;
        longest = piece.n > longest ? piece.n : longest;
    }
    if (pieces == 0 || pieces > VOCABULARY_MAX || bytes > (size_t)64 * VOCABULARY_MAX)
        fail(im, "has no pieces or too many", "The vocabulary");
    im->header.pieces = (uint32_t)pieces;
    im->header.spelling_bytes = (uint32_t)bytes;
    im->header.longest = (uint32_t)longest;
    for (im->header.slots = 1; !im->failed && im->header.slots < 2 * pieces;)
        im->header.slots *= 2;
}

static void import_vocabulary(struct import *im, struct span text)
{
    const struct vocabulary *v = &im->out.vocabulary;
    uint32_t *offsets = place(im, v->offsets), *table = place(im, v->table), id = 0;
    char *spellings = place(im, v->spellings);
    for (struct span piece; next_piece(&text, &piece); id++) {
        uint32_t hash = vocabulary_hash_start(false), slot;
        memcpy(spellings + offsets[id], piece.p, piece.n);
        offsets[id + 1] = offsets[id] + (uint32_t)piece.n;
        if (vocabulary_id(v, piece) >= 0)
            continue; /* a spelling that stands twice keeps its first id */
        for (size_t i = 0; i < piece.n; i++)
            hash = vocabulary_hash_add(hash, piece.p[i]);
        for (slot = hash & (v->slots - 1); table[slot];)
            slot = (slot + 1) & (v->slots - 1);
        table[slot] = id + 1;
    }
}

static uint32_t special(struct import *im, const char *name)
{
    int32_t id = vocabulary_id(&im->out.vocabulary, span_of(name));
    if (id < 0)
        fail(im, "is missing in the vocabulary", name);
    return id < 0 ? 0 : (uint32_t)id;
}

static void count_layers(struct import *im)
{
    char name[96];
    do
        snprintf(name, sizeof name, "encoder.layer.%u.output.dense.weight", im->header.layers);
    while (safetensors_rows(im->source, name) && ++im->header.layers < LAYERS_MAX);
    if (im->header.layers == 0)
        fail(im, "is missing in the safetensors file", name);
}

static void lay_out(struct import *im)
{
    size_t size = 0;
    if (im->failed)
        return;
    if (!weights_lay_out(&im->out, &im->header, NULL, SIZE_MAX, &size) || !(im->bytes = calloc(1, size))) {
        fail(im, "is too large", "The model");
        return;
    }
    im->header.size = size;
    weights_lay_out(&im->out, &im->header, im->bytes, size, &size);
}

static void convert(struct import *im, struct span vocabulary)
{
    memcpy(im->header.magic, WEIGHTS_MAGIC, sizeof im->header.magic);
    im->header.version = WEIGHTS_VERSION;
    im->header.width = WIDTH;
    im->header.heads = HEADS;
    im->header.inner = INNER;
    im->header.positions = POSITIONS;
    measure_vocabulary(im, vocabulary);
    count_layers(im);
    lay_out(im);
    if (im->failed)
        return;
    import_vocabulary(im, vocabulary);
    im->header.cls = special(im, "[CLS]");
    im->header.sep = special(im, "[SEP]");
    im->header.unk = special(im, "[UNK]");
    import_embeddings(im);
    for (size_t i = 0; i < im->out.layers; i++)
        import_layer(im, i, &im->out.layer[i]);
    memcpy(im->bytes, &im->header, sizeof im->header);
    im->header.hash = weights_hash(im->bytes, im->header.size);
    memcpy(im->bytes, &im->header, sizeof im->header);
}

static void fail_write(struct import *im, const char *path)
{
    char what[160];
    snprintf(what, sizeof what, "cannot be written: %s", strerror(errno));
    fail(im, what, path);
}

/* Writes beside path, flushes to the disk, then takes its name: a server that has the old file mapped keeps it. */
static void save(struct import *im, const char *path)
{
    struct buf name;
    buf_init(&name, 1 << 16);
    buf_printf(&name, "%s.XXXXXX", path);
    bool named = buf_cstr(&name) != NULL;
    int fd = named ? mkostemp(name.p, O_CLOEXEC) : -1;
    bool ok = fd >= 0 && file_write(fd, (struct span){im->bytes, im->header.size}) && fchmod(fd, 0644) == 0 && fsync(fd) == 0 && rename(name.p, path) == 0;
    if (!ok)
        fail_write(im, path);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !ok)
        unlink(name.p);
    buf_free(&name);
}

/* The whole file, mapped; p is NULL with a sentence in why when that fails or it is empty. */
static struct span map_file(const char *path, char *why, size_t why_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t size = fd >= 0 ? file_size(fd) : -1;
    void *p = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (p == MAP_FAILED)
        snprintf(why, why_size, "%s cannot be read: %s.", path, size == 0 ? "it is empty" : strerror(errno));
    if (fd >= 0)
        close(fd);
    return p == MAP_FAILED ? (struct span){NULL, 0} : (struct span){p, (size_t)size};
}

static void unmap_file(struct span file)
{
    union {
        const char *read_only;
        void *any;
    } p = {file.p};
    if (file.p)
        munmap(p.any, file.n);
}

bool embed_import(const char *safetensors, const char *vocabulary, const char *path, char *why, size_t why_size)
{
    struct import im = {.why = why, .why_size = why_size};
    char fault[128];
    struct span tensors = map_file(safetensors, why, why_size), pieces = {NULL, 0};
    if (tensors.p)
        pieces = map_file(vocabulary, why, why_size);
    im.failed = !pieces.p;
    if (!im.failed && !(im.source = safetensors_new(tensors, fault, sizeof fault)))
        fail(&im, fault, safetensors);
    if (!im.failed)
        convert(&im, pieces);
    if (!im.failed)
        save(&im, path);
    free(im.bytes);
    safetensors_free(im.source);
    unmap_file(tensors);
    unmap_file(pieces);
    return !im.failed;
}
