/* Markdown (CommonMark with GitHub's tables) through md4c: headings, lists, tables, code; the title out of front matter. */
#include <md4c.h>
#include <string.h>

#include "extract/charset.h"
#include "extract/entity.h"
#include "extract/table.h"

struct markdown {
    struct sink *out;
    struct buf text; /* the leaf block or cell under construction */
    struct table table;
    int32_t list_depth;
    bool in_item; /* the next text opens a list item */
    bool in_tag;  /* inside <...> of raw HTML */
    bool in_comment;
    struct {
        bool numbered;
        unsigned next;
    } lists[SINK_LEVEL_MAX + 1];
    enum block_kind kind;
};

/* Writes out what has been gathered, as `kind`. md4c ends when a callback returns non-zero. */
static int flush(struct markdown *m, enum block_kind kind, int32_t level)
{
    if (m->text.failed)
        sink_no_memory(m->out);
    bool ok = m->text.failed ? false : sink_put(m->out, kind, level, 0, buf_view(&m->text));
    buf_clear(&m->text);
    return ok ? 0 : 1;
}

static int flush_prose(struct markdown *m)
{
    if (span_trim(buf_view(&m->text)).n == 0) {
        buf_clear(&m->text);
        return 0;
    }
    bool item = m->in_item;
    m->in_item = false;
    return flush(m, item ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH, item ? m->list_depth : 0);
}

static void open_list(struct markdown *m, bool numbered, unsigned start)
{
    m->list_depth++;
    if (m->list_depth > SINK_LEVEL_MAX)
        return;
    m->lists[m->list_depth].numbered = numbered;
    m->lists[m->list_depth].next = start;
}

static void open_item(struct markdown *m)
{
    m->in_item = true;
    if (m->list_depth <= SINK_LEVEL_MAX && m->lists[m->list_depth].numbered)
        buf_printf(&m->text, "%u. ", m->lists[m->list_depth].next++);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct markdown *m = context;
    m->in_tag = m->in_comment = false;
    switch (type) {
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        if (flush_prose(m) != 0)
            return 1;
        open_list(m, type == MD_BLOCK_OL, type == MD_BLOCK_OL ? ((const MD_BLOCK_OL_DETAIL *)detail)->start : 0);
        return 0;
    case MD_BLOCK_LI:
        open_item(m);
        return 0;
    case MD_BLOCK_TABLE:
        table_begin(&m->table, 0);
        return 0;
    default:
        return 0;
    }
}

static int leave_table(MD_BLOCKTYPE type, struct markdown *m)
{
    if (type == MD_BLOCK_TH || type == MD_BLOCK_TD) {
        if (type == MD_BLOCK_TH)
            table_mark_header(&m->table);
        table_cell(&m->table, buf_view(&m->text));
        buf_clear(&m->text);
        return 0;
    }
    return type == MD_BLOCK_TR ? !table_row(&m->table, m->out) : !table_end(&m->table, m->out);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct markdown *m = context;
    switch (type) {
    case MD_BLOCK_H:
        return flush(m, BLOCK_HEADING, heading_level(((const MD_BLOCK_H_DETAIL *)detail)->level));
    case MD_BLOCK_CODE:
        return flush(m, BLOCK_CODE, 0);
    case MD_BLOCK_P:
    case MD_BLOCK_LI:
    case MD_BLOCK_HTML: {
        int stop = flush_prose(m);
        m->in_item = type == MD_BLOCK_LI ? false : m->in_item;
        return stop;
    }
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        m->list_depth--;
        return 0;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
    case MD_BLOCK_TR:
    case MD_BLOCK_TABLE:
        return leave_table(type, m);
    default:
        return 0;
    }
}

static int pass_span(MD_SPANTYPE type, void *detail, void *context)
{
    (void)type;
    (void)detail;
    (void)context;
    return 0;
}

/* Raw HTML: what stands between tags and comments. It comes in pieces, a line at most. */
static void put_html(struct markdown *m, struct span html)
{
    for (; html.n; html = span_skip(html, 1)) {
        if (m->in_comment) {
            m->in_comment = !span_starts(html, SPAN("-->"));
            m->in_tag = !m->in_comment; /* its last two characters are passed over like the end of a tag */
            continue;
        }
        if (span_starts(html, SPAN("<!--"))) {
            m->in_comment = true;
            continue;
        }
        if (html.p[0] == '<')
            m->in_tag = true;
        if (!m->in_tag)
            buf_char(&m->text, html.p[0]);
        if (html.p[0] == '>' && m->in_tag) {
            m->in_tag = false;
            buf_char(&m->text, ' ');
        }
    }
}

static int take_text(MD_TEXTTYPE type, const MD_CHAR *bytes, MD_SIZE size, void *context)
{
    struct markdown *m = context;
    struct span text = {bytes, size};
    switch (type) {
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR:
        buf_char(&m->text, ' ');
        break;
    case MD_TEXT_ENTITY:
        entity_put(&m->text, text);
        break;
    case MD_TEXT_HTML:
        put_html(m, text);
        break;
    case MD_TEXT_NULLCHAR:
        break;
    default:
        buf_span(&m->text, text);
    }
    return m->text.failed ? (sink_no_memory(m->out), 1) : 0;
}

/* Front matter is a block of "name: value" lines between two lines of ---; its title heads the document. Returns what follows it. */
static struct span take_front_matter(struct span text, struct sink *out)
{
    struct span line, rest, title = {0};
    if (!span_cut(text, '\n', &line, &rest) || !span_eq(span_trim(line), SPAN("---")))
        return text;
    while (rest.n) {
        span_cut(rest, '\n', &line, &rest);
        struct span name, value;
        if (span_eq(span_trim(line), SPAN("---")) || span_eq(span_trim(line), SPAN("..."))) {
            sink_put(out, BLOCK_HEADING, 1, 0, title);
            return rest;
        }
        if (!title.n && span_cut(line, ':', &name, &value) && span_eq_nocase(name, SPAN("title")))
            title = span_trim(value);
        if (title.n >= 2 && (title.p[0] == '"' || title.p[0] == '\'') && title.p[title.n - 1] == title.p[0])
            title = (struct span){title.p + 1, title.n - 2};
    }
    return text; /* never closed: it is no front matter */
}

static bool parse(struct markdown *m, struct span text)
{
    MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEATXHEADERS,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = pass_span,
        .leave_span = pass_span,
        .text = take_text,
    };
    if (text.n > UINT32_MAX)
        return sink_refuse(m->out, EXTRACT_TOO_LARGE, "The document is too large.");
    int result = md_parse(text.p, (MD_SIZE)text.n, &parser, m);
    if (result < 0)
        return sink_no_memory(m->out);
    return result == 0;
}

bool markdown_read(const struct source *in, struct sink *out)
{
    struct buf text;
    struct markdown m = {.out = out};
    buf_init(&text, (size_t)1 << 29);
    buf_init(&m.text, (size_t)1 << 28);
    table_init(&m.table);
    bool ok = charset_decode(in, (struct span){0}, &text, out) && parse(&m, take_front_matter(buf_view(&text), out));
    table_free(&m.table);
    buf_free(&m.text);
    buf_free(&text);
    return ok;
}
