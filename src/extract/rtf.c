/* Rich Text Format (.rtf): paragraphs, headings, list items and tables in reading order; hidden and deleted text left out; then notes, and what headers
 * and footers say, once. */
#include <string.h>

#include "extract/binary.h"
#include "extract/charset.h"
#include "extract/rtf_words.h"
#include "extract/table.h"

enum { DEPTH_MAX = 512, FONTS_MAX = 4096, STYLES_MAX = 1024, TEXT_MAX = 1 << 28, MARGIN_LINES_MAX = 64 };

/* What a group's text is for. */
enum purpose { FOR_BODY, FOR_NOTHING, FOR_FONTS, FOR_STYLES, FOR_NOTE, FOR_MARGIN, FOR_LABEL };

/* What holds inside a group, and ends with it. */
struct group {
    enum purpose purpose;
    bool starred, hidden, deleted, bold;
    uint32_t codepage;
    int32_t skip; /* characters behind \u that stand for it in older readers */
};

struct rtf {
    struct sink *out;
    void *charsets;
    struct group groups[DEPTH_MAX];
    size_t depth;
    uint32_t codepage;          /* of the document */
    uint32_t fonts[FONTS_MAX];  /* code pages by the fonts' numbers; 0: the document's */
    int32_t styles[STYLES_MAX]; /* heading levels by the styles' numbers */
    int32_t font, style;        /* being defined */
    int32_t default_font;
    struct buf bytes; /* text in a code page, not yet converted */
    uint32_t bytes_codepage;
    struct buf text;           /* the paragraph */
    struct buf label;          /* its number */
    struct buf aside;          /* the paragraph of a note or margin, while its group is open */
    struct buf notes, margins; /* lines */
    struct buf name;           /* of a style */
    struct buf cell;
    struct table table;
    bool in_table; /* the paragraph is in a cell */
    bool table_open;
    int32_t heading, list, level; /* of the paragraph; list 0: none */
    int32_t to_skip;
    uint32_t surrogate;
};

static struct group *group(struct rtf *x)
{
    return &x->groups[x->depth];
}

/* Where text goes now; NULL: nowhere. */
static struct buf *target(struct rtf *x)
{
    const struct group *g = group(x);
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

static void flush_bytes(struct rtf *x)
{
    struct buf *to = target(x);
    if (x->bytes.n && to)
        charset_put(x->charsets, x->bytes_codepage, buf_view(&x->bytes), to);
    buf_clear(&x->bytes);
}

static void add_bytes(struct rtf *x, struct span s)
{
    uint32_t codepage = group(x)->codepage ? group(x)->codepage : x->codepage;
    size_t skipped = x->to_skip < 0 ? 0 : (size_t)x->to_skip < s.n ? (size_t)x->to_skip : s.n;
    x->to_skip -= (int32_t)skipped;
    s = span_skip(s, skipped);
    if (!target(x) || s.n == 0)
        return;
    x->bytes_codepage = codepage;
    buf_span(&x->bytes, s);
    if (x->table_open && group(x)->purpose == FOR_BODY && !group(x)->bold && span_trim(s).n)
        table_mark_plain(&x->table);
}

static void add_character(struct rtf *x, uint32_t c)
{
    flush_bytes(x);
    struct buf *to = target(x);
    if (to)
        put_code_point(to, c);
}

/* \uN: a signed number of 16 bits; characters beyond come in pairs. */
static void add_unicode(struct rtf *x, int32_t value)
{
    uint32_t c = (uint32_t)value & 0xFFFF;
    x->to_skip = group(x)->skip;
    if (c >= 0xD800 && c < 0xDC00) {
        x->surrogate = c;
        return;
    }
    if (x->surrogate && c >= 0xDC00 && c < 0xE000)
        c = 0x10000 + ((x->surrogate - 0xD800) << 10) + (c - 0xDC00);
    x->surrogate = 0;
    add_character(x, c);
}

/* ---- paragraphs ---- */

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
    buf_init(&line, TEXT_MAX);
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

/* A line of a note or margin, kept for the end. */
static void keep_aside(struct rtf *x)
{
    struct buf *to = group(x)->purpose == FOR_NOTE ? &x->notes : &x->margins;
    struct span text = span_trim(buf_view(&x->aside));
    if (text.n) {
        buf_span(to, text);
        buf_char(to, '\n');
    }
    buf_clear(&x->aside);
}

static bool end_paragraph(struct rtf *x)
{
    flush_bytes(x);
    if (group(x)->purpose == FOR_NOTE || group(x)->purpose == FOR_MARGIN) {
        keep_aside(x);
        return true;
    }
    if (group(x)->purpose != FOR_BODY || group(x)->deleted)
        return true;
    if (x->in_table)
        return add_to_cell(x);
    bool ok = leave_table(x) && put_paragraph(x);
    buf_clear(&x->text);
    buf_clear(&x->label);
    return ok;
}

static bool end_cell(struct rtf *x)
{
    flush_bytes(x);
    if (group(x)->purpose != FOR_BODY)
        return true;
    bool ok = add_to_cell(x);
    table_cell(&x->table, buf_view(&x->cell));
    buf_clear(&x->cell);
    return ok;
}

static bool end_row(struct rtf *x)
{
    if (group(x)->purpose != FOR_BODY || !x->table_open)
        return true;
    return table_row(&x->table, x->out);
}

/* ---- groups and words ---- */

static void set_font(struct rtf *x, int32_t number)
{
    bool known = number >= 0 && number < FONTS_MAX;
    flush_bytes(x);
    x->font = known ? number : -1;
    group(x)->codepage = known ? x->fonts[number] : 0;
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
    if (level && x->style >= 0 && x->style < STYLES_MAX)
        x->styles[x->style] = heading_level(level);
    buf_clear(&x->name);
}

static bool open_group(struct rtf *x)
{
    flush_bytes(x);
    if (x->depth + 1 == DEPTH_MAX)
        return sink_refuse(x->out, EXTRACT_TOO_COMPLEX, "The document nests groups too deeply.");
    x->groups[x->depth + 1] = x->groups[x->depth];
    x->depth++;
    group(x)->starred = false;
    if (group(x)->purpose == FOR_STYLES)
        x->style = 0;
    x->to_skip = 0;
    return true;
}

static void close_group(struct rtf *x)
{
    flush_bytes(x);
    enum purpose inner = group(x)->purpose, outer = x->depth ? x->groups[x->depth - 1].purpose : FOR_BODY;
    if (inner == FOR_STYLES)
        end_style(x);
    else if (inner != outer && (inner == FOR_NOTE || inner == FOR_MARGIN))
        keep_aside(x);
    if (x->depth)
        x->depth--;
    x->to_skip = 0;
}

/* A word that says what its group is for. Inside of what is left out nothing else begins. */
static void begin_destination(struct rtf *x, enum rtf_action action)
{
    static const enum purpose purposes[] = {[RTF_DROPPED] = FOR_NOTHING, [RTF_FONTS] = FOR_FONTS,   [RTF_STYLES] = FOR_STYLES,
                                            [RTF_NOTE] = FOR_NOTE,       [RTF_MARGIN] = FOR_MARGIN, [RTF_LABEL] = FOR_LABEL};
    struct group *g = group(x);
    flush_bytes(x);
    g->starred = false;
    if (g->purpose == FOR_BODY || action == RTF_DROPPED)
        g->purpose = purposes[action];
}

static void begin_paragraph_format(struct rtf *x)
{
    if (group(x)->purpose != FOR_BODY)
        return;
    x->heading = x->list = x->level = 0;
    x->in_table = false;
}

static void set_style(struct rtf *x, int32_t number)
{
    if (group(x)->purpose == FOR_STYLES)
        x->style = number;
    else if (group(x)->purpose == FOR_BODY && number >= 0 && number < STYLES_MAX)
        x->heading = x->styles[number];
}

static void set_outline(struct rtf *x, int32_t level)
{
    int32_t heading = level >= 0 && level < 9 ? heading_level(level + 1) : 0;
    if (group(x)->purpose == FOR_BODY && heading)
        x->heading = heading;
    else if (group(x)->purpose == FOR_STYLES && x->style >= 0 && x->style < STYLES_MAX)
        x->styles[x->style] = heading;
}

static void set_font_charset(struct rtf *x, int32_t charset)
{
    if (group(x)->purpose == FOR_FONTS && x->font >= 0)
        x->fonts[x->font] = charset == 0 ? 1252 : charset_codepage((uint32_t)charset);
}

/* Words that change how characters look. */
static void format_characters(struct rtf *x, const struct rtf_token *t)
{
    struct group *g = group(x);
    bool on = !t->valued || t->value != 0;
    flush_bytes(x);
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
    bool body = group(x)->purpose == FOR_BODY;
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
        group(x)->skip = t->value < 0 ? 0 : t->value;
        break;
    default:
        format_characters(x, t);
        break;
    }
}

static bool take_word(struct rtf *x, const struct rtf_token *t, struct span *rest)
{
    struct group *g = group(x);
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
            add_character(x, (uint32_t)t->value);
        return true;
    case RTF_UNICODE:
        add_unicode(x, t->value);
        return true;
    case RTF_PARAGRAPH:
        return end_paragraph(x);
    case RTF_CELL:
        return end_cell(x);
    case RTF_ROW:
        return end_row(x);
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
        add_bytes(x, t->text);
        return true;
    case RTF_BYTE:
        add_bytes(x, (struct span){&byte, 1});
        return true;
    default:
        return take_word(x, t, rest);
    }
}

/* The lines of notes; of headers and footers each once, and none that only numbers pages. */
static bool put_lines(struct rtf *x, struct span lines, bool once)
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
    if (!end_paragraph(x))
        return false;
    if (x->notes.failed || x->margins.failed)
        return sink_no_memory(x->out);
    return put_lines(x, buf_view(&x->notes), false) && put_lines(x, buf_view(&x->margins), true);
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
