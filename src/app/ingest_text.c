/* Plain text → blocks, in the server itself: it is the caller's own UTF-8, bounded and checked, so there is nothing to keep away from the server. */
#include "app/ingest_internal.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { WRAPPED_BYTES = 60 }; /* a line at least this long may go on in the next */

bool looks_like_markdown(struct span text)
{
    struct span line;
    while (text.n) {
        span_cut(text, '\n', &line, &text);
        if (span_starts(line, SPAN("# ")) || span_starts(line, SPAN("## ")) || span_starts(line, SPAN("### ")) || span_starts(line, SPAN("```")) ||
            span_starts(line, SPAN("|")))
            return true;
    }
    return false;
}

/* "- ", "* ", "• ": the bytes of the mark; numbers are kept with their item, so they count 0. */
static size_t bullet(struct span line)
{
    if (span_starts(line, SPAN("- ")) || span_starts(line, SPAN("* ")))
        return 2;
    return span_starts(line, SPAN("\xE2\x80\xA2 ")) ? 4 : 0;
}

static bool is_numbered(struct span line)
{
    size_t digits = 0;
    while (digits < line.n && line.p[digits] >= '0' && line.p[digits] <= '9')
        digits++;
    return digits >= 1 && digits <= 3 && line.n > digits + 1 && (line.p[digits] == '.' || line.p[digits] == ')') && line.p[digits + 1] == ' ';
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool is_blank(struct span s)
{
    uint32_t c = ' ';
    while (s.n && is_space(c))
        s = span_skip(s, utf8_next(s, &c));
    return is_space(c);
}

static void put_clean(struct buf *out, struct span s)
{
    while (s.n) {
        uint32_t c;
        size_t used = utf8_next(s, &c);
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            if (out->n && out->p[out->n - 1] != ' ')
                buf_char(out, ' ');
        } else if (!utf8_is_hidden(c)) {
            buf_put(out, s.p, used);
        }
        s = span_skip(s, used);
    }
}

struct paragraphs {
    struct arena *arena;
    struct block *blocks; /* [room] */
    size_t count, room;
    struct buf text; /* of the block under way */
    enum block_kind kind;
    size_t last_line; /* bytes of its last line */
    bool ok;
};

static void finish(struct paragraphs *p)
{
    struct span text = span_trim(buf_view(&p->text));
    if (!is_blank(text) && p->count < p->room) {
        struct span copy = arena_copy(p->arena, text);
        p->ok = p->ok && copy.p && !p->text.failed;
        p->blocks[p->count++] = (struct block){.kind = p->kind, .level = p->kind == BLOCK_LIST_ITEM, .text = copy};
    }
    buf_clear(&p->text);
    p->kind = BLOCK_PARAGRAPH;
    p->last_line = 0;
}

static bool ends_sentence(const struct buf *b)
{
    char last = b->n ? b->p[b->n - 1] : '.';
    return last == '.' || last == '!' || last == '?' || last == ':' || last == ';';
}

static void take_line(struct paragraphs *p, struct span line)
{
    size_t mark = bullet(line);
    bool item = mark > 0 || is_numbered(line);
    if (line.n == 0 || item || p->last_line < WRAPPED_BYTES || ends_sentence(&p->text))
        finish(p);
    if (line.n == 0)
        return;
    if (item)
        p->kind = BLOCK_LIST_ITEM;
    if (p->text.n)
        buf_char(&p->text, ' ');
    put_clean(&p->text, span_skip(line, mark));
    p->last_line = line.n;
}

bool plain_text_blocks(struct span text, struct arena *arena, struct block **blocks, size_t *count)
{
    size_t lines = 1;
    for (size_t n = 0; n < text.n; n++)
        lines += text.p[n] == '\n';
    struct paragraphs p = {.arena = arena, .room = lines, .kind = BLOCK_PARAGRAPH, .ok = true};
    p.blocks = arena_array(arena, lines, sizeof *p.blocks);
    if (!p.blocks)
        return false;
    buf_init(&p.text, text.n + lines + 1);
    while (text.n) {
        struct span line;
        span_cut(text, '\n', &line, &text);
        take_line(&p, span_trim(line));
    }
    finish(&p);
    buf_free(&p.text);
    *blocks = p.blocks;
    *count = p.count;
    return p.ok;
}
