/* What stands in the text of a Word document without being text: check boxes, drawings, embedded pages, symbols, equations. */
#include <stdlib.h>
#include <string.h>

#include "extract/docx_reader.h"
#include "extract/html.h"
#include "extract/ooxml_chart.h"
#include "extract/ooxml_math.h"
#include "extract/ooxml_picture.h"
#include "extract/symbol_font.h"

struct buf *docx_current_text(struct docx *d)
{
    return d->nested ? &d->paragraphs[d->nested - 1].text : NULL;
}

/* w:sdtPr: a check box reads as "[x]" or "[ ]", whatever sign its font shows. */
bool docx_read_control(struct docx *d)
{
    struct part *part = &d->part;
    bool box = false, checked = false;
    d->checkbox = false;
    while (!(part_ends(part) && part_is(part, "sdtPr")) && part_next(part) == 1) {
        char value[8];
        box |= part_starts(part) && part_is(part, "checkbox");
        if (box && part_is(part, "checked") && part_attribute(part, "val", value, sizeof value))
            checked = strcmp(value, "1") == 0 || strcmp(value, "true") == 0;
    }
    struct buf *text = docx_current_text(d);
    if (box && text) {
        buf_str(text, checked ? "[x]" : "[ ]");
        d->checkbox = true;
    }
    return d->out->error == EXTRACT_OK;
}

/* What a drawing shows beside its text: a chart or diagram by reference, the description of a picture. */
bool docx_read_drawing(struct docx *d, bool *known)
{
    struct part *part = &d->part;
    struct buf *text = docx_current_text(d);
    *known = true;
    if (part_is(part, "chart"))
        return ooxml_chart_read(&d->package, ooxml_linked(part, d->relations, "id", "/chart"), 0);
    if (part_is(part, "relIds"))
        return ooxml_diagram_read(&d->package, ooxml_linked(part, d->relations, "dm", "/diagramData"), 0);
    *known = part_is(part, "docPr");
    if (*known && text)
        ooxml_picture_put(part, text);
    return true;
}

/* w:altChunk: a page of HTML or a text that Word takes in when it opens the document. */
bool docx_read_chunk(struct docx *d)
{
    enum { CHUNK_MAX = 16 * 1024 * 1024, STEP = 64 * 1024 };
    const char *name = ooxml_linked(&d->part, d->relations, "id", "/aFChunk");
    bool page = name && (span_ends_nocase(span_of(name), SPAN(".htm")) || span_ends_nocase(span_of(name), SPAN(".html")));
    struct part chunk;
    struct buf text;
    ptrdiff_t n = 1;
    if (!name || (!page && !span_ends_nocase(span_of(name), SPAN(".txt"))) || !part_open_bytes(&d->package, name, &chunk))
        return d->out->error == EXTRACT_OK;
    buf_init(&text, CHUNK_MAX);
    for (char *to; n > 0 && (to = buf_reserve(&text, STEP)) && (n = part_bytes(&chunk, to, STEP)) > 0;)
        text.n += (size_t)n;
    part_close(&chunk);
    bool ok = d->out->error == EXTRACT_OK && (text.failed ? sink_no_memory(d->out)
                                              : page      ? html_put(buf_view(&text), 0, d->out)
                                                          : sink_put(d->out, BLOCK_PARAGRAPH, 0, 0, buf_view(&text)));
    buf_free(&text);
    return ok;
}

/* w:sym: a character by its place in a font. */
void docx_read_symbol(struct docx *d)
{
    char font[32], code[12];
    struct buf *text = docx_current_text(d);
    part_attribute(&d->part, "font", font, sizeof font);
    if (text && !d->vanished && part_attribute(&d->part, "char", code, sizeof code))
        symbol_put(text, span_of(font), (uint32_t)strtoul(code, NULL, 16));
}

/* Equations side by side are several: each has a line of its own in Word. */
bool docx_read_equation(struct docx *d)
{
    struct buf *text = docx_current_text(d);
    if (text->n && text->n == d->equation_end)
        buf_char(text, ' ');
    bool ok = ooxml_math_put(&d->part, text);
    d->equation_end = text->n;
    return ok;
}
