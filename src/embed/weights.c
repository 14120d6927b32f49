/* Reading the weight file: nothing is used before its shape, place and hash are found right. */
#include "embed/weights.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "embed/tokens.h"

_Static_assert(sizeof(struct weights_header) == 128, "the header is 128 bytes on every machine");

/* Deals out the parts of the file one behind the other. */
struct cursor {
    const char *base; /* NULL: only count */
    size_t at, size;
    bool failed; /* past size: sticky */
};

static const void *take(struct cursor *c, size_t count, size_t unit)
{
    size_t start = (c->at + 63) / 64 * 64, bytes = count * unit; /* shapes are bounded: 2^20 rows of 384 at most */
    if (c->failed || start > c->size || bytes > c->size - start) {
        c->failed = true;
        return NULL;
    }
    c->at = start + bytes;
    return c->base ? c->base + start : NULL;
}

static void take_matrix(struct cursor *c, struct matrix *m, size_t rows, size_t columns)
{
    m->rows = rows;
    m->columns = columns;
    m->packed = take(c, rows * columns, 1);
    m->scale = take(c, rows, sizeof *m->scale);
    m->sum = take(c, rows, sizeof *m->sum);
    m->bias = take(c, rows, sizeof *m->bias);
}

static void take_norm(struct cursor *c, struct norm *n, const struct weights_header *h)
{
    n->eps = h->eps > 0 ? h->eps : 1e-12f;
    n->gain = take(c, WIDTH, sizeof *n->gain);
    n->bias = take(c, WIDTH, sizeof *n->bias);
}

static void take_vocabulary(struct cursor *c, struct vocabulary *v, const struct weights_header *h)
{
    v->count = h->pieces;
    v->slots = h->slots;
    v->bytes = h->spelling_bytes;
    v->longest = h->longest;
    v->cls = h->cls;
    v->sep = h->sep;
    v->unk = h->unk;
    v->offsets = take(c, v->count + 1, sizeof *v->offsets);
    v->table = take(c, v->slots, sizeof *v->table);
    v->spellings = take(c, v->bytes, 1);
}

static void take_unigram(struct cursor *c, struct unigram *u, const struct weights_header *h)
{
    u->count = h->pieces;
    u->unk = h->unk;
    u->trie.count = h->trie_units;
    u->blocks = h->letter_blocks;
    u->letter_count = h->letters;
    u->page = take(c, UNIGRAM_PAGES, sizeof *u->page);
    u->entry = take(c, (size_t)u->blocks * UNIGRAM_PAGE, sizeof *u->entry);
    u->letters = take(c, u->letter_count, sizeof *u->letters);
    u->scores = take(c, u->count, sizeof *u->scores);
    u->trie.units = take(c, u->trie.count, sizeof *u->trie.units);
}

static void take_words(struct cursor *c, struct weights *w, const struct weights_header *h)
{
    if (h->word_bits == 4) {
        w->nibbles_scale = take(c, h->pieces, WIDTH / WORD_BLOCK * sizeof *w->nibbles_scale);
        w->nibbles = take(c, h->pieces, WIDTH / 2);
    } else {
        w->words_scale = take(c, h->pieces, sizeof *w->words_scale);
        w->words = take(c, h->pieces, WIDTH);
    }
}

static void take_headings(struct cursor *c, struct weights *w, const struct weights_header *h)
{
    for (size_t role = 0; role < 2; role++)
        w->heading[role] = (struct span){take(c, h->heading_bytes[role], 1), h->heading_bytes[role]};
    if (h->manner == MANNER_E5) {
        w->heading[EMBED_QUESTION] = SPAN("query: ");
        w->heading[EMBED_PASSAGE] = SPAN("passage: ");
    }
}

static bool vocabulary_is_ours(const struct weights_header *h)
{
    if (h->tokenizer == TOKENIZER_UNIGRAM)
        return h->slots == 0 && h->spelling_bytes == 0 && h->trie_units <= TRIE_UNITS_MAX && h->letter_blocks <= UNIGRAM_PAGES &&
               h->letters <= VOCABULARY_MAX && h->cls < h->pieces && h->sep < h->pieces;
    return h->tokenizer == TOKENIZER_WORDPIECE && h->slots >= 2 * h->pieces && h->slots <= 4 * VOCABULARY_MAX && (h->slots & (h->slots - 1)) == 0 &&
           h->spelling_bytes <= 64 * VOCABULARY_MAX;
}

static bool sizes_are_ours(const struct weights_header *h)
{
    return h->width == WIDTH && h->heads == HEADS && h->inner >= INNER_STEP && h->inner <= INNER && h->inner % INNER_STEP == 0 &&
           h->positions >= POSITIONS_LEAST && h->positions <= POSITIONS && h->layers >= 1 && h->layers <= LAYERS_MAX && h->pieces >= 1 &&
           h->pieces <= VOCABULARY_MAX && (h->word_bits == 0 || h->word_bits == 4) && vocabulary_is_ours(h);
}

static bool habits_are_ours(const struct weights_header *h)
{
    static const char unused[sizeof h->unused];
    return h->eps >= 0 && h->eps <= 1e-3f && h->unlike >= 0 && h->unlike <= 0.95f && h->pooling <= POOLING_CLS && h->keeps <= (KEEPS_CASE | KEEPS_ACCENTS) &&
           h->manner <= MANNER_E5 && h->heading_bytes[0] <= HEADING_MAX && h->heading_bytes[1] <= HEADING_MAX && memcmp(h->unused, unused, sizeof unused) == 0;
}

bool weights_lay_out(struct weights *w, const struct weights_header *header, const void *base, size_t size, size_t *needed)
{
    memset(w, 0, sizeof *w);
    if (!sizes_are_ours(header) || !habits_are_ours(header))
        return false;
    struct cursor c = {base, 0, size, false};
    w->header = take(&c, 1, sizeof *w->header);
    w->layers = header->layers;
    if (header->tokenizer == TOKENIZER_UNIGRAM)
        take_unigram(&c, &w->unigram, header);
    else
        take_vocabulary(&c, &w->vocabulary, header);
    w->positions = take(&c, (size_t)header->positions * WIDTH, sizeof *w->positions);
    take_norm(&c, &w->embedded, header);
    for (size_t i = 0; i < w->layers; i++) {
        struct layer *l = &w->layer[i];
        take_matrix(&c, &l->qkv, 3 * WIDTH, WIDTH);
        take_matrix(&c, &l->merge, WIDTH, WIDTH);
        take_norm(&c, &l->attended, header);
        take_matrix(&c, &l->widen, header->inner, WIDTH);
        take_matrix(&c, &l->narrow, WIDTH, header->inner);
        take_norm(&c, &l->fed, header);
    }
    take_words(&c, w, header);
    take_headings(&c, w, header);
    *needed = (c.at + 63) / 64 * 64;
    return !c.failed && (!base || *needed == size);
}

/* Four lanes of 64 bits, so that the multiplications overlap; each step is a bijection of its lane, so no single changed word goes unseen. */
uint64_t weights_hash(const void *base, size_t size)
{
    const char *bytes = base;
    const size_t skipped = offsetof(struct weights_header, hash);
    uint64_t lanes[4] = {1, 2, 3, size}, words[4], hash = 0;
    for (size_t at = 0; at + sizeof words <= size; at += sizeof words) {
        memcpy(words, bytes + at, sizeof words);
        if (skipped >= at && skipped < at + sizeof words)
            words[(skipped - at) / sizeof *words] = 0;
        for (size_t i = 0; i < 4; i++) {
            uint64_t mixed = (lanes[i] ^ words[i]) * UINT64_C(0x9E3779B97F4A7C15);
            lanes[i] = mixed << 29 | mixed >> 35;
        }
    }
    for (size_t i = 0; i < 4; i++)
        hash = (hash ^ lanes[i] ^ lanes[i] >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return hash ^ hash >> 32;
}

/* ---- checks ---- */

/* NaN is not small. */
static bool are_small(const float *x, size_t n)
{
    bool small = true;
    for (size_t i = 0; i < n; i++)
        small &= fabsf(x[i]) <= WEIGHT_MOST;
    return small;
}

static bool norm_is_sound(const struct norm *n)
{
    return are_small(n->gain, WIDTH) && are_small(n->bias, WIDTH);
}

/* Whether a byte of n, a multiple of 8, is -128: eight at once, by the borrow that a byte of zeros takes from its top bit. */
static bool has_lowest(const int8_t *values, size_t n)
{
    const uint64_t tops = UINT64_C(0x8080808080808080), ones = tops >> 7;
    uint64_t found = 0, eight;
    for (size_t i = 0; i < n; i += sizeof eight) {
        memcpy(&eight, values + i, sizeof eight);
        eight ^= tops;
        found |= (eight - ones) & ~eight & tops;
    }
    return found;
}

static bool matrix_is_sound(const struct matrix *m)
{
    const int32_t most = 127 * (int32_t)m->columns;
    bool sums = true;
    for (size_t i = 0; i < m->rows; i++)
        sums &= m->sum[i] >= -most && m->sum[i] <= most;
    return !has_lowest(m->packed, m->rows * m->columns) && sums && are_small(m->scale, m->rows) && are_small(m->bias, m->rows);
}

static bool numbers_are_sound(const struct weights *w)
{
    const struct weights_header *h = w->header;
    bool sound = are_small(w->positions, (size_t)h->positions * WIDTH) && (!w->words || are_small(w->words_scale, h->pieces)) && norm_is_sound(&w->embedded);
    for (size_t i = 0; sound && i < w->layers; i++) {
        const struct layer *l = &w->layer[i];
        sound = matrix_is_sound(&l->qkv) && matrix_is_sound(&l->merge) && norm_is_sound(&l->attended) && matrix_is_sound(&l->widen) &&
                matrix_is_sound(&l->narrow) && norm_is_sound(&l->fed);
    }
    return sound;
}

static bool headings_leave_room(const struct weights *w)
{
    uint32_t ids[POSITIONS / 2 + 1];
    const size_t most = w->header->positions / 2;
    return tokens_list(w, w->heading[0], SPAN(""), ids, most + 1) <= most && tokens_list(w, w->heading[1], SPAN(""), ids, most + 1) <= most;
}

bool weights_read(struct weights *w, const void *base, size_t size, char *why, size_t why_size)
{
    struct weights_header header;
    size_t needed = 0;
    const char *fault = NULL;
    if (size < sizeof header || memcmp(base, WEIGHTS_MAGIC, sizeof header.magic) != 0) {
        snprintf(why, why_size, "it is not a weight file");
        return false;
    }
    memcpy(&header, base, sizeof header);
    if (header.version != WEIGHTS_VERSION)
        fault = "its format is that of another version";
    else if (header.size != size)
        fault = "it is cut short or too long";
    else if (!weights_lay_out(w, &header, base, size, &needed))
        fault = "its shapes are wrong";
    else if (weights_hash(base, size) != header.hash)
        fault = "its bytes are damaged";
    else if (header.tokenizer == TOKENIZER_UNIGRAM ? !unigram_make_sound(&w->unigram) : !vocabulary_is_sound(&w->vocabulary))
        fault = "its vocabulary is damaged";
    else if (!numbers_are_sound(w))
        fault = "a number in it is too large or none";
    else if (!headings_leave_room(w))
        fault = "what its texts are headed by leaves no room for them";
    if (fault)
        snprintf(why, why_size, "%s", fault);
    return !fault;
}

bool weights_map(struct weights *w, const char *path, char *why, size_t why_size)
{
    char fault[128];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t size = fd >= 0 ? file_size(fd) : -1;
    void *base = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    snprintf(fault, sizeof fault, "%s", fd < 0 || size < 0 || size > 0 ? strerror(errno) : "it is empty");
    if (fd >= 0)
        close(fd);
    if (base != MAP_FAILED && weights_read(w, base, (size_t)size, fault, sizeof fault)) {
        madvise(base, (size_t)size, MADV_DONTNEED); /* the hash has touched every page; only those in use shall count as ours */
        return true;
    }
    if (base != MAP_FAILED)
        munmap(base, (size_t)size);
    snprintf(why, why_size, "The model %s cannot be used: %s.", path, fault);
    return false;
}

void weights_unmap(struct weights *w)
{
    union {
        const void *read_only;
        void *any;
    } base = {w->header};
    munmap(base.any, w->header->size);
}
