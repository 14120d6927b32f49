/* Word documents (.docx): paragraphs, headings, lists and tables in reading order; tracked changes as accepted; text boxes once; notes last. Comments,
 * and page headers and footers, which repeat on every page, are left out. */
#include <string.h>

#include "extract/docx_reader.h"

/* Elements whose content is not part of the text as it reads now. */
static bool is_hidden(const struct part *part)
{
    static const char *const names[] = {"del",        "moveFrom",  "Fallback", "sectPr",  "pPrChange",   "rPrChange", "tblPrChange", "trPrChange",
                                        "tcPrChange", "instrText", "delText",  "tblGrid", "oMathParaPr", "rt",        "ctrlPr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (part_is(part, names[i]))
            return true;
    return false;
}

static bool begin_paragraph(struct docx *d)
{
    if (d->nested == NESTED_MAX)
        return sink_refuse(d->out, EXTRACT_TOO_COMPLEX, "The document nests text boxes too deeply.");
    struct paragraph *p = &d->paragraphs[d->nested++];
    buf_clear(&p->text);
    p->style[0] = '\0';
    p->format = (struct paragraph_format){-1, -1, -1};
    p->initial = false;
    d->equation_end = 0;
    return true;
}

/* In a table the paragraph is a piece of the cell. */
static void add_to_cell(struct docx *d, struct span text)
{
    struct buf *cell = &d->tables[d->table_depth - 1].cell;
    if (cell->n && text.n)
        buf_char(cell, ' ');
    buf_span(cell, text);
}

static bool put_paragraph(struct docx *d, struct paragraph *p)
{
    struct paragraph_format *f = &p->format;
    docx_styles_apply(d->styles, p->style, f);
    if (span_trim(buf_view(&p->text)).n == 0)
        return true;
    if (p->initial) {
        buf_span(&d->initial, buf_view(&p->text));
        return true;
    }
    buf_clear(&d->line);
    bool listed = f->list > 0 && docx_styles_label(d->styles, f->list, f->depth, &d->line);
    buf_span(&d->line, buf_view(&d->initial));
    buf_clear(&d->initial);
    buf_span(&d->line, buf_view(&p->text));
    if (d->line.failed || p->text.failed)
        return sink_no_memory(d->out);
    if (d->table_depth) {
        add_to_cell(d, buf_view(&d->line));
        return true;
    }
    enum block_kind kind = f->heading ? BLOCK_HEADING : listed ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH;
    return sink_put(d->out, kind, f->heading ? f->heading : listed ? f->depth + 1 : 0, 0, buf_view(&d->line));
}

static bool end_paragraph(struct docx *d)
{
    if (d->nested == 0)
        return true;
    d->nested--;
    return put_paragraph(d, &d->paragraphs[d->nested]);
}

static bool begin_table(struct docx *d)
{
    if (d->table_depth == NESTED_MAX)
        return sink_refuse(d->out, EXTRACT_TOO_COMPLEX, "The document nests tables too deeply.");
    struct table_frame *t = &d->tables[d->table_depth++];
    buf_clear(&t->cell);
    t->span = 1;
    t->rows = ROWS_ONE;
    if (d->table_depth == 1)
        table_begin(&d->table, 0);
    return true;
}

static void end_cell(struct docx *d)
{
    struct table_frame *t = &d->tables[d->table_depth - 1];
    if (d->table_depth == 1) {
        if (t->rows == ROWS_NEXT)
            table_cell_again(&d->table, (uint32_t)t->span);
        else
            table_cell_kept(&d->table, buf_view(&t->cell), (uint32_t)t->span);
        buf_clear(&t->cell);
    } else if (t->cell.n) {
        buf_str(&t->cell, " ");
    }
    t->span = 1;
    t->rows = ROWS_ONE;
}

static bool end_table(struct docx *d)
{
    d->table_depth--;
    if (d->table_depth == 0)
        return table_end(&d->table, d->out);
    add_to_cell(d, buf_view(&d->tables[d->table_depth].cell));
    return true;
}

/* w:pPr: style, outline level and list of the paragraph. */
static void read_property(struct docx *d)
{
    struct part *part = &d->part;
    if (!d->nested)
        return;
    struct paragraph *p = &d->paragraphs[d->nested - 1];
    if (part_is(part, "pStyle"))
        part_attribute(part, "val", p->style, sizeof p->style);
    else if (part_is(part, "outlineLvl")) {
        int64_t level = part_number(part, "val", 0, 9, 9);
        p->format.heading = level == 9 ? 0 : heading_level(level + 1);
    } else if (part_is(part, "numId"))
        p->format.list = (int32_t)part_number(part, "val", 0, INT32_MAX, 0);
    else if (part_is(part, "ilvl"))
        p->format.depth = (int32_t)part_number(part, "val", 0, DOCX_LEVELS - 1, 0);
    else if (part_is(part, "framePr")) {
        char kind[8];
        p->initial = part_attribute(part, "dropCap", kind, sizeof kind) && strcmp(kind, "none") != 0;
    }
}

/* Characters that are elements. */
static void read_character(struct docx *d)
{
    static const struct {
        const char *name, *text;
    } characters[] = {{"tab", " "}, {"ptab", " "}, {"br", " "}, {"cr", " "}, {"noBreakHyphen", "-"}};
    struct buf *text = docx_current_text(d);
    for (size_t i = 0; text && i < sizeof characters / sizeof *characters; i++)
        if (part_is(&d->part, characters[i].name))
            buf_str(text, characters[i].text);
}

static bool is_on(struct part *part)
{
    char value[8];
    return !part_attribute(part, "val", value, sizeof value) || (strcmp(value, "0") != 0 && strcmp(value, "false") != 0);
}

static bool start_block(struct docx *d, bool *known)
{
    struct part *part = &d->part;
    *known = true;
    if (part_is(part, "altChunk"))
        return docx_read_chunk(d);
    if (part_is(part, "p"))
        return begin_paragraph(d);
    if (part_is(part, "tbl"))
        return begin_table(d);
    *known = false;
    return true;
}

static void start_run_or_cell(struct docx *d)
{
    struct part *part = &d->part;
    if (part_is(part, "r"))
        d->bold = d->vanished = false;
    else if (part_is(part, "b"))
        d->bold = is_on(part);
    else if (part_is(part, "vanish"))
        d->vanished = is_on(part);
    else if (part_is(part, "sym"))
        docx_read_symbol(d);
    else if (part_is(part, "t"))
        d->in_text = !part_ends(part);
    else if (part_is(part, "tblHeader") && d->table_depth == 1)
        table_mark_header(&d->table);
    else if (part_is(part, "gridSpan") && d->table_depth)
        d->tables[d->table_depth - 1].span = part_number(part, "val", 1, 64, 1);
    else if (part_is(part, "vMerge") && d->table_depth) {
        char kind[12];
        part_attribute(part, "val", kind, sizeof kind);
        d->tables[d->table_depth - 1].rows = strcmp(kind, "restart") == 0 ? ROWS_FIRST : ROWS_NEXT;
    } else if (part_is(part, "gridBefore") && d->table_depth == 1) {
        for (int64_t i = part_number(part, "val", 0, 64, 0); i > 0; i--)
            table_cell(&d->table, (struct span){0});
    } else
        read_character(d);
}

static bool start_element(struct docx *d)
{
    struct part *part = &d->part;
    bool known;
    if (part_is(part, "sdtPr"))
        return docx_read_control(d);
    if (part_is(part, "oMath") && d->nested)
        return docx_read_equation(d);
    if (is_hidden(part))
        return part_skip(part);
    if (part_is(part, "sdtContent") && d->checkbox) {
        d->checkbox = false;
        return part_skip(part);
    }
    if (d->in_properties) {
        read_property(d);
        return true;
    }
    if (part_is(part, "pPr")) {
        d->in_properties = !part_ends(part);
        return true;
    }
    if (!start_block(d, &known) || (!known && !docx_read_drawing(d, &known)))
        return false;
    if (!known)
        start_run_or_cell(d);
    return true;
}

static bool end_element(struct docx *d)
{
    struct part *part = &d->part;
    if (part_is(part, "pPr"))
        d->in_properties = false;
    else if (part_is(part, "t"))
        d->in_text = false;
    else if (part_is(part, "p"))
        return end_paragraph(d);
    else if (d->table_depth && part_is(part, "tc"))
        end_cell(d);
    else if (d->table_depth == 1 && part_is(part, "tr"))
        return table_row(&d->table, d->out);
    else if (d->table_depth && part_is(part, "tbl"))
        return end_table(d);
    return true;
}

static void take_text(struct docx *d)
{
    struct buf *text = docx_current_text(d);
    if (!text || !d->in_text || d->vanished)
        return;
    buf_span(text, part_text(&d->part));
    if (d->table_depth && !d->bold)
        table_mark_plain(&d->table);
}

/* Elements that are read whole, with their end. */
static bool is_passed(const struct docx *d)
{
    return is_hidden(&d->part) || part_is(&d->part, "sdtPr") || (d->nested && part_is(&d->part, "oMath")) || (d->checkbox && part_is(&d->part, "sdtContent"));
}

static bool read_part(struct docx *d, const char *name)
{
    struct relation *relations;
    if (!relations_read(&d->package, name, d->arena, &relations))
        return false;
    d->relations = relations;
    if (!part_open(&d->package, name, &d->part))
        return d->out->error == EXTRACT_OK;
    int got;
    bool ok = true;
    d->nested = d->table_depth = 0;
    d->in_text = d->in_properties = d->checkbox = false;
    while (ok && (got = part_next(&d->part)) == 1) {
        bool starts = part_starts(&d->part), passed = starts && is_passed(d);
        if (starts)
            ok = start_element(d);
        else
            take_text(d);
        if (ok && !passed && part_ends(&d->part))
            ok = end_element(d);
    }
    part_close(&d->part);
    return ok && d->out->error == EXTRACT_OK;
}

static bool read_notes(struct docx *d, const struct relation *relations)
{
    static const char *const notes[] = {"/footnotes", "/endnotes"};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        const char *name = relation_of_type(relations, notes[i]);
        if (name && !read_part(d, name))
            return false;
    }
    return true;
}

static bool read_parts(struct docx *d)
{
    char main_part[PART_NAME_SIZE];
    struct relation *relations;
    if (!package_related(&d->package, "", "/officeDocument", main_part))
        span_to_cstr(SPAN("word/document.xml"), main_part, sizeof main_part);
    if (package_find(&d->package, main_part) < 0)
        return sink_refuse(d->out, EXTRACT_DAMAGED, "The package holds no Word document.");
    d->styles = docx_styles_read(&d->package, main_part, d->arena);
    return d->styles && relations_read(&d->package, main_part, d->arena, &relations) && read_part(d, main_part) && read_notes(d, relations) &&
           d->out->error == EXTRACT_OK;
}

static void free_texts(struct docx *d)
{
    for (size_t i = 0; i < NESTED_MAX; i++) {
        buf_free(&d->paragraphs[i].text);
        buf_free(&d->tables[i].cell);
    }
    buf_free(&d->line);
    buf_free(&d->initial);
    table_free(&d->table);
}

bool docx_read(const struct source *in, struct sink *out)
{
    enum { TEXT_MAX = 1 << 28 };
    struct docx d = {.out = out, .arena = arena_new(ARENA_MAX)};
    if (!d.arena)
        return sink_no_memory(out);
    for (size_t i = 0; i < NESTED_MAX; i++) {
        buf_init(&d.paragraphs[i].text, TEXT_MAX);
        buf_init(&d.tables[i].cell, TEXT_MAX);
    }
    buf_init(&d.line, TEXT_MAX);
    buf_init(&d.initial, TEXT_MAX);
    table_init(&d.table);
    bool ok = package_open(&d.package, in, out) && read_parts(&d);
    package_close(&d.package);
    free_texts(&d);
    arena_free(d.arena);
    return ok;
}
