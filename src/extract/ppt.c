/* PowerPoint presentations from before 2007 (.ppt): each slide a page by its number; the title first, then shapes and tables in their order, then the
 * speaker's notes. As in pptx.c, hidden slides and what the master repeats on every slide (date, footer, number) are left out. */
#include <stdio.h>
#include <string.h>

#include "extract/binary.h"
#include "extract/ppt_file.h"
#include "extract/ppt_table.h"

enum { ARENA_MAX = 256 * 1024 * 1024, TEXT_MAX = 1 << 26, DEPTH_MAX = 32 };

enum pass { PASS_TITLE, PASS_BODY, PASS_NOTES };

/* A shape of a slide. */
struct shape {
    struct span textbox; /* records of its text */
    bool dropped;        /* date, footer or number of the slide */
    int32_t x, y;        /* in its group */
};

struct ppt {
    struct ppt_file file;
    struct sink *out;
    struct span outline; /* records of the texts that the slide's shapes refer to */
    struct span notes;   /* records of the list that says where each slide's notes are */
    enum pass pass;
    int32_t page;
    struct buf text;
    struct ppt_table table;
    uint64_t left; /* bytes of slides that may still be read: a list may name the same one again and again */
    bool in_notes;
    bool titled; /* the slide has its heading */
    bool headed; /* some slide so far has one */
};

static void put_characters(struct buf *to, const struct ppt_text *t, size_t from, size_t count)
{
    if (t->wide)
        put_utf16(to, slice(t->characters, from * 2, count * 2));
    else
        put_latin1(to, slice(t->characters, from, count));
}

static size_t text_length(const struct ppt_text *t)
{
    return t->characters.n / (t->wide ? 2 : 1);
}

static uint32_t character(const struct ppt_text *t, size_t at)
{
    return t->wide ? le16(t->characters, at * 2) : le8(t->characters, at);
}

static bool put_title(struct ppt *x)
{
    x->titled = span_trim(buf_view(&x->text)).n > 0;
    x->headed |= x->titled;
    return x->text.failed ? sink_no_memory(x->out) : sink_put(x->out, BLOCK_HEADING, 1, x->page, buf_view(&x->text));
}

/* A slide without a title is called by its number where it would else stand under the title of a slide before. */
static bool put_number(struct ppt *x)
{
    char number[32];
    if (x->titled || !x->headed)
        return true;
    snprintf(number, sizeof number, "Slide %d", x->page);
    x->titled = true;
    return sink_put(x->out, BLOCK_HEADING, 1, x->page, span_of(number));
}

/* The paragraph in x->text. */
static bool put_paragraph(struct ppt *x, uint32_t type, const struct ppt_style_run *style)
{
    bool body = type == PPT_BODY || type == PPT_HALF_BODY || type == PPT_QUARTER_BODY;
    bool listed = x->pass == PASS_BODY && (style->bullet == PPT_BULLET_ON || (style->bullet == PPT_BULLET_UNSAID && (body || style->level > 0)));
    if (x->text.failed)
        return sink_no_memory(x->out);
    if (span_trim(buf_view(&x->text)).n == 0)
        return true;
    if (x->pass == PASS_NOTES && !x->in_notes && !sink_put(x->out, BLOCK_HEADING, 2, x->page, SPAN("Notes")))
        return false;
    x->in_notes = x->pass == PASS_NOTES;
    if (x->pass == PASS_BODY && !x->titled && !listed && table_cell_is_name(buf_view(&x->text)))
        return put_title(x); /* a short text on top is meant as one */
    return put_number(x) && sink_put(x->out, listed ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH, listed ? (int32_t)style->level + 1 : 0, x->page, buf_view(&x->text));
}

/* The paragraphs of a text, each with the style that holds for it. */
static bool put_text(struct ppt *x, const struct ppt_text *t)
{
    enum { PARAGRAPH = 0x0D };
    struct span styles = t->style;
    struct ppt_style_run style = {0};
    uint64_t styled = 0; /* characters that the styles so far are for */
    size_t length = text_length(t);
    for (size_t from = 0, to; from < length; from = to + 1) {
        while (styled <= from && ppt_style_next(&styles, &style))
            styled += style.characters;
        for (to = from; to < length && character(t, to) != PARAGRAPH; to++)
            continue;
        buf_clear(&x->text);
        put_characters(&x->text, t, from, to - from);
        if (!put_paragraph(x, t->type, &style))
            return false;
    }
    return true;
}

/* The text of a shape: its own, or one of the outline that it refers to. */
static bool text_of(struct ppt *x, struct span textbox, struct ppt_text *t)
{
    struct ppt_record reference;
    if (!ppt_find(textbox, PPT_TEXT_REFERENCE, -1, &reference))
        return ppt_text_at(textbox, 0, t);
    if (x->outline.n > x->left)
        return false;
    x->left -= x->outline.n;
    return ppt_text_at(x->outline, le32(reference.data, 0), t);
}

static bool is_title(const struct ppt_text *t)
{
    return t->type == PPT_TITLE || t->type == PPT_CENTER_TITLE;
}

static bool take_shape(struct ppt *x, const struct shape *s)
{
    struct ppt_text t;
    if (s->dropped || !text_of(x, s->textbox, &t))
        return true;
    if (x->pass == PASS_NOTES)
        return t.type != PPT_NOTES_TEXT || put_text(x, &t);
    if (is_title(&t) != (x->pass == PASS_TITLE))
        return true;
    if (x->pass == PASS_BODY)
        return put_text(x, &t);
    put_characters(&x->text, &t, 0, text_length(&t));
    buf_char(&x->text, ' ');
    return true;
}

static bool is_of_master(struct span client_data)
{
    enum { MASTER_DATE = 7, MASTER_HEADER = 10 };
    struct ppt_record r;
    uint32_t kind = 0;
    if (ppt_find(client_data, PPT_PLACEHOLDER, -1, &r))
        kind = le8(r.data, 4);
    else if (ppt_find(client_data, PPT_FOOTER_PLACEHOLDER, -1, &r))
        kind = le8(r.data, 0);
    return kind >= MASTER_DATE && kind <= MASTER_HEADER;
}

static struct shape read_shape(struct span records)
{
    struct shape s = {0};
    struct ppt_record r;
    while (ppt_next(&records, &r)) {
        if (r.type == ART_TEXTBOX)
            s.textbox = r.data;
        else if (r.type == ART_CLIENT_DATA)
            s.dropped = is_of_master(r.data);
        else if (r.type == ART_CHILD_ANCHOR) {
            s.x = (int32_t)le32(r.data, 0);
            s.y = (int32_t)le32(r.data, 4);
        }
    }
    return s;
}

/* A group is a table when the options of its first shape, which stands for the group, say so. */
static bool is_table(struct span group)
{
    enum { TABLE_PROPERTIES = 0x39F, OPTION_SIZE = 6 };
    struct ppt_record first, options;
    if (!ppt_find(group, ART_SHAPE, -1, &first))
        return false;
    for (struct span rest = first.data; ppt_next(&rest, &options);)
        for (uint32_t i = 0; (options.type == ART_OPTIONS || options.type == ART_MORE_OPTIONS) && i < options.instance && i < options.data.n / OPTION_SIZE; i++)
            if ((le16(options.data, (size_t)i * OPTION_SIZE) & 0x3FFF) == TABLE_PROPERTIES)
                return (le32(options.data, (size_t)i * OPTION_SIZE + 2) & 1) != 0;
    return false;
}

static bool take_table(struct ppt *x, struct span group)
{
    struct ppt_record r;
    struct ppt_text t;
    ppt_table_begin(&x->table);
    while (ppt_next(&group, &r)) {
        struct shape s = read_shape(r.data);
        if (r.type != ART_SHAPE || s.textbox.n == 0 || !text_of(x, s.textbox, &t))
            continue;
        buf_clear(&x->text);
        put_characters(&x->text, &t, 0, text_length(&t));
        ppt_table_cell(&x->table, s.x, s.y, buf_view(&x->text));
    }
    return put_number(x) && ppt_table_put(&x->table, x->page, x->out);
}

static bool walk_drawing(struct ppt *x, struct span records, size_t depth)
{
    struct ppt_record r;
    bool ok = true;
    if (depth > DEPTH_MAX)
        return sink_refuse(x->out, EXTRACT_TOO_COMPLEX, "The presentation nests shapes too deeply.");
    while (ok && ppt_next(&records, &r)) {
        if (r.type == ART_SHAPE) {
            struct shape s = read_shape(r.data);
            ok = take_shape(x, &s);
        } else if (r.type == ART_GROUP && is_table(r.data)) {
            ok = x->pass != PASS_BODY || take_table(x, r.data);
        } else if (r.type == ART_GROUP || r.type == ART_DRAWING) {
            ok = walk_drawing(x, r.data, depth + 1);
        }
    }
    return ok;
}

static bool read_pass(struct ppt *x, struct span slide, enum pass pass)
{
    struct ppt_record drawing;
    if (slide.n > x->left)
        return sink_refuse(x->out, EXTRACT_DAMAGED, "The file is damaged: its slides overlap.");
    x->left -= slide.n;
    x->pass = pass;
    x->in_notes = false;
    buf_clear(&x->text);
    return !ppt_find(slide, PPT_DRAWING, -1, &drawing) || walk_drawing(x, drawing.data, 0);
}

/* The notes with this number, found through the list of notes. */
static bool read_notes(struct ppt *x, uint32_t number)
{
    struct ppt_record r, notes;
    struct span rest = x->notes;
    for (int i = 0; i < SINK_PAGES_MAX && number != 0 && ppt_next(&rest, &r); i++)
        if (r.type == PPT_SLIDE_PERSIST && le32(r.data, 12) == number)
            return !ppt_object(&x->file, le32(r.data, 0), PPT_NOTES, &notes) || read_pass(x, notes.data, PASS_NOTES);
    return true;
}

static bool is_hidden(struct span slide)
{
    enum { HIDDEN = 4 };
    struct ppt_record info;
    return ppt_find(slide, PPT_SHOW_INFO, -1, &info) && le16(info.data, 10) & HIDDEN;
}

/* A slide whose own records are lost: what the outline has of it. */
static bool read_outline(struct ppt *x)
{
    enum { TEXTS_MAX = 64 };
    struct ppt_text t;
    bool ok = true;
    x->pass = PASS_BODY;
    for (uint32_t i = 0; ok && i < TEXTS_MAX && ppt_text_at(x->outline, i, &t); i++) {
        buf_clear(&x->text);
        if (is_title(&t))
            put_characters(&x->text, &t, 0, text_length(&t));
        ok = is_title(&t) ? put_title(x) : put_text(x, &t);
    }
    return ok;
}

static bool read_slide(struct ppt *x, struct span slide)
{
    struct ppt_record atom;
    x->titled = false;
    if (++x->page > SINK_PAGES_MAX)
        return sink_refuse(x->out, EXTRACT_TOO_COMPLEX, "The presentation has too many slides.");
    if (slide.n == 0)
        return read_outline(x);
    if (is_hidden(slide))
        return true;
    uint32_t notes = ppt_find(slide, PPT_SLIDE_ATOM, -1, &atom) ? le32(atom.data, 16) : 0;
    return read_pass(x, slide, PASS_TITLE) && put_title(x) && read_pass(x, slide, PASS_BODY) && read_notes(x, notes);
}

/* The records that stand behind a slide's entry in the list, up to the next entry: the texts of its outline. */
static struct span outline_of(struct span rest)
{
    struct span all = rest;
    struct ppt_record r;
    while (rest.n && le16(rest, 2) != PPT_SLIDE_PERSIST && ppt_next(&rest, &r))
        continue;
    return (struct span){all.p, all.n - rest.n};
}

static bool read_slides(struct ppt *x)
{
    enum { LIST_SLIDES = 0, LIST_NOTES = 2 };
    struct ppt_record document, list, r, slide;
    if (!ppt_document(&x->file, &document))
        return sink_refuse(x->out, EXTRACT_DAMAGED, "The file holds no presentation.");
    x->notes = ppt_find(document.data, PPT_SLIDE_LIST, LIST_NOTES, &list) ? list.data : (struct span){"", 0};
    if (!ppt_find(document.data, PPT_SLIDE_LIST, LIST_SLIDES, &list))
        return true;
    for (struct span rest = list.data; ppt_next(&rest, &r);) {
        if (r.type != PPT_SLIDE_PERSIST)
            continue;
        x->outline = outline_of(rest);
        bool there = ppt_object(&x->file, le32(r.data, 0), PPT_SLIDE, &slide);
        if (!read_slide(x, there ? slide.data : (struct span){"", 0}))
            return false;
    }
    return true;
}

bool ppt_read(const struct source *in, struct sink *out)
{
    struct ppt x = {.out = out};
    struct arena *arena = arena_new(ARENA_MAX);
    if (!arena)
        return sink_no_memory(out);
    buf_init(&x.text, TEXT_MAX);
    ppt_table_init(&x.table);
    bool ok = ppt_open(&x.file, in, arena, out);
    x.left = 32 * (uint64_t)x.file.stream.n;
    ok = ok && read_slides(&x);
    out->pages = x.page;
    ppt_table_free(&x.table);
    buf_free(&x.text);
    arena_free(arena);
    return ok;
}
