/* The text of Rich Text Format on its way out: characters into paragraphs, paragraphs into blocks, cells into rows. */
#include "extract/rtf_text.h"

#include "extract/binary.h"
#include "extract/charset.h"

enum { LINE_MAX_BYTES = 1 << 28, MARGIN_LINES_MAX = 64 };

struct rtf_group *rtf_group(struct rtf *x)
{
    return &x->groups[x->depth];
}

/* Where text goes now; NULL: nowhere. */
static struct buf *target(struct rtf *x)
{
    const struct rtf_group *g = rtf_group(x);
    if (g->hidden || g->deleted)
        return NULL;
    switch (g->purpose) {
    case FOR_BODY:
        return &x->text;
    case FOR_STYLES:
        return &x->name;
    case FOR_NOTE:
    case FOR_MARGIN:
        return &x->aside;
    case FOR_LABEL:
        return &x->label;
    default:
        return NULL;
    }
}

void rtf_flush(struct rtf *x)
{
    struct buf *to = target(x);
    if (x->bytes.n && to)
        charset_put(x->charsets, x->bytes_codepage, buf_view(&x->bytes), to);
    buf_clear(&x->bytes);
}

void rtf_add_bytes(struct rtf *x, struct span s)
{
    uint32_t codepage = rtf_group(x)->codepage ? rtf_group(x)->codepage : x->codepage;
    size_t skipped = x->to_skip < 0 ? 0 : (size_t)x->to_skip < s.n ? (size_t)x->to_skip : s.n;
    x->to_skip -= (int32_t)skipped;
    s = span_skip(s, skipped);
    if (!target(x) || s.n == 0)
        return;
    x->bytes_codepage = codepage;
    buf_span(&x->bytes, s);
    if (x->table_open && rtf_group(x)->purpose == FOR_BODY && !rtf_group(x)->bold && span_trim(s).n)
        table_mark_plain(&x->table);
}

void rtf_add_character(struct rtf *x, uint32_t c)
{
    rtf_flush(x);
    struct buf *to = target(x);
    if (to)
        put_code_point(to, c);
}

/* \uN: a signed number of 16 bits; characters beyond come in pairs. */
void rtf_add_unicode(struct rtf *x, int32_t value)
{
    uint32_t c = (uint32_t)value & 0xFFFF;
    x->to_skip = rtf_group(x)->skip;
    if (c >= 0xD800 && c < 0xDC00) {
        x->surrogate = c;
        return;
    }
    if (x->surrogate && c >= 0xDC00 && c < 0xE000)
        c = 0x10000 + ((x->surrogate - 0xD800) << 10) + (c - 0xDC00);
    x->surrogate = 0;
    rtf_add_character(x, c);
}

static bool has_alphanumeric(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= 'a' && s.p[i] <= 'z'))
            return true;
    return false;
}

/* Puts the number in front of the paragraph; a bullet says nothing. True when the paragraph is an item of a list. */
static bool take_label(struct rtf *x, struct buf *line)
{
    struct span label = span_trim(buf_view(&x->label));
    bool listed = label.n > 0 || x->list > 0;
    if (has_alphanumeric(label)) {
        buf_span(line, label);
        buf_char(line, ' ');
    }
    buf_clear(&x->label);
    return listed;
}

static bool leave_table(struct rtf *x)
{
    if (!x->table_open)
        return true;
    x->table_open = false;
    if (x->cell.n)
        table_cell(&x->table, buf_view(&x->cell));
    buf_clear(&x->cell);
    return table_row(&x->table, x->out) && table_end(&x->table, x->out);
}

static bool add_to_cell(struct rtf *x)
{
    struct span text = span_trim(buf_view(&x->text));
    if (!x->table_open)
        table_begin(&x->table, 0);
    x->table_open = true;
    if (x->cell.n && text.n)
        buf_char(&x->cell, ' ');
    if (text.n)
        take_label(x, &x->cell);
    buf_span(&x->cell, text);
    buf_clear(&x->text);
    return x->cell.failed || x->text.failed ? sink_no_memory(x->out) : true;
}

static bool put_paragraph(struct rtf *x)
{
    struct span text = span_trim(buf_view(&x->text));
    struct buf line;
    if (text.n == 0)
        return true;
    buf_init(&line, LINE_MAX_BYTES);
    bool listed = take_label(x, &line);
    buf_span(&line, text);
    enum block_kind kind = x->heading ? BLOCK_HEADING : listed ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH;
    bool ok = line.failed || x->text.failed ? sink_no_memory(x->out)
                                            : sink_put(x->out, kind,
                                                       x->heading ? x->heading
                                                       : listed   ? x->level + 1
                                                                  : 0,
                                                       0, buf_view(&line));
    buf_free(&line);
    return ok;
}

void rtf_keep_aside(struct rtf *x)
{
    struct buf *to = rtf_group(x)->purpose == FOR_NOTE ? &x->notes : &x->margins;
    struct span text = span_trim(buf_view(&x->aside));
    if (text.n) {
        buf_span(to, text);
        buf_char(to, '\n');
    }
    buf_clear(&x->aside);
}

bool rtf_end_paragraph(struct rtf *x)
{
    rtf_flush(x);
    if (rtf_group(x)->purpose == FOR_NOTE || rtf_group(x)->purpose == FOR_MARGIN) {
        rtf_keep_aside(x);
        return true;
    }
    if (rtf_group(x)->purpose != FOR_BODY || rtf_group(x)->deleted)
        return true;
    if (x->in_table)
        return add_to_cell(x);
    bool ok = leave_table(x) && put_paragraph(x);
    buf_clear(&x->text);
    buf_clear(&x->label);
    return ok;
}

bool rtf_end_cell(struct rtf *x)
{
    rtf_flush(x);
    if (rtf_group(x)->purpose != FOR_BODY)
        return true;
    bool ok = add_to_cell(x);
    table_cell(&x->table, buf_view(&x->cell));
    buf_clear(&x->cell);
    return ok;
}

bool rtf_end_row(struct rtf *x)
{
    if (rtf_group(x)->purpose != FOR_BODY || !x->table_open)
        return true;
    return table_row(&x->table, x->out);
}

bool rtf_put_lines(struct rtf *x, struct span lines, bool once)
{
    struct span seen[MARGIN_LINES_MAX], line;
    size_t count = 0;
    while (lines.n) {
        span_cut(lines, '\n', &line, &lines);
        bool known = once && (count == MARGIN_LINES_MAX || !has_alphanumeric(line) || span_to_int(line, 0, INT32_MAX, &(int64_t){0}));
        for (size_t i = 0; once && i < count; i++)
            known = known || span_eq(seen[i], line);
        if (known)
            continue;
        if (once)
            seen[count++] = line;
        if (!sink_put(x->out, BLOCK_PARAGRAPH, 0, 0, line))
            return false;
    }
    return true;
}
