/* PDF through PDFium: the document, page by page. pdf_page.c reads lines, pdf_layout.c and pdf_table.c make blocks of them. */
#include "base/map.h"
#include "extract/page_list.h"
#include "extract/pdf_extras.h"

enum { TEXT_BYTES_MAX = 192 * 1024 * 1024, LINES_BYTES_MAX = 192 * 1024 * 1024 };

struct pdf {
    const struct pdfium *f;
    struct sink *out;
    struct pdf_text text;
    struct page_list drawn; /* pages with something drawn and no text */
};

/* A page without text and without drawing is just empty. */
static void note_empty_page(struct pdf *p, pdfium_page page, int32_t number)
{
    if (p->f->object_count(page) > 0)
        page_list_add(&p->drawn, number);
}

/* False when there is no such page to read; the others may still be good. */
static bool read_page(struct pdf *p, pdfium_document d, int index)
{
    pdfium_page page = p->f->load_page(d, index);
    if (!page)
        return false;
    int32_t number = index + 1;
    pdfium_text text = p->f->load_text(page);
    size_t before = p->text.lines.n;
    if (text) {
        pdf_read_lines(p->f, text, number, &p->text);
        p->f->close_text(text);
    }
    if (p->text.lines.n == before)
        note_empty_page(p, page, number);
    pdf_read_annotations(p->f, page, number, &p->text);
    p->f->close_page(page);
    return true;
}

static bool refuse_textless(struct pdf *p)
{
    if (p->drawn.count == 0)
        return sink_refuse(p->out, EXTRACT_NO_TEXT, "The pages are empty.");
    return sink_refuse(p->out, EXTRACT_NO_TEXT,
                       p->text.pages == 1 ? "The page has no text layer, only pictures; it needs character recognition first."
                                          : "None of the pages has a text layer, only pictures; they need character recognition first.");
}

static bool put_text(struct pdf *p, pdfium_document d)
{
    struct pdf_habits habits;
    if (p->text.bytes.failed || p->text.lines.failed || !pdf_mark_running(&p->text))
        return sink_no_memory(p->out);
    if (p->text.lines.n == 0)
        return refuse_textless(p);
    page_list_note(&p->drawn, "has no text layer", "have no text layer", p->out);
    pdf_read_bookmarks(p->f, d, &p->text);
    pdf_measure(&p->text, &habits);
    return pdf_put_blocks(&p->text, &habits, p->out);
}

static bool read_pages(struct pdf *p, pdfium_document d)
{
    int pages = p->f->page_count(d), read = 0;
    if (pages > SINK_PAGES_MAX)
        return sink_refuse(p->out, EXTRACT_TOO_LARGE, "The document has too many pages.");
    for (int i = 0; i < pages && !p->text.bytes.failed && !p->text.lines.failed; i++)
        read += read_page(p, d, i);
    if (read == 0)
        return sink_refuse(p->out, EXTRACT_DAMAGED, "The PDF is damaged: no page can be read.");
    p->out->pages = p->text.pages = pages;
    return put_text(p, d);
}

static bool refuse(const struct pdfium *f, struct sink *out)
{
    unsigned long error = f->last_error();
    if (error == PDFIUM_PASSWORD || error == PDFIUM_SECURITY)
        return sink_refuse(out, EXTRACT_ENCRYPTED, "The document is protected by a password.");
    return sink_refuse(out, EXTRACT_DAMAGED, "The PDF is damaged and cannot be opened.");
}

bool pdf_read(const struct source *in, struct sink *out)
{
    struct pdf p = {.f = in->library, .out = out};
    pdfium_document d = p.f->load_document(in->bytes.p, in->bytes.n, NULL);
    if (!d)
        return refuse(p.f, out);
    buf_init(&p.text.bytes, TEXT_BYTES_MAX);
    buf_init(&p.text.lines, LINES_BYTES_MAX);
    bool ok = read_pages(&p, d);
    map_free(p.text.outline);
    buf_free(&p.text.lines);
    buf_free(&p.text.bytes);
    p.f->close_document(d);
    return ok;
}
