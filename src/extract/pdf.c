/* PDF through PDFium: the document, page by page. pdf_page.c reads lines, pdf_layout.c and pdf_table.c make blocks of them. */
#include <stdio.h>

#include "base/map.h"
#include "extract/pdf_extras.h"

enum { BLANK_PAGES_NAMED = 10, TEXT_BYTES_MAX = 192 * 1024 * 1024, LINES_BYTES_MAX = 192 * 1024 * 1024 };

struct pdf {
    const struct pdfium *f;
    struct sink *out;
    struct pdf_text text;
    int blank_pages; /* with something drawn and no text */
    int32_t blank[BLANK_PAGES_NAMED];
};

/* A page without text and without drawing is just empty. */
static void note_empty_page(struct pdf *p, pdfium_page page, int32_t number)
{
    if (p->f->object_count(page) > 0 && p->blank_pages++ < BLANK_PAGES_NAMED)
        p->blank[p->blank_pages - 1] = number;
}

/* "Page 3 has no text layer." */
static void note_blank_pages(const struct pdf *p)
{
    char sentence[NOTE_SIZE];
    int named = p->blank_pages < BLANK_PAGES_NAMED ? p->blank_pages : BLANK_PAGES_NAMED;
    int n = snprintf(sentence, sizeof sentence, p->blank_pages > 1 ? "Pages " : "Page ");
    for (int i = 0; i < named; i++)
        n += snprintf(sentence + n, sizeof sentence - (size_t)n, "%s%d", i == 0 ? "" : i + 1 == p->blank_pages ? " and " : ", ", p->blank[i]);
    if (p->blank_pages > named)
        n += snprintf(sentence + n, sizeof sentence - (size_t)n, " and %d more", p->blank_pages - named);
    snprintf(sentence + n, sizeof sentence - (size_t)n, "%s no text layer.", p->blank_pages > 1 ? " have" : " has");
    if (p->blank_pages)
        sink_note(p->out, sentence);
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

static bool put_text(struct pdf *p, pdfium_document d)
{
    struct pdf_habits habits;
    if (p->text.bytes.failed || p->text.lines.failed || !pdf_mark_running(&p->text))
        return sink_no_memory(p->out);
    if (p->text.lines.n == 0)
        return sink_refuse(p->out, EXTRACT_NO_TEXT, "The pages hold no text, only pictures; they need character recognition first.");
    note_blank_pages(p);
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
