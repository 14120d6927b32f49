/* The document's text → chunks. Units (rendered blocks) are taken into the open chunk one after the other; pages, headings and bounds close it.
 * What is too large for one chunk is cut into pieces: at sentences (lines, for code), then at words, then at characters. */
#include "text/chunker.h"

#include <string.h>

#include "base/utf8.h"
#include "text/render.h"
#include "text/segment.h"
#include "text/sentences.h"

enum { HEADING_MAX = 300, LEVELS = 6 };

struct chunker {
    const struct chunker_options *options;
    struct arena *arena;
    struct span text;   /* the whole, in the arena */
    struct chunk *list; /* [capacity], the newest copy */
    size_t count, capacity;
    size_t byte, point;           /* a place in the text in both units: where the last chunk was cut */
    struct span path[LEVELS + 1]; /* the headings that stand above, by level */
    struct span lead;             /* below them, the first value of the row that is being taken, if it gets chunks of its own */
    bool failed;

    /* The open chunk. */
    bool open, has_body;
    size_t start, end, tokens;
    int32_t page, last_level; /* last_level: of the newest heading while there is no body */
    struct span heading;
    /* Headings behind the body: they go to the next chunk when this one closes before its own body comes. */
    bool trailing;
    size_t body_end, trailing_start, trailing_tokens;
};

/* Letters and digits in a row are a word, one token for each 12 or part of them; every sign and every dense character is one. */
size_t count_tokens_roughly(void *context, struct span text)
{
    (void)context;
    size_t tokens = 0, letters = 0;
    while (text.n) {
        uint32_t c;
        text = span_skip(text, utf8_next(text, &c));
        enum char_class class = char_class_of(c);
        if (class == CHAR_LETTER || class == CHAR_DIGIT) {
            tokens += letters++ % 12 == 0;
            continue;
        }
        if (class == CHAR_EXTEND)
            continue;
        letters = 0;
        tokens +=
            class == CHAR_DENSE || class == CHAR_JOIN || (c > ' ' && c != 0xA0 && c != 0x3000 && !(c >= 0x2000 && c <= 0x200B) && c != 0x2028 && c != 0x2029);
    }
    return tokens;
}

static size_t tokens_of(const struct chunker *k, size_t start, size_t end)
{
    return k->options->count(k->options->context, (struct span){k->text.p + start, end - start});
}

static struct span heading_path(struct chunker *k)
{
    struct buf joined;
    buf_init(&joined, (size_t)(LEVELS + 1) * (HEADING_MAX + 4));
    for (int level = 1; level <= LEVELS; level++) {
        if (k->path[level].n == 0)
            continue;
        if (joined.n)
            buf_str(&joined, " > ");
        buf_span(&joined, utf8_clip(k->path[level], HEADING_MAX));
    }
    if (k->lead.n && joined.n)
        buf_str(&joined, " > ");
    buf_span(&joined, utf8_clip(k->lead, HEADING_MAX));
    struct span copy = arena_copy(k->arena, utf8_clip(buf_view(&joined), HEADING_MAX));
    k->failed = k->failed || joined.failed || !copy.p;
    buf_free(&joined);
    return copy;
}

/* Code points up to a byte; places only move forward, so the text is walked once. */
static int64_t point_at(struct chunker *k, size_t byte)
{
    k->point += utf8_length((struct span){k->text.p + k->byte, byte - k->byte});
    k->byte = byte;
    return (int64_t)k->point;
}

static void push(struct chunker *k, size_t start, size_t end)
{
    if (k->count == k->capacity) {
        size_t capacity = k->capacity ? k->capacity * 2 : 16;
        struct chunk *grown = arena_array(k->arena, capacity, sizeof *grown);
        if (!grown || capacity > INT32_MAX) {
            k->failed = true;
            return;
        }
        if (k->count)
            memcpy(grown, k->list, k->count * sizeof *grown);
        k->list = grown;
        k->capacity = capacity;
    }
    struct chunk *c = &k->list[k->count];
    *c = (struct chunk){.ordinal = (int32_t)k->count, .page = k->page, .heading = k->heading, .text = {k->text.p + start, end - start}};
    c->start = point_at(k, start);
    c->end = point_at(k, end);
    k->count++;
}

/* Ends the open chunk. Headings behind its body open the next one. */
static void close_chunk(struct chunker *k)
{
    if (!k->open || k->failed)
        return;
    push(k, k->start, k->trailing ? k->body_end : k->end);
    bool carry = k->trailing;
    k->open = carry;
    k->has_body = k->trailing = false;
    if (!carry)
        return;
    k->start = k->trailing_start;
    k->tokens = k->trailing_tokens;
    k->heading = heading_path(k);
}

/* Takes [start, end) into the open chunk, or opens one with it. */
static void take(struct chunker *k, const struct unit *u, size_t start, size_t end, size_t tokens)
{
    bool heading = u->kind == BLOCK_HEADING;
    if (!k->open) {
        k->open = true;
        k->start = start;
        k->tokens = 0;
        k->page = u->page;
        k->heading = heading_path(k);
    } else if (heading && !k->has_body) {
        k->heading = heading_path(k);
    }
    if (heading && k->has_body && !k->trailing) {
        k->trailing = true;
        k->body_end = k->end;
        k->trailing_start = start;
        k->trailing_tokens = 0;
    }
    k->last_level = heading ? u->level : k->last_level;
    k->trailing_tokens += tokens;
    k->tokens += tokens;
    k->end = end;
    if (!heading) {
        k->has_body = true;
        k->trailing = false;
    }
}

/* Takes a piece that must not be parted: first closes a chunk that has no room for it. A heading with nothing under it yet gives way only when it must. */
static void take_piece(struct chunker *k, const struct unit *u, size_t start, size_t end, size_t tokens)
{
    while (k->open && !k->failed && k->tokens + tokens > k->options->max_tokens)
        close_chunk(k);
    take(k, u, start, end, tokens);
}

/* A word that is larger than a chunk, in halves until they fit. */
static void take_characters(struct chunker *k, const struct unit *u, size_t start, size_t end)
{
    size_t tokens = tokens_of(k, start, end);
    size_t half = utf8_clip((struct span){k->text.p + start, end - start}, (end - start + 1) / 2).n;
    if (tokens <= k->options->max_tokens || half == 0 || half == end - start) {
        take_piece(k, u, start, end, tokens);
        return;
    }
    take_characters(k, u, start, start + half);
    take_characters(k, u, start + half, end);
}

static bool space_at(const struct chunker *k, size_t at)
{
    char c = k->text.p[at];
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A sentence that is larger than a chunk, word by word. */
static void take_words(struct chunker *k, const struct unit *u, size_t start, size_t end)
{
    while (start < end && !k->failed) {
        size_t stop = start;
        while (stop < end && !space_at(k, stop))
            stop++;
        if (stop > start)
            take_characters(k, u, start, stop);
        start = stop < end ? stop + 1 : end;
    }
}

/* One sentence or line of a unit that is cut: goes on in the open chunk up to `target` tokens, which spreads the unit evenly over its chunks. */
static void take_sentence(struct chunker *k, const struct unit *u, struct span sentence, size_t target)
{
    size_t start = (size_t)(sentence.p - k->text.p), end = start + sentence.n, tokens = tokens_of(k, start, end);
    if (tokens > k->options->max_tokens) {
        take_words(k, u, start, end);
        return;
    }
    if (k->open && k->has_body && k->tokens >= target)
        close_chunk(k);
    take_piece(k, u, start, end, tokens);
}

static void take_lines(struct chunker *k, const struct unit *u, size_t target)
{
    struct span rest = {k->text.p + u->start, u->end - u->start}, line;
    for (bool more = true; more && !k->failed;) {
        more = span_cut(rest, '\n', &line, &rest);
        if (span_trim(line).n)
            take_sentence(k, u, line, target);
    }
}

static void take_cut(struct chunker *k, const struct unit *u)
{
    size_t max = k->options->max_tokens, all = u->tokens + (k->open ? k->tokens : 0);
    size_t parts = (all + max - 1) / max, target = (all + parts - 1) / parts;
    if (u->kind == BLOCK_CODE) {
        take_lines(k, u, target);
        return;
    }
    struct span *sentences;
    size_t count;
    if (!sentences_split((struct span){k->text.p + u->start, u->end - u->start}, k->arena, &sentences, &count)) {
        k->failed = true;
        return;
    }
    for (size_t i = 0; i < count && !k->failed; i++)
        take_sentence(k, u, sentences[i], target);
}

/* Lists and tables stay together: the tokens of the run of rows or items that starts at units[i]. */
static size_t run_tokens(const struct unit *units, size_t count, size_t i)
{
    size_t sum = 0;
    for (size_t j = i; j < count && units[j].kind == units[i].kind && units[j].page == units[i].page; j++)
        sum += units[j].tokens;
    return sum;
}

static bool keeps_together(enum block_kind kind)
{
    return kind == BLOCK_LIST_ITEM || kind == BLOCK_TABLE_ROW;
}

static void set_heading(struct chunker *k, const struct unit *u)
{
    int level = u->level < 1 ? 1 : u->level > LEVELS ? LEVELS : u->level;
    k->path[level] = (struct span){k->text.p + u->start, u->end - u->start};
    for (int deeper = level + 1; deeper <= LEVELS; deeper++)
        k->path[deeper].n = 0;
}

/* Does a heading open a new chunk? Not under a heading that has nothing else under it yet, unless it is no deeper. */
static bool heading_parts(const struct chunker *k, const struct unit *u)
{
    if (!k->has_body)
        return u->level <= 1 || u->level <= k->last_level;
    return u->level <= 2 || k->tokens >= k->options->min_tokens;
}

static void take_heading(struct chunker *k, const struct unit *u)
{
    if (k->open && heading_parts(k, u)) {
        while (k->open && !k->failed)
            close_chunk(k);
    }
    set_heading(k, u);
    if (u->tokens > k->options->max_tokens)
        take_cut(k, u);
    else
        take_piece(k, u, u->start, u->end, u->tokens);
}

/* `together`: tokens of the run that the unit begins; 0 within one. */
static void take_body(struct chunker *k, const struct unit *u, size_t together)
{
    size_t min = k->options->min_tokens, max = k->options->max_tokens;
    bool full = k->open && k->has_body && k->tokens >= min;
    if (full && (together == 0 ? !keeps_together(u->kind) : k->tokens + together > max || !keeps_together(u->kind)))
        close_chunk(k);
    size_t held = k->open ? k->tokens : 0;
    if (held + u->tokens <= max)
        take(k, u, u->start, u->end, u->tokens);
    else if (u->tokens > max || (u->kind == BLOCK_PARAGRAPH && held < min) || (k->open && !k->has_body))
        take_cut(k, u);
    else
        take_piece(k, u, u->start, u->end, u->tokens);
}

/* A row of sentences, such as a question with its answer, says enough for chunks of its own. */
static bool stands_alone(const struct chunker *k, const struct unit *u)
{
    return u->kind == BLOCK_TABLE_ROW && u->lead_end > u->lead_start && u->tokens >= k->options->min_tokens / 2;
}

/* All its chunks are headed by what its first value says. */
static void take_alone(struct chunker *k, const struct unit *u)
{
    if (k->open && k->has_body)
        close_chunk(k);
    k->lead = (struct span){k->text.p + u->lead_start, u->lead_end - u->lead_start};
    if (k->open)
        k->heading = heading_path(k);
    if (u->tokens + (k->open ? k->tokens : 0) > k->options->max_tokens)
        take_cut(k, u);
    else
        take_piece(k, u, u->start, u->end, u->tokens);
    while (k->open && !k->failed)
        close_chunk(k);
    k->lead.n = 0;
}

static void take_units(struct chunker *k, const struct unit *units, size_t count)
{
    for (size_t i = 0; i < count && !k->failed; i++) {
        const struct unit *u = &units[i];
        while (k->open && k->page != u->page && !k->failed)
            close_chunk(k);
        bool inside = i > 0 && keeps_together(u->kind) && units[i - 1].kind == u->kind && units[i - 1].page == u->page;
        if (u->kind == BLOCK_HEADING)
            take_heading(k, u);
        else if (stands_alone(k, u))
            take_alone(k, u);
        else
            take_body(k, u, inside ? 0 : keeps_together(u->kind) ? run_tokens(units, count, i) : u->tokens);
    }
    while (k->open && !k->failed)
        close_chunk(k);
}

bool chunk_document(const struct block *blocks, size_t count, const struct chunker_options *options, struct arena *arena, struct buf *text,
                    struct chunk **chunks, size_t *chunk_count)
{
    *chunks = NULL;
    *chunk_count = 0;
    struct unit *units;
    size_t unit_count;
    if (options->max_tokens == 0 || !render_blocks(blocks, count, options, arena, text, &units, &unit_count))
        return false;
    struct chunker k = {.options = options, .arena = arena, .text = arena_copy(arena, buf_view(text))};
    k.failed = !k.text.p;
    take_units(&k, units, unit_count);
    *chunks = k.list;
    *chunk_count = k.count;
    return !k.failed;
}
