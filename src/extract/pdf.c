/* PDF through PDFium: the document, page by page. pdf_page.c reads lines, pdf_picture.c those of scans, pdf_layout.c and pdf_table.c make blocks of them. */
#include <string.h>

#include "base/map.h"
#include "base/sys.h"
#include "extract/page_list.h"
#include "extract/pdf_extras.h"
#include "extract/pdf_picture.h"

enum { PAGE_MS_MAX = 60000, TEXT_BYTES_MAX = 192 * 1024 * 1024, LINES_BYTES_MAX = 192 * 1024 * 1024 };

struct pdf {
    const struct pdfium *f;
    struct sink *out;
    struct ocr *ocr; /* NULL: pages that need it are only counted */
    int64_t ocr_ms;
    int64_t ocr_until; /* on the monotonic clock; 0 before the first page that needs it */
    struct pdf_text text;
    struct page_list drawn;    /* pages with something drawn and no text */
    struct page_list pictures; /* with hardly any text, which a picture covers */
    struct page_list recognised, illegible, late, large;
};

/* ---- pages that are pictures ---- */

/* Bytes of the lines of text from one on, without spaces. */
static size_t letters_from(const struct pdf_text *t, size_t first)
{
    size_t count, letters = 0;
    const struct pdf_line *lines = pdf_lines(t, &count);
    for (size_t i = first; i < count; i++) {
        struct span text = pdf_line_text(t, &lines[i]);
        for (size_t n = 0; n < text.n; n++)
            letters += (unsigned char)text.p[n] > ' ';
    }
    return letters;
}

static size_t count_lines(const struct pdf_text *t)
{
    return t->lines.n / sizeof(struct pdf_line);
}

/* Takes lines[from] up to lines[to] out; their bytes stay unused. */
static void drop_lines(struct pdf_text *t, size_t from, size_t to)
{
    size_t count;
    struct pdf_line *lines = pdf_lines(t, &count);
    if (from < to)
        memmove(lines + from, lines + to, (count - to) * sizeof *lines);
    t->lines.n -= (to - from) * sizeof *lines;
}

static enum ocr_outcome recognise_in_time(struct pdf *p, pdfium_page page, int32_t number)
{
    if (!p->ocr_until)
        p->ocr_until = sys_mono_ms() + p->ocr_ms;
    int64_t left = p->ocr_until - sys_mono_ms();
    return left > 0 ? pdf_recognise(p->f, page, number, p->ocr, left < PAGE_MS_MAX ? left : PAGE_MS_MAX, &p->text) : OCR_OUT_OF_TIME;
}

/* What is recognised takes the place of the few words of text from lines[first] on, which it holds as well; where nothing is, they stay. */
static void recognise(struct pdf *p, pdfium_page page, int32_t number, size_t first)
{
    size_t second = count_lines(&p->text);
    enum ocr_outcome outcome = recognise_in_time(p, page, number);
    if (outcome != OCR_READ) {
        drop_lines(&p->text, second, count_lines(&p->text));
        page_list_add(outcome == OCR_NO_MEMORY ? &p->large : &p->late, number);
    } else if (count_lines(&p->text) > second) {
        drop_lines(&p->text, first, second);
        page_list_add(&p->recognised, number);
    } else if (first == second) {
        page_list_add(&p->illegible, number);
    }
}

/* A page without text and without drawing is just empty. */
static void look_at_page(struct pdf *p, pdfium_page page, int32_t number, size_t first)
{
    size_t letters = letters_from(&p->text, first);
    bool drawn = !letters && p->f->object_count(page) > 0;
    if (!drawn && !(letters && pdf_is_picture(p->f, page, letters)))
        return;
    if (p->ocr)
        recognise(p, page, number, first);
    else
        page_list_add(drawn ? &p->drawn : &p->pictures, number);
}

static void note_pages(const struct pdf *p)
{
    page_list_note(&p->drawn, "has no text layer", "have no text layer", p->out);
    page_list_note(&p->pictures, "is a picture with only a few words of text layer", "are pictures with only a few words of text layer", p->out);
    page_list_note(&p->recognised, "was read by character recognition", "were read by character recognition", p->out);
    page_list_note(&p->illegible, "has no text layer, and no characters were recognised on it", "have no text layer, and no characters were recognised on them",
                   p->out);
    page_list_note(&p->late, "was not read: character recognition took too long", "were not read: character recognition took too long", p->out);
    page_list_note(&p->large, "was not read: character recognition needs more memory", "were not read: character recognition needs more memory", p->out);
}

static bool refuse_textless(const struct pdf *p)
{
    if (page_list_size(&p->late) > 0)
        return sink_refuse(p->out, EXTRACT_TIMEOUT, "The pages have no text layer, and recognising their characters took too long.");
    if (page_list_size(&p->large) > 0)
        return sink_refuse(p->out, EXTRACT_TOO_LARGE,
                           "The pages have no text layer, and recognising their characters needs more memory than one document may use.");
    if (page_list_size(&p->illegible) > 0)
        return sink_refuse(p->out, EXTRACT_NO_TEXT, "The pages have no text layer, and no characters were recognised on them.");
    if (page_list_size(&p->drawn) == 0)
        return sink_refuse(p->out, EXTRACT_NO_TEXT, "The pages are empty: there is neither text nor a picture on them.");
    return sink_refuse(p->out, EXTRACT_NO_TEXT,
                       p->text.pages == 1 ? "The page has no text layer, only pictures; it needs character recognition first."
                                          : "None of the pages has a text layer, only pictures; they need character recognition first.");
}

/* ---- the document ---- */

/* False when there is no such page to read; the others may still be good. */
static bool read_page(struct pdf *p, pdfium_document d, int index)
{
    pdfium_page page = p->f->load_page(d, index);
    if (!page)
        return false;
    int32_t number = index + 1;
    pdfium_text text = p->f->load_text(page);
    size_t first = count_lines(&p->text);
    if (text) {
        pdf_read_lines(p->f, text, number, &p->text);
        p->f->close_text(text);
    }
    look_at_page(p, page, number, first);
    pdf_read_annotations(p->f, page, number, &p->text);
    p->f->close_page(page);
    return true;
}

static bool put_text(struct pdf *p, pdfium_document d)
{
    struct pdf_habits habits;
    if (p->text.bytes.failed || p->text.lines.failed || !pdf_mark_running(&p->text))
        return sink_no_memory(p->out);
    p->out->pictures = page_list_size(&p->drawn) + page_list_size(&p->pictures);
    if (p->text.lines.n == 0)
        return refuse_textless(p);
    note_pages(p);
    pdf_even_out_sizes(&p->text);
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
    struct pdf p = {.f = in->library, .out = out, .ocr = in->ocr, .ocr_ms = in->ocr_ms};
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
