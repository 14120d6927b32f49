/* PowerPoint decks (.pptx): each slide a page by its number in the deck; the title first, then shapes, tables, charts and diagrams in their order,
 * then the speaker's notes. Hidden slides, and what the master repeats on every slide (date, footer, number), are left out. */
#include <stdio.h>
#include <string.h>

#include "extract/ooxml_chart.h"
#include "extract/ooxml_math.h"
#include "extract/ooxml_picture.h"
#include "extract/table.h"

enum { ARENA_MAX = 64 * 1024 * 1024, PARAGRAPH_MAX = 1 << 24 };

/* What is taken out of a part. */
enum pass { PASS_TITLE, PASS_BODY, PASS_NOTES };

/* What a shape is for, by its placeholder. */
enum role { ROLE_FREE, ROLE_TITLE, ROLE_BODY, ROLE_DROPPED };

struct pptx {
    struct package package;
    struct sink *out;
    struct arena *arena;
    struct part *part;                /* being read */
    const struct relation *relations; /* of the slide */
    enum pass pass;
    enum role role;
    int32_t page;
    struct buf text; /* the paragraph; in the pass for it the whole title */
    struct buf cell;
    struct table table;
    int32_t level; /* of the paragraph in its list, from 0 */
    enum { BULLET_INHERITED, BULLET_NONE, BULLET_OWN } bullet;
    uint32_t cell_columns; /* of the table's cell being read */
    bool cell_covered;     /* by a cell to the left */
    bool cell_again;       /* by a cell above */
    bool in_text, in_table, hidden;
    bool titled; /* the slide has its heading */
    bool headed; /* some slide so far has one */
};

/* True when the shape being read belongs to the pass. */
static bool wanted(const struct pptx *x)
{
    switch (x->pass) {
    case PASS_TITLE:
        return x->role == ROLE_TITLE;
    case PASS_BODY:
        return x->role != ROLE_TITLE && x->role != ROLE_DROPPED;
    case PASS_NOTES:
    default:
        return x->role == ROLE_BODY;
    }
}

static enum role role_of(struct part *part)
{
    static const struct {
        const char *type;
        enum role role;
    } roles[] = {{"title", ROLE_TITLE}, {"ctrTitle", ROLE_TITLE}, {"dt", ROLE_DROPPED}, {"ftr", ROLE_DROPPED}, {"sldNum", ROLE_DROPPED},
                 {"hdr", ROLE_DROPPED}, {"body", ROLE_BODY},      {"obj", ROLE_BODY},   {"", ROLE_BODY}};
    char type[16];
    part_attribute(part, "type", type, sizeof type);
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i].type, type) == 0)
            return roles[i].role;
    return ROLE_FREE;
}

static bool put_title(struct pptx *x)
{
    x->titled = span_trim(buf_view(&x->text)).n > 0;
    x->headed |= x->titled;
    bool ok = x->text.failed ? sink_no_memory(x->out) : sink_put(x->out, BLOCK_HEADING, 1, x->page, buf_view(&x->text));
    buf_clear(&x->text);
    return ok;
}

/* A slide that has no title so far is called by its number where it would else stand under the title of a slide before. */
static bool put_number(struct pptx *x)
{
    char number[32];
    if (x->titled || !x->headed)
        return true;
    snprintf(number, sizeof number, "Slide %d", x->page);
    x->titled = true;
    return sink_put(x->out, BLOCK_HEADING, 1, x->page, span_of(number));
}

static bool put_paragraph(struct pptx *x)
{
    bool listed = x->bullet == BULLET_OWN || (x->bullet == BULLET_INHERITED && (x->level > 0 || (x->role == ROLE_BODY && x->pass == PASS_BODY)));
    if (x->text.failed || x->cell.failed)
        return sink_no_memory(x->out);
    if (span_trim(buf_view(&x->text)).n == 0)
        return true;
    if (!x->titled && !listed && x->pass == PASS_BODY && table_cell_is_name(buf_view(&x->text)))
        return put_title(x); /* a short text on top is meant as one */
    if (!put_number(x))
        return false;
    return sink_put(x->out, listed ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH, listed ? x->level + 1 : 0, x->page, buf_view(&x->text));
}

static bool end_paragraph(struct pptx *x)
{
    bool ok = true;
    if (!wanted(x))
        return true;
    if (x->pass == PASS_TITLE) {
        buf_char(&x->text, ' ');
        return true;
    }
    if (x->in_table) {
        buf_str(&x->cell, x->cell.n ? " " : "");
        buf_span(&x->cell, buf_view(&x->text));
    } else {
        ok = put_paragraph(x);
    }
    buf_clear(&x->text);
    return ok;
}

static void begin_paragraph(struct pptx *x)
{
    x->level = 0;
    x->bullet = BULLET_INHERITED;
    if (x->pass != PASS_TITLE)
        buf_clear(&x->text);
}

static bool is_true(struct part *part, const char *attribute)
{
    char on[8];
    return part_attribute(part, attribute, on, sizeof on) && (strcmp(on, "1") == 0 || strcmp(on, "true") == 0);
}

/* A chart or diagram that the slide shows by reference. */
static bool read_linked(struct pptx *x)
{
    bool chart = part_is(x->part, "chart");
    const char *name = ooxml_linked(x->part, x->relations, chart ? "id" : "dm", chart ? "/chart" : "/diagramData");
    if (x->pass != PASS_BODY || !name)
        return true;
    if (!put_number(x))
        return false;
    return chart ? ooxml_chart_read(&x->package, name, x->page) : ooxml_diagram_read(&x->package, name, x->page);
}

/* The description of a picture is a paragraph of its own. */
static bool read_picture(struct pptx *x)
{
    buf_clear(&x->text);
    ooxml_picture_put(x->part, &x->text);
    bool ok = x->text.n == 0 || (put_number(x) && sink_put(x->out, BLOCK_PARAGRAPH, 0, x->page, buf_view(&x->text)));
    buf_clear(&x->text);
    return ok;
}

static void enter_shape(struct pptx *x)
{
    struct part *part = x->part;
    if (part_is(part, "sp") || part_is(part, "graphicFrame") || part_is(part, "cxnSp") || part_is(part, "pic"))
        x->role = ROLE_FREE;
    else if (part_is(part, "ph"))
        x->role = role_of(part);
    else if (part_is(part, "cNvPr") && is_true(part, "hidden"))
        x->role = ROLE_DROPPED;
    else if (part_is(part, "tbl") && x->pass == PASS_BODY && wanted(x)) {
        x->in_table = true;
        table_begin(&x->table, x->page);
    } else if (part_is(part, "tblPr") && x->in_table && is_true(part, "firstRow"))
        table_mark_header(&x->table);
}

static void enter_text(struct pptx *x)
{
    struct part *part = x->part;
    if (part_is(part, "p"))
        begin_paragraph(x);
    else if (part_is(part, "pPr"))
        x->level = (int32_t)part_number(part, "lvl", 0, 8, 0);
    else if (part_is(part, "buNone"))
        x->bullet = BULLET_NONE;
    else if (part_is(part, "buChar") || part_is(part, "buAutoNum") || part_is(part, "buBlip"))
        x->bullet = BULLET_OWN;
    else if (part_is(part, "t"))
        x->in_text = !part_ends(part);
    else if (part_is(part, "br") && wanted(x))
        buf_char(&x->text, ' ');
    else
        enter_shape(x);
}

/* True when the element is passed over whole. */
static bool is_passed(const struct pptx *x)
{
    static const char *const names[] = {"Fallback", "extLst", "timing", "transition", "rPr", "endParaRPr", "spPr", "style", "lstStyle"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (part_is(x->part, names[i]))
            return true;
    return false;
}

/* a:tc: how many columns it covers, and whether it is covered itself. */
static void enter_cell(struct pptx *x)
{
    x->cell_columns = (uint32_t)part_number(x->part, "gridSpan", 1, 64, 1);
    x->cell_covered = is_true(x->part, "hMerge");
    x->cell_again = is_true(x->part, "vMerge");
}

static void end_cell(struct pptx *x)
{
    if (x->cell_again && !x->cell_covered)
        table_cell_again(&x->table, x->cell_columns);
    else if (!x->cell_covered)
        table_cell_kept(&x->table, buf_view(&x->cell), x->cell_columns);
    buf_clear(&x->cell);
}

static bool start_element(struct pptx *x)
{
    struct part *part = x->part;
    if (part_is(part, "sld") && part_number(part, "show", 0, 1, 1) == 0)
        x->hidden = true;
    if (part_is(part, "chart") || part_is(part, "relIds"))
        return read_linked(x);
    if (part_is(part, "cNvPr") && x->pass == PASS_BODY && !is_true(part, "hidden"))
        return read_picture(x);
    if (part_is(part, "oMath") && wanted(x))
        return ooxml_math_put(part, &x->text);
    if (part_is(part, "tc") && x->in_table)
        enter_cell(x);
    enter_text(x);
    return true;
}

static bool end_element(struct pptx *x)
{
    struct part *part = x->part;
    if (part_is(part, "t"))
        x->in_text = false;
    else if (part_is(part, "p"))
        return end_paragraph(x);
    else if (part_is(part, "tc") && x->in_table)
        end_cell(x);
    else if (part_is(part, "tr") && x->in_table)
        return put_number(x) && table_row(&x->table, x->out);
    else if (part_is(part, "tbl") && x->in_table) {
        x->in_table = false;
        return table_end(&x->table, x->out);
    }
    return true;
}

static bool read_part(struct pptx *x, const char *part_name, enum pass pass)
{
    struct part part;
    bool ok = true;
    if (!part_open(&x->package, part_name, &part))
        return x->out->error == EXTRACT_OK;
    x->part = &part;
    x->pass = pass;
    x->role = ROLE_FREE;
    x->in_text = x->in_table = false;
    buf_clear(&x->text);
    while (ok && !x->hidden && part_next(x->part) == 1) {
        bool equation = part_is(x->part, "oMath");
        if (part_starts(x->part) && is_passed(x)) {
            ok = part_skip(x->part);
            continue;
        }
        if (part_starts(x->part))
            ok = start_element(x);
        else if (x->in_text && wanted(x))
            buf_span(&x->text, part_text(x->part));
        if (ok && !equation && part_ends(x->part))
            ok = end_element(x);
    }
    part_close(&part);
    return ok && x->out->error == EXTRACT_OK;
}

static bool read_slide(struct pptx *x, const char *part_name)
{
    struct relation *relations;
    x->hidden = false;
    if (!relations_read(&x->package, part_name, x->arena, &relations))
        return false;
    x->relations = relations;
    const char *notes = relation_of_type(relations, "/notesSlide");
    if (!read_part(x, part_name, PASS_TITLE))
        return false;
    if (x->hidden)
        return true;
    return put_title(x) && read_part(x, part_name, PASS_BODY) && (!notes || read_part(x, notes, PASS_NOTES));
}

/* The slides in the order of the deck. */
static bool read_slides(struct pptx *x, const char *deck, const struct relation *relations)
{
    struct part part;
    bool ok = true;
    char id[PART_NAME_SIZE];
    if (!part_open(&x->package, deck, &part))
        return sink_refuse(x->out, EXTRACT_DAMAGED, "The package holds no presentation.");
    while (ok && part_next(&part) == 1) {
        if (!part_starts(&part) || !part_is(&part, "sldId") || !part_relation(&part, "id", id, sizeof id))
            continue;
        const char *slide = relation_target(relations, id, "/slide");
        x->page++;
        if (x->page > SINK_PAGES_MAX)
            ok = sink_refuse(x->out, EXTRACT_TOO_COMPLEX, "The presentation has too many slides.");
        else if (slide)
            ok = read_slide(x, slide);
    }
    part_close(&part);
    x->out->pages = x->page;
    return ok && x->out->error == EXTRACT_OK;
}

static bool read_deck(struct pptx *x)
{
    char deck[PART_NAME_SIZE];
    struct relation *relations;
    if (!package_related(&x->package, "", "/officeDocument", deck))
        span_to_cstr(SPAN("ppt/presentation.xml"), deck, sizeof deck);
    return relations_read(&x->package, deck, x->arena, &relations) && read_slides(x, deck, relations);
}

bool pptx_read(const struct source *in, struct sink *out)
{
    struct pptx x = {.out = out, .arena = arena_new(ARENA_MAX)};
    if (!x.arena)
        return sink_no_memory(out);
    buf_init(&x.text, PARAGRAPH_MAX);
    buf_init(&x.cell, PARAGRAPH_MAX);
    table_init(&x.table);
    bool ok = package_open(&x.package, in, out) && read_deck(&x);
    package_close(&x.package);
    table_free(&x.table);
    buf_free(&x.cell);
    buf_free(&x.text);
    arena_free(x.arena);
    return ok;
}
