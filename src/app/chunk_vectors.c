/* Chunks by length, batch by batch, through the encoder. The text of a chunk is headed by the document's title and by as much of its heading path as the
 * encoder has room for. What stands in a document many times, word for word, is embedded once.
 *
 * A chunk that is longer than the encoder reads, since it was cut for another one, has the mean of its parts: none of its text is left out. Only of a
 * language that the encoder does not know, where vectors count for little, the rest is not looked at. */
#include "app/chunk_vectors.h"

#include <stdlib.h>
#include <string.h>

#include "app/vector_sum.h"
#include "base/utf8.h"

enum { BATCH = 16 };

struct input {
    struct span text; /* as embedded */
    size_t chunk;     /* index of its chunk */
    size_t tokens;
    float ratio;
};

struct making {
    const struct embed_model *model;
    struct embed_scratch *scratch;
    struct arena *arena;
    struct span title; /* empty where it does not tell */
    size_t title_tokens;
    size_t room; /* of a text, in tokens */
};

static size_t tokens_of(const struct embed_model *model, struct span text)
{
    struct embed_count count;
    embed_count(model, text, &count);
    return count.tokens;
}

/* The path without its outermost heading; empty at the end. */
static struct span inner(struct span path)
{
    ptrdiff_t at = span_find(path, SPAN(" > "));
    return at < 0 ? (struct span){path.p, 0} : span_skip(path, (size_t)at + 3);
}

/* As many of the innermost headings as fit in `room` tokens. */
static struct span fitting_heading(const struct embed_model *model, struct span heading, size_t room)
{
    while (heading.n && tokens_of(model, heading) > room)
        heading = inner(heading);
    return heading;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* A title of two words or more says what the document is about, which its later chunks often do not; an id or a number says nothing and would only dilute. */
static struct span telling_title(struct span title)
{
    size_t words = 0, letters = 0;
    for (size_t i = 0; i <= title.n; i++) {
        bool letter = i < title.n && is_letter(title.p[i]);
        letters = letter ? letters + 1 : 0;
        words += letters == 3;
    }
    return words > 1 ? title : (struct span){title.p, 0};
}

/* File names join words where prose has spaces. */
static size_t put_line(char *out, struct span line)
{
    for (size_t i = 0; i < line.n; i++)
        out[i] = line.p[i] == '_' ? ' ' : line.p[i];
    out[line.n] = '\n';
    return line.n ? line.n + 1 : 0;
}

static bool make_input(const struct making *m, const struct chunk *chunk, size_t number, struct input *in)
{
    struct embed_count count;
    embed_count(m->model, chunk->text, &count);
    size_t room = count.tokens < m->room ? m->room - count.tokens : 0;
    struct span heading = fitting_heading(m->model, chunk->heading, room);
    size_t heading_tokens = tokens_of(m->model, heading);
    bool titled = m->title_tokens + heading_tokens <= room;
    char *p = arena_alloc(m->arena, m->title.n + 1 + heading.n + 1 + chunk->text.n);
    if (!p)
        return false;
    size_t n = titled ? put_line(p, m->title) : 0;
    n += put_line(p + n, heading);
    memcpy(p + n, chunk->text.p, chunk->text.n);
    float ratio = count.words ? (float)count.pieces / (float)count.words : 1;
    *in = (struct input){{p, n + chunk->text.n}, number, count.tokens + heading_tokens + (titled ? m->title_tokens : 0), ratio};
    return true;
}

/* Equal texts come together. */
static int shortest_first(const void *a, const void *b)
{
    const struct input *x = a, *y = b;
    if (x->tokens != y->tokens)
        return (x->tokens > y->tokens) - (x->tokens < y->tokens);
    if (x->text.n != y->text.n)
        return (x->text.n > y->text.n) - (x->text.n < y->text.n);
    int order = memcmp(x->text.p, y->text.p, x->text.n);
    if (order)
        return order;
    return (x->chunk > y->chunk) - (x->chunk < y->chunk);
}

/* The longest beginning that fits, or nearly so; at least one character. It ends before a space where there is one in its second half. */
static struct span fitting_part(const struct making *m, struct span text)
{
    struct span part = text;
    for (size_t tokens; part.n > 1 && (tokens = tokens_of(m->model, part)) > m->room;) {
        part = utf8_clip(part, part.n * m->room / (tokens + tokens / 32 + 1));
        size_t space = part.n;
        while (space > part.n / 2 && part.p[space - 1] != ' ' && part.p[space - 1] != '\n')
            space--;
        part.n = space > part.n / 2 ? space : part.n;
    }
    return part.n ? part : (struct span){text.p, utf8_offset(text, 1)};
}

/* Weighed by their lengths. */
static void embed_parts(const struct making *m, struct span text, struct embed_vector *out)
{
    float sum[EMBED_DIMENSIONS] = {0};
    while (text.n) {
        struct embed_vector v;
        struct span part = fitting_part(m, text);
        embed_texts(m->model, m->scratch, EMBED_PASSAGE, &part, 1, &v);
        for (size_t i = 0; i < EMBED_DIMENSIONS; i++)
            sum[i] += (float)v.values[i] * v.scale * (float)part.n;
        text = span_skip(text, part.n);
    }
    vector_of_sum(sum, out);
}

static bool embed_batch(const struct making *m, const struct input *inputs, size_t count, struct span *blobs)
{
    struct span texts[BATCH] = {{NULL, 0}};
    struct embed_vector vectors[BATCH];
    for (size_t i = 0; i < count; i++)
        texts[i] = inputs[i].text;
    embed_texts(m->model, m->scratch, EMBED_PASSAGE, texts, count, vectors);
    for (size_t i = 0; i < count; i++) {
        if (inputs[i].tokens > m->room && inputs[i].ratio < FOREIGN_RATIO)
            embed_parts(m, texts[i], &vectors[i]);
        struct stored_vector stored = {vectors[i], inputs[i].ratio};
        char blob[VECTOR_BLOB_BYTES];
        vector_encode(&stored, blob);
        blobs[inputs[i].chunk] = arena_copy(m->arena, (struct span){blob, sizeof blob});
        if (!blobs[inputs[i].chunk].p)
            return false;
    }
    return true;
}

/* Takes the next inputs with different texts, at most BATCH; copies of the last one taken are left out. How many inputs were passed. */
static size_t take_batch(const struct input *inputs, size_t count, struct input batch[BATCH], size_t *taken)
{
    size_t at = 0;
    for (*taken = 0; at < count; at++) {
        bool copy = *taken && span_eq(inputs[at].text, batch[*taken - 1].text);
        if (!copy && *taken == BATCH)
            break;
        if (!copy)
            batch[(*taken)++] = inputs[at];
    }
    return at;
}

static void share_with_copies(const struct input *inputs, size_t count, struct span *blobs)
{
    for (size_t i = 1; i < count; i++) {
        if (!blobs[inputs[i].chunk].p)
            blobs[inputs[i].chunk] = blobs[inputs[i - 1].chunk];
    }
}

bool chunk_vectors(const struct embed_model *model, struct embed_scratch *scratch, struct span title, const struct chunk *chunks, size_t count,
                   struct arena *arena, chunk_vectors_watch *watch, void *context, struct span **blobs)
{
    struct making m = {model, scratch, arena, telling_title(title), 0, embed_room(model)};
    m.title_tokens = tokens_of(model, m.title);
    struct input *inputs = arena_array(arena, count, sizeof *inputs);
    *blobs = arena_array(arena, count, sizeof **blobs);
    if (!inputs || !*blobs)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!make_input(&m, &chunks[i], i, &inputs[i]))
            return false;
    }
    qsort(inputs, count, sizeof *inputs, shortest_first);
    for (size_t i = 0, n; i < count; i += n) {
        struct input batch[BATCH];
        size_t taken;
        n = take_batch(inputs + i, count - i, batch, &taken);
        if (!watch(context, i) || !embed_batch(&m, batch, taken, *blobs))
            return false;
        share_with_copies(inputs + i, n, *blobs);
    }
    return true;
}
