/* Rich Text Format (.rtf): paragraphs, headings, list items and tables in reading order; hidden and deleted text left out; then notes, and what headers
 * and footers say, once. */
#include "extract/charset.h"
#include "extract/rtf_text.h"
#include "extract/rtf_words.h"

enum { TEXT_MAX = 1 << 28 };

static void set_font(struct rtf *x, int32_t number)
{
    bool known = number >= 0 && number < RTF_FONTS_MAX;
    rtf_flush(x);
    x->font = known ? number : -1;
    rtf_group(x)->codepage = known ? x->fonts[number] : 0;
}

/* The names of built-in styles say the level: "heading 1", "Title". */
static void end_style(struct rtf *x)
{
    struct span name = span_trim(buf_view(&x->name));
    int64_t level = 0;
    if (name.n && name.p[name.n - 1] == ';')
        name.n--;
    if (name.n > 8 && span_eq_nocase((struct span){name.p, 8}, SPAN("heading ")))
        span_to_int(span_skip(name, 8), 1, 9, &level);
    else if (span_eq_nocase(name, SPAN("title")))
        level = 1;
    if (level && x->style >= 0 && x->style < RTF_STYLES_MAX)
        x->styles[x->style] = heading_level(level);
    buf_clear(&x->name);
}

static bool open_group(struct rtf *x)
{
    rtf_flush(x);
    if (x->depth + 1 == RTF_DEPTH_MAX)
        return sink_refuse(x->out, EXTRACT_TOO_COMPLEX, "The document nests groups too deeply.");
    x->groups[x->depth + 1] = x->groups[x->depth];
    x->depth++;
    rtf_group(x)->starred = false;
    if (rtf_group(x)->purpose == FOR_STYLES)
        x->style = 0;
    x->to_skip = 0;
    return true;
}

static void close_group(struct rtf *x)
{
    rtf_flush(x);
    enum rtf_purpose inner = rtf_group(x)->purpose, outer = x->depth ? x->groups[x->depth - 1].purpose : FOR_BODY;
    if (inner == FOR_STYLES)
        end_style(x);
    else if (inner != outer && (inner == FOR_NOTE || inner == FOR_MARGIN))
        rtf_keep_aside(x);
    if (x->depth)
        x->depth--;
    x->to_skip = 0;
}

/* A word that says what its group is for. Inside of what is left out nothing else begins. */
static void begin_destination(struct rtf *x, enum rtf_action action)
{
    static const enum rtf_purpose purposes[] = {[RTF_DROPPED] = FOR_NOTHING, [RTF_FONTS] = FOR_FONTS,   [RTF_STYLES] = FOR_STYLES,
                                                [RTF_NOTE] = FOR_NOTE,       [RTF_MARGIN] = FOR_MARGIN, [RTF_LABEL] = FOR_LABEL};
    struct rtf_group *g = rtf_group(x);
    rtf_flush(x);
    g->starred = false;
    if (g->purpose == FOR_BODY || action == RTF_DROPPED)
        g->purpose = purposes[action];
}

static void begin_paragraph_format(struct rtf *x)
{
    if (rtf_group(x)->purpose != FOR_BODY)
        return;
    x->heading = x->list = x->level = 0;
    x->in_table = false;
}

static void set_style(struct rtf *x, int32_t number)
{
    if (rtf_group(x)->purpose == FOR_STYLES)
        x->style = number;
    else if (rtf_group(x)->purpose == FOR_BODY && number >= 0 && number < RTF_STYLES_MAX)
        x->heading = x->styles[number];
}

static void set_outline(struct rtf *x, int32_t level)
{
    int32_t heading = level >= 0 && level < 9 ? heading_level(level + 1) : 0;
    if (rtf_group(x)->purpose == FOR_BODY && heading)
        x->heading = heading;
    else if (rtf_group(x)->purpose == FOR_STYLES && x->style >= 0 && x->style < RTF_STYLES_MAX)
        x->styles[x->style] = heading;
}

static void set_font_charset(struct rtf *x, int32_t charset)
{
    if (rtf_group(x)->purpose == FOR_FONTS && x->font >= 0)
        x->fonts[x->font] = charset == 0 ? 1252 : charset_codepage((uint32_t)charset);
}

/* Words that change how characters look. */
static void format_characters(struct rtf *x, const struct rtf_token *t)
{
    struct rtf_group *g = rtf_group(x);
    bool on = !t->valued || t->value != 0;
    rtf_flush(x);
    if (t->action == RTF_HIDDEN)
        g->hidden = on;
    else if (t->action == RTF_DELETED)
        g->deleted = on;
    else if (t->action == RTF_BOLD)
        g->bold = on;
    else {
        g->hidden = g->deleted = g->bold = false;
        set_font(x, x->default_font);
    }
}

/* Words with a parameter. */
static void set_value(struct rtf *x, const struct rtf_token *t)
{
    bool body = rtf_group(x)->purpose == FOR_BODY;
    switch (t->action) {
    case RTF_CODEPAGE:
        x->codepage = (uint32_t)(t->value > 0 ? t->value : 1252);
        break;
    case RTF_DEFAULT_FONT:
        x->default_font = t->value;
        break;
    case RTF_FONT:
        set_font(x, t->value);
        break;
    case RTF_FONT_CHARSET:
        set_font_charset(x, t->value);
        break;
    case RTF_STYLE:
        set_style(x, t->value);
        break;
    case RTF_OUTLINE:
        set_outline(x, t->value);
        break;
    case RTF_LIST:
        x->list = body ? t->value : x->list;
        break;
    case RTF_LIST_LEVEL:
        x->level = body && t->value >= 0 && t->value < SINK_LEVEL_MAX ? t->value : x->level;
        break;
    case RTF_UNICODE_SKIP:
        rtf_group(x)->skip = t->value < 0 ? 0 : t->value;
        break;
    default:
        format_characters(x, t);
        break;
    }
}

static bool take_word(struct rtf *x, const struct rtf_token *t, struct span *rest)
{
    struct rtf_group *g = rtf_group(x);
    switch (t->action) {
    case RTF_OTHER:
        if (g->starred)
            begin_destination(x, RTF_DROPPED);
        return true;
    case RTF_STARRED:
        g->starred = true;
        return true;
    case RTF_SHOWN:
        g->starred = false;
        return true;
    case RTF_DROPPED:
    case RTF_FONTS:
    case RTF_STYLES:
    case RTF_NOTE:
    case RTF_MARGIN:
    case RTF_LABEL:
        begin_destination(x, t->action);
        return true;
    case RTF_CHARACTER:
        if (x->to_skip > 0)
            x->to_skip--;
        else
            rtf_add_character(x, (uint32_t)t->value);
        return true;
    case RTF_UNICODE:
        rtf_add_unicode(x, t->value);
        return true;
    case RTF_PARAGRAPH:
        return rtf_end_paragraph(x);
    case RTF_CELL:
        return rtf_end_cell(x);
    case RTF_ROW:
        return rtf_end_row(x);
    case RTF_ROW_BEGIN:
    case RTF_IN_TABLE:
        x->in_table = x->in_table || (g->purpose == FOR_BODY && t->action == RTF_IN_TABLE);
        return true;
    case RTF_ROW_HEADER:
        table_mark_header(&x->table);
        return true;
    case RTF_PLAIN_PARAGRAPH:
        begin_paragraph_format(x);
        return true;
    case RTF_BINARY:
        *rest = span_skip(*rest, t->value < 0 ? 0 : (size_t)t->value < rest->n ? (size_t)t->value : rest->n);
        return true;
    default:
        set_value(x, t);
        return true;
    }
}

static bool take_token(struct rtf *x, const struct rtf_token *t, struct span *rest)
{
    char byte = (char)t->value;
    switch (t->kind) {
    case RTF_OPEN:
        return open_group(x);
    case RTF_CLOSE:
        close_group(x);
        return true;
    case RTF_TEXT:
        rtf_add_bytes(x, t->text);
        return true;
    case RTF_BYTE:
        rtf_add_bytes(x, (struct span){&byte, 1});
        return true;
    default:
        return take_word(x, t, rest);
    }
}

static bool read_document(struct rtf *x, struct span rest)
{
    for (;;) {
        struct rtf_token t = rtf_next(&rest);
        if (t.kind == RTF_END)
            break;
        if (!take_token(x, &t, &rest))
            return false;
    }
    x->depth = 0;
    x->in_table = false;
    if (!rtf_end_paragraph(x))
        return false;
    if (x->notes.failed || x->margins.failed)
        return sink_no_memory(x->out);
    return rtf_put_lines(x, buf_view(&x->notes), false) && rtf_put_lines(x, buf_view(&x->margins), true);
}

bool rtf_read(const struct source *in, struct sink *out)
{
    static const size_t offsets[] = {offsetof(struct rtf, bytes), offsetof(struct rtf, text),    offsetof(struct rtf, label), offsetof(struct rtf, aside),
                                     offsetof(struct rtf, notes), offsetof(struct rtf, margins), offsetof(struct rtf, name),  offsetof(struct rtf, cell)};
    struct rtf x = {.out = out, .charsets = in->library, .codepage = 1252};
    x.groups[0].skip = 1;
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++)
        buf_init((struct buf *)(void *)((char *)&x + offsets[i]), TEXT_MAX);
    table_init(&x.table);
    bool ok = read_document(&x, in->bytes);
    table_free(&x.table);
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++)
        buf_free((struct buf *)(void *)((char *)&x + offsets[i]));
    return ok;
}
