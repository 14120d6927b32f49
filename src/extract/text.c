/* Plain text: paragraphs by blank lines, hard-wrapped lines joined, list items and underlined or capital headings recognised. */
#include <string.h>

#include "base/utf8.h"
#include "extract/charset.h"
#include "extract/lines.h"

enum { WRAP_WIDTH_MAX = 120, HEADING_BYTES_MAX = 100 };

struct prose {
    struct sink *out;
    struct buf text;  /* the paragraph so far */
    struct span last; /* its last line */
    size_t lines;
    size_t width; /* its longest line, in characters */
    enum block_kind kind;
};

static bool flush(struct prose *p)
{
    bool heading = p->kind == BLOCK_PARAGRAPH && p->lines == 1 && p->text.n <= HEADING_BYTES_MAX && line_is_capital(buf_view(&p->text));
    bool ok = p->text.failed ? sink_no_memory(p->out)
                             : sink_put(p->out, heading ? BLOCK_HEADING : p->kind, heading ? 2 : p->kind == BLOCK_LIST_ITEM, 0, buf_view(&p->text));
    buf_clear(&p->text);
    p->lines = p->width = 0;
    p->kind = BLOCK_PARAGRAPH;
    return ok;
}

/* A line was broken only for its width when the first word of the next would have gone past the paragraph's longest line. */
static bool continues(const struct prose *p, struct span line)
{
    struct span word, rest;
    if (p->lines == 0 || line.n == 0)
        return false;
    span_cut(line, ' ', &word, &rest);
    size_t width = p->width > utf8_length(line) ? p->width : utf8_length(line);
    return width <= WRAP_WIDTH_MAX && utf8_length(p->last) + 1 + utf8_length(word) > width;
}

static void add_line(struct prose *p, struct span line)
{
    size_t width = utf8_length(line);
    if (p->text.n)
        buf_char(&p->text, ' ');
    buf_span(&p->text, line);
    p->last = line;
    p->lines++;
    if (width > p->width)
        p->width = width;
}

static bool put_underlined(struct prose *p, char mark)
{
    bool ok = p->text.failed ? sink_no_memory(p->out) : sink_put(p->out, BLOCK_HEADING, mark == '=' ? 1 : 2, 0, buf_view(&p->text));
    buf_clear(&p->text);
    p->lines = p->width = 0;
    return ok;
}

static bool take_line(struct prose *p, struct span line)
{
    struct span trimmed = span_trim(line);
    char rule = line_is_rule(trimmed);
    if (trimmed.n == 0)
        return flush(p);
    if (rule)
        return (rule == '=' || rule == '-') && p->lines == 1 && p->kind == BLOCK_PARAGRAPH && p->text.n <= HEADING_BYTES_MAX ? put_underlined(p, rule)
                                                                                                                             : flush(p);
    size_t bullet = line_bullet(trimmed);
    if ((bullet || line_is_numbered(trimmed)) && !flush(p))
        return false;
    if (bullet || line_is_numbered(trimmed)) {
        p->kind = BLOCK_LIST_ITEM;
        add_line(p, span_skip(trimmed, bullet));
        return true;
    }
    if (!continues(p, trimmed) && !flush(p))
        return false;
    add_line(p, trimmed);
    return true;
}

static bool take_lines(struct prose *p, struct span text)
{
    struct span line;
    while (text.n) {
        span_cut(text, '\n', &line, &text);
        if (!take_line(p, line))
            return false;
    }
    return flush(p);
}

bool text_put(struct span text, struct sink *out)
{
    struct prose p = {.out = out, .kind = BLOCK_PARAGRAPH};
    buf_init(&p.text, (size_t)1 << 28);
    bool ok = take_lines(&p, text);
    buf_free(&p.text);
    return ok;
}

bool text_read(const struct source *in, struct sink *out)
{
    struct buf text;
    buf_init(&text, (size_t)1 << 29);
    bool ok = charset_decode(in, (struct span){0}, &text, out);
    if (ok && text.n && memchr(text.p, 0, text.n))
        ok = sink_refuse(out, EXTRACT_DAMAGED, "The file is not text: it holds zero bytes.");
    ok = ok && text_put(buf_view(&text), out);
    buf_free(&text);
    return ok;
}
