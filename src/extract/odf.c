/* OpenDocument (ISO/IEC 26300): texts, spreadsheets and presentations are one vocabulary in the member content.xml; values stand there as displayed. */
#include <string.h>

#include "extract/ooxml.h"
#include "extract/table.h"

enum { LIST_DEPTH_MAX = SINK_LEVEL_MAX, REPEAT_MAX = 1000, NAME_SIZE = 256, NOTES_BYTES_MAX = 1 << 24 };

struct odf {
    struct part part;
    struct sink *out;
    struct buf text;  /* the paragraph under construction */
    struct buf cell;  /* the cell under construction */
    struct buf notes; /* footnotes of the paragraph, one a line */
    struct table table;
    int32_t page;
    int32_t heading;    /* level of the heading being read, 0 outside */
    int32_t list_depth; /* of open lists */
    int tables;         /* open ones; inner tables are text of the outer cell */
    int64_t cell_repeat, row_repeat, empty_cells;
    bool spreadsheet, in_note, in_title, item, row_filled;
};

/* ---- text ---- */

static void put_notes(struct odf *o)
{
    struct span rest = buf_view(&o->notes), line;
    while (span_cut(rest, '\n', &line, &rest) || line.n)
        sink_put(o->out, BLOCK_PARAGRAPH, 0, o->page, line);
    buf_clear(&o->notes);
}

/* Writes out what has been gathered: into the cell inside a table, else as a block. */
static bool end_text(struct odf *o)
{
    if (o->text.failed || o->cell.failed || o->notes.failed)
        return sink_no_memory(o->out);
    struct span text = span_trim(buf_view(&o->text));
    if (o->tables && text.n) {
        if (o->cell.n)
            buf_char(&o->cell, ' ');
        buf_span(&o->cell, text);
    } else if (text.n) {
        enum block_kind kind = o->heading || o->in_title ? BLOCK_HEADING : o->item ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH;
        int32_t level = kind == BLOCK_HEADING ? heading_level(o->heading) : kind == BLOCK_LIST_ITEM ? o->list_depth : 0;
        sink_put(o->out, kind, level, o->page, text);
        o->item = false;
    }
    buf_clear(&o->text);
    if (!o->tables)
        put_notes(o);
    return o->out->error == EXTRACT_OK;
}

static bool begin_paragraph(struct odf *o)
{
    if (o->in_note)
        return true;
    bool ok = end_text(o); /* what stood before a text box within a paragraph */
    o->heading = part_is(&o->part, "h") ? (int32_t)part_number(&o->part, "outline-level", 1, 6, 1) : 0;
    return ok;
}

static bool end_paragraph(struct odf *o)
{
    if (o->in_note) {
        buf_char(&o->notes, ' ');
        return true;
    }
    bool ok = end_text(o);
    o->heading = 0;
    return ok;
}

static struct buf *current(struct odf *o)
{
    return o->in_note ? &o->notes : &o->text;
}

/* ---- tables ---- */

static bool begin_table(struct odf *o)
{
    char name[NAME_SIZE];
    if (o->tables++ > 0)
        return true;
    buf_clear(&o->cell);
    o->empty_cells = 0;
    if (o->spreadsheet) {
        o->page++;
        if (part_attribute(&o->part, "name", name, sizeof name))
            sink_put(o->out, BLOCK_HEADING, 1, o->page, span_of(name));
    }
    table_begin(&o->table, o->page);
    return o->out->error == EXTRACT_OK;
}

static void begin_cell(struct odf *o)
{
    if (o->tables > 1)
        return;
    buf_clear(&o->cell);
    o->cell_repeat = part_number(&o->part, "number-columns-repeated", 1, SINK_CELLS_MAX, 1);
}

/* Empty cells are written when another one follows: sheets end in thousands of them. */
static void end_cell(struct odf *o)
{
    if (o->tables > 1)
        return;
    if (span_trim(buf_view(&o->cell)).n == 0) {
        o->empty_cells += o->cell_repeat;
        return;
    }
    for (; o->empty_cells > 0; o->empty_cells--)
        table_cell(&o->table, (struct span){0});
    for (int64_t i = 0; i < o->cell_repeat && i < REPEAT_MAX; i++)
        table_cell(&o->table, buf_view(&o->cell));
    o->row_filled = true;
    buf_clear(&o->cell);
}

static bool end_row(struct odf *o)
{
    if (o->tables > 1 || !o->row_filled) {
        o->empty_cells = 0;
        return true;
    }
    o->empty_cells = 0;
    o->row_filled = false;
    return table_row(&o->table, o->out);
}

static bool end_table(struct odf *o)
{
    return --o->tables > 0 ? true : table_end(&o->table, o->out);
}

/* ---- elements ---- */

static bool is_left_out(const struct odf *o)
{
    static const char *const names[] = {"annotation",           "tracked-changes", "note-citation",    "sequence-decls",  "forms",  "settings",
                                        "index-title-template", "bookmark-start",  "automatic-styles", "font-face-decls", "shapes", "title-template"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (part_is(&o->part, names[i]))
            return true;
    return false;
}

static bool begin_page(struct odf *o)
{
    o->page++;
    return end_text(o);
}

static void put_white_space(struct odf *o)
{
    if (part_is(&o->part, "s") || part_is(&o->part, "tab") || part_is(&o->part, "line-break"))
        buf_char(current(o), ' ');
}

static bool enter(struct odf *o)
{
    const struct part *part = &o->part;
    char class[32];
    put_white_space(o);
    if (part_is(part, "p") || part_is(part, "h"))
        return begin_paragraph(o);
    if (part_is(part, "table"))
        return begin_table(o);
    if (part_is(part, "table-cell") || part_is(part, "covered-table-cell"))
        begin_cell(o);
    else if (part_is(part, "list") && o->list_depth < LIST_DEPTH_MAX)
        o->list_depth++;
    else if (part_is(part, "list-item"))
        o->item = true;
    else if (part_is(part, "page"))
        return begin_page(o);
    else if (part_is(part, "frame"))
        o->in_title = part_attribute(part, "class", class, sizeof class) && strcmp(class, "title") == 0;
    else if (part_is(part, "note"))
        o->in_note = true;
    else if (part_is(part, "spreadsheet"))
        o->spreadsheet = true;
    else if (part_is(part, "table-header-rows"))
        table_mark_header(&o->table);
    return true;
}

static bool leave(struct odf *o)
{
    const struct part *part = &o->part;
    if (part_is(part, "p") || part_is(part, "h"))
        return end_paragraph(o);
    if (part_is(part, "table") && o->tables)
        return end_table(o);
    if (part_is(part, "table-row") && o->tables)
        return end_row(o);
    if ((part_is(part, "table-cell") || part_is(part, "covered-table-cell")) && o->tables)
        end_cell(o);
    else if (part_is(part, "list") && o->list_depth)
        o->list_depth--;
    else if (part_is(part, "list-item"))
        o->item = false;
    else if (part_is(part, "frame"))
        o->in_title = false;
    else if (part_is(part, "note")) {
        o->in_note = false;
        buf_char(&o->notes, '\n');
    }
    return true;
}

static bool read_content(struct odf *o)
{
    int got = 1;
    bool ok = true;
    while (ok && (got = part_next(&o->part)) == 1) {
        if (part_starts(&o->part)) {
            if (is_left_out(o)) {
                ok = part_skip(&o->part);
                continue;
            }
            ok = enter(o);
        }
        if (ok && part_ends(&o->part))
            ok = leave(o);
        buf_span(current(o), part_text(&o->part));
    }
    return ok && got == 0 && end_text(o);
}

bool odf_read(const struct source *in, struct sink *out)
{
    struct package package;
    struct odf o = {.out = out};
    if (!package_open(&package, in, out))
        return false;
    bool found = part_open(&package, "content.xml", &o.part);
    buf_init(&o.text, (size_t)1 << 28);
    buf_init(&o.cell, (size_t)1 << 28);
    buf_init(&o.notes, NOTES_BYTES_MAX);
    table_init(&o.table);
    if (found)
        read_content(&o);
    else
        sink_refuse(out, EXTRACT_DAMAGED, "The package holds no document.");
    out->pages = o.page;
    table_free(&o.table);
    buf_free(&o.notes);
    buf_free(&o.cell);
    buf_free(&o.text);
    part_close(&o.part);
    package_close(&package);
    return out->error == EXTRACT_OK;
}
