/* Word documents from before 2007 (.doc): paragraphs, headings, lists and tables in reading order; deleted and hidden text left out; fields by their
 * results; then notes and text boxes, and what headers and footers say, once. Comments are left out. */
#include <string.h>

#include "extract/binary.h"
#include "extract/charset.h"
#include "extract/doc_styles.h"
#include "extract/table.h"

enum { ARENA_MAX = 256 * 1024 * 1024, TEXT_MAX = 1 << 28, FIELDS_MAX = 64, HEADERS_MAX = 64 };

/* What is known of the paragraph that ends. */
struct paragraph {
    struct doc_format format;
    bool in_table, row_end, header_row;
    bool inner; /* belongs to a table inside a cell */
};

struct doc {
    struct doc_file file;
    struct doc_styles *styles;
    struct sink *out;
    void *charsets;
    enum doc_part part;
    struct doc_run characters; /* that hold where the reading is */
    struct doc_run run;        /* of the last paragraph, which was in this piece */
    const struct doc_piece *piece;
    struct paragraph paragraph;
    bool deleted, hidden, bold;
    uint32_t codepage;  /* of bytes, before Word 97 */
    struct buf text;    /* of the paragraph */
    struct buf cell;    /* the paragraphs of the cell so far */
    struct buf line;    /* label and text */
    struct buf bytes;   /* characters of the paragraph in another code page, not yet converted */
    uint32_t surrogate; /* the first half of a pair, or 0 */
    struct table table;
    bool in_table;
    size_t fields;                 /* open ones */
    bool in_result[FIELDS_MAX];    /* of each: its separator has been seen */
    struct span seen[HEADERS_MAX]; /* [headers] different lines of headers and footers */
    size_t headers;
};

/* ---- characters ---- */

static void flush_bytes(struct doc *d)
{
    if (d->bytes.n)
        charset_put(d->charsets, d->codepage, buf_view(&d->bytes), &d->text);
    buf_clear(&d->bytes);
}

/* True when all fields around show their results here. */
static bool is_shown(const struct doc *d)
{
    for (size_t i = 0; i < d->fields && i < FIELDS_MAX; i++)
        if (!d->in_result[i])
            return false;
    return d->fields <= FIELDS_MAX;
}

static void add_unit(struct doc *d, uint32_t c)
{
    if (c >= 0xD800 && c < 0xDC00) {
        d->surrogate = c;
        return;
    }
    if (d->surrogate && c >= 0xDC00 && c < 0xE000)
        c = 0x10000 + ((d->surrogate - 0xD800) << 10) + (c - 0xDC00);
    d->surrogate = 0;
    put_code_point(&d->text, c);
}

static void add_character(struct doc *d, uint32_t c, bool wide)
{
    if (d->in_table && !d->bold && c > ' ')
        table_mark_plain(&d->table);
    if (wide)
        add_unit(d, c);
    else if (d->file.old && d->codepage != 1252 && c >= 0x80)
        buf_char(&d->bytes, (char)c);
    else if (d->bytes.n) /* a double-byte character may end below 0x80 */
        buf_char(&d->bytes, (char)c);
    else
        put_code_point(&d->text, cp1252_code_point((unsigned char)c));
}

static void apply_to_characters(struct doc *d, const struct doc_change *c)
{
    bool on = (c->value & 1) != 0;
    if (c->property == DOC_DELETED)
        d->deleted = on;
    else if (c->property == DOC_HIDDEN)
        d->hidden = on;
    else if (c->property == DOC_BOLD)
        d->bold = on;
    else if (c->property == DOC_FONT)
        d->codepage = doc_font_codepage(&d->file, c->value);
}

/* Looks up the properties of the characters from here on. */
static void look_up(struct doc *d, const struct doc_piece *p, uint32_t at)
{
    struct span list;
    struct doc_change c;
    d->characters = doc_run_at(&d->file, DOC_CHARACTER_PAGES, at);
    d->deleted = d->hidden = d->bold = false;
    flush_bytes(d);
    d->codepage = d->file.codepage;
    for (struct span own = d->characters.changes; doc_change_next(&d->file, &own, &c);)
        apply_to_characters(d, &c);
    doc_piece_changes(&d->file, p, &list, &c);
    apply_to_characters(d, &c);
    while (doc_change_next(&d->file, &list, &c))
        apply_to_characters(d, &c);
}

/* ---- paragraphs ---- */

static void apply_to_paragraph(struct doc *d, struct paragraph *p, const struct doc_change *c)
{
    switch (c->property) {
    case DOC_STYLE:
        p->format = doc_style_format(d->styles, c->value);
        break;
    case DOC_OUTLINE:
        p->format.heading = p->format.heading ? p->format.heading : doc_outline_heading(c->value);
        break;
    case DOC_LIST:
        p->format.list = (int32_t)(c->value & 0xFFFF);
        break;
    case DOC_LIST_LEVEL:
        p->format.level = (int32_t)(c->value & 0xFF);
        break;
    case DOC_IN_TABLE:
        p->in_table = c->value & 1;
        break;
    case DOC_ROW_END:
        p->row_end = c->value & 1;
        break;
    case DOC_ROW_IS_HEADER:
        p->header_row = c->value & 1;
        break;
    case DOC_NESTING:
        p->inner = c->value > 1;
        break;
    default:
        break;
    }
}

/* The paragraph whose mark is at this offset. Many are alike side by side. */
static const struct paragraph *paragraph_at(struct doc *d, const struct doc_piece *piece, uint32_t at)
{
    if (piece == d->piece && at >= d->run.from && at < d->run.to)
        return &d->paragraph;
    struct span list;
    struct doc_change c;
    d->piece = piece;
    d->run = doc_run_at(&d->file, DOC_PARAGRAPH_PAGES, at);
    d->paragraph = (struct paragraph){.format = doc_style_format(d->styles, d->run.style)};
    for (struct span own = d->run.changes; doc_change_next(&d->file, &own, &c);)
        apply_to_paragraph(d, &d->paragraph, &c);
    doc_piece_changes(&d->file, piece, &list, &c);
    apply_to_paragraph(d, &d->paragraph, &c);
    while (doc_change_next(&d->file, &list, &c))
        apply_to_paragraph(d, &d->paragraph, &c);
    return &d->paragraph;
}

/* Headers and footers repeat from section to section, and many only number the pages. */
static bool is_news(struct doc *d, struct span line)
{
    bool wordy = false;
    for (size_t i = 0; i < line.n; i++)
        wordy = wordy || (line.p[i] >= 'a' && line.p[i] <= 'z') || (line.p[i] >= 'A' && line.p[i] <= 'Z') || (unsigned char)line.p[i] >= 0x80;
    for (size_t i = 0; i < d->headers; i++)
        if (span_eq(d->seen[i], line))
            return false;
    struct span kept = wordy && d->headers < HEADERS_MAX ? arena_copy(d->file.arena, line) : (struct span){0};
    if (kept.p)
        d->seen[d->headers++] = kept;
    return kept.p != NULL;
}

/* A paragraph outside of tables. */
static bool put_paragraph(struct doc *d, const struct doc_format *f)
{
    struct span text = span_trim(buf_view(&d->text));
    bool repeats = d->part == DOC_HEADERS || d->part == DOC_HEADER_BOXES;
    if (d->text.failed)
        return sink_no_memory(d->out);
    if (text.n == 0 || (repeats && !is_news(d, text)))
        return true;
    buf_clear(&d->line);
    bool listed = doc_styles_label(d->styles, f->list, f->level, &d->line);
    buf_span(&d->line, text);
    if (d->line.failed)
        return sink_no_memory(d->out);
    int32_t heading = d->part == DOC_MAIN ? f->heading : 0;
    enum block_kind kind = heading ? BLOCK_HEADING : listed ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH;
    return sink_put(d->out, kind, heading ? heading : listed ? f->level + 1 : 0, 0, buf_view(&d->line));
}

/* A paragraph in a cell; its label belongs to the text. */
static bool add_to_cell(struct doc *d, const struct doc_format *f)
{
    struct span text = span_trim(buf_view(&d->text));
    if (text.n == 0)
        return true;
    if (d->cell.n)
        buf_char(&d->cell, ' ');
    doc_styles_label(d->styles, f->list, f->level, &d->cell);
    buf_span(&d->cell, text);
    return d->cell.failed || d->text.failed ? sink_no_memory(d->out) : true;
}

static bool leave_table(struct doc *d)
{
    if (!d->in_table)
        return true;
    d->in_table = false;
    if (d->cell.n)
        table_cell(&d->table, buf_view(&d->cell));
    buf_clear(&d->cell);
    return table_row(&d->table, d->out) && table_end(&d->table, d->out);
}

static bool end_row(struct doc *d, const struct paragraph *p)
{
    if (p->header_row)
        table_mark_header(&d->table);
    return table_row(&d->table, d->out);
}

/* A paragraph, a cell or a row ends here. */
static bool end_paragraph(struct doc *d, const struct paragraph *p, bool cell_mark)
{
    bool ok = true;
    flush_bytes(d);
    if (!p->in_table) {
        ok = leave_table(d) && put_paragraph(d, &p->format);
    } else {
        if (!d->in_table)
            table_begin(&d->table, 0);
        d->in_table = true;
        ok = add_to_cell(d, &p->format);
        if (ok && cell_mark && p->row_end)
            ok = end_row(d, p);
        else if (cell_mark && !p->inner) {
            table_cell(&d->table, buf_view(&d->cell));
            buf_clear(&d->cell);
        }
    }
    buf_clear(&d->text);
    d->surrogate = 0;
    return ok;
}

/* ---- the text ---- */

static void take_field_mark(struct doc *d, uint32_t c)
{
    enum { BEGIN = 0x13, SEPARATOR = 0x14 };
    if (c == BEGIN) {
        if (d->fields < FIELDS_MAX)
            d->in_result[d->fields] = false;
        d->fields++;
    } else if (d->fields == 0) {
        return;
    } else if (c == SEPARATOR) {
        if (d->fields <= FIELDS_MAX)
            d->in_result[d->fields - 1] = true;
    } else {
        d->fields--;
    }
}

static bool take_character(struct doc *d, const struct doc_piece *p, uint32_t c, uint32_t at)
{
    enum { CELL = 0x07, TAB = 0x09, LINE = 0x0B, PAGE = 0x0C, PARAGRAPH = 0x0D, COLUMN = 0x0E, HYPHEN = 0x1E };
    if (d->deleted)
        return true;
    if (c >= 0x13 && c <= 0x15) {
        flush_bytes(d);
        take_field_mark(d, c);
        return true;
    }
    if (c == CELL || ((c == PARAGRAPH || c == PAGE) && is_shown(d)))
        return end_paragraph(d, paragraph_at(d, p, at), c == CELL);
    if (d->hidden || !is_shown(d))
        return true;
    if (c == HYPHEN)
        c = '-';
    if (c == TAB || c == LINE || c == COLUMN)
        c = ' ';
    if (c >= ' ')
        add_character(d, c, p->wide);
    return true;
}

static bool take_piece(struct doc *d, const struct doc_piece *p, uint32_t from, uint32_t to)
{
    const struct span main = d->file.main;
    for (uint32_t i = from; i < to; i++) {
        uint32_t at = p->at + (i - p->from) * (p->wide ? 2 : 1);
        if (i == from || at < d->characters.from || at >= d->characters.to)
            look_up(d, p, at);
        if (!take_character(d, p, p->wide ? le16(main, at) : le8(main, at), at))
            return false;
    }
    return true;
}

/* One part of the text: the characters [from, to). */
static bool read_part(struct doc *d, enum doc_part part, uint32_t from, uint32_t to)
{
    static const struct paragraph last;
    d->part = part;
    d->fields = 0;
    for (size_t i = 0; i < d->file.piece_count; i++) {
        const struct doc_piece *p = &d->file.pieces[i];
        uint32_t begin = p->from > from ? p->from : from, end = p->to < to ? p->to : to;
        if (begin < end && !take_piece(d, p, begin, end))
            return false;
    }
    return end_paragraph(d, &last, false);
}

static bool read_parts(struct doc *d)
{
    static const enum doc_part order[] = {DOC_MAIN, DOC_FOOTNOTES, DOC_ENDNOTES, DOC_BOXES, DOC_HEADERS, DOC_HEADER_BOXES};
    uint32_t from[DOC_PARTS + 1] = {0};
    for (size_t i = 0; i < DOC_PARTS; i++)
        from[i + 1] = from[i] + d->file.length[i];
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (d->file.length[order[i]] && !read_part(d, order[i], from[order[i]], from[order[i] + 1]))
            return false;
    return true;
}

bool doc_read(const struct source *in, struct sink *out)
{
    struct doc d = {.out = out, .charsets = in->library};
    struct arena *arena = arena_new(ARENA_MAX);
    if (!arena)
        return sink_no_memory(out);
    buf_init(&d.text, TEXT_MAX);
    buf_init(&d.cell, TEXT_MAX);
    buf_init(&d.line, TEXT_MAX);
    buf_init(&d.bytes, TEXT_MAX);
    table_init(&d.table);
    bool ok = doc_open(&d.file, in, arena, out) && (d.styles = doc_styles_read(&d.file)) && read_parts(&d);
    table_free(&d.table);
    buf_free(&d.bytes);
    buf_free(&d.line);
    buf_free(&d.cell);
    buf_free(&d.text);
    arena_free(arena);
    return ok;
}
