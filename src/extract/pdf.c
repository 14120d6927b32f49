/* PDF through PDFium: its characters, page by page → lines with place, size and weight. The rest is pdf_layout.c. */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "extract/pdf_lines.h"
#include "extract/pdfium.h"

enum { TEXT_BYTES_MAX = 192 * 1024 * 1024, LINES_BYTES_MAX = 192 * 1024 * 1024 };

/* What PDFium gives for the hyphen of a word that goes on in the next line. */
enum { LINE_HYPHEN = 0x02, LINE_HYPHEN_OLD = 0xFFFE };

struct pdf {
    const struct pdfium *f;
    struct sink *out;
    struct pdf_text text;
    pdfium_text page; /* the page being read */
    int32_t page_number;
    size_t line_start; /* in text.bytes */
    int first, last;   /* visible characters of the line being read; first < 0: none yet */
};

static float size_of(const struct pdf *p, int index)
{
    struct pdfium_matrix m;
    double size = p->f->font_size(p->page, index);
    if (p->f->matrix(p->page, index, &m))
        size *= hypot((double)m.c, (double)m.d);
    return isfinite(size) && size > 0 && size < 10000 ? (float)size : 1;
}

/* By weight, by flag (ForceBold) or by the font's name, as PDF writers differ in what they say. */
static bool is_bold(const struct pdf *p, int index)
{
    enum { FORCE_BOLD = 1 << 18 };
    char name[128] = "";
    int flags = 0;
    if (p->f->font_weight(p->page, index) >= 600)
        return true;
    unsigned long length = p->f->font_info(p->page, index, name, sizeof name - 1, &flags);
    if (length >= sizeof name)
        name[0] = '\0';
    return (flags & FORCE_BOLD) || strcasestr(name, "bold") || strcasestr(name, "black") || strcasestr(name, "heavy");
}

static void place_line(const struct pdf *p, struct pdf_line *l)
{
    double left = 0, right = 0, bottom, top, x, y = 0;
    int ends[] = {p->first, p->last};
    l->left = INFINITY;
    l->right = -INFINITY;
    for (int i = 0; i < 2; i++) {
        if (!p->f->char_box(p->page, ends[i], &left, &right, &bottom, &top))
            left = right = 0;
        l->left = fminf(l->left, (float)left);
        l->right = fmaxf(l->right, (float)right);
    }
    if (p->f->char_origin(p->page, p->first, &x, &y))
        l->base = (float)y;
}

/* The look of a line is that of most of three letters in it. */
static void weigh_line(const struct pdf *p, struct pdf_line *l)
{
    int at[] = {p->first, (p->first + p->last) / 2, p->last};
    float s[3];
    int bold = 0;
    for (int i = 0; i < 3; i++) {
        s[i] = size_of(p, at[i]);
        bold += is_bold(p, at[i]);
    }
    l->size = fmaxf(fminf(s[0], s[1]), fminf(fmaxf(s[0], s[1]), s[2]));
    l->bold = bold == 3;
}

static void end_line(struct pdf *p, bool hyphen)
{
    struct buf *bytes = &p->text.bytes;
    if (p->first >= 0) {
        struct pdf_line l = {.text = p->line_start, .length = bytes->n - p->line_start, .page = p->page_number, .hyphen = hyphen};
        place_line(p, &l);
        weigh_line(p, &l);
        buf_put(&p->text.lines, &l, sizeof l);
    }
    p->line_start = bytes->n;
    p->first = p->last = -1;
}

static void put_character(struct pdf *p, uint32_t c, int index)
{
    char bytes[4];
    buf_put(&p->text.bytes, bytes, utf8_put(bytes, c));
    if (c <= ' ' || c == 0xA0)
        return;
    if (p->first < 0)
        p->first = index;
    p->last = index;
}

/* The code point at *index, which moves on past a low surrogate. */
static uint32_t take_unicode(const struct pdf *p, int *index, int count)
{
    uint32_t c = p->f->get_unicode(p->page, *index);
    if (c < 0xD800 || c > 0xDBFF || *index + 1 >= count)
        return c;
    uint32_t low = p->f->get_unicode(p->page, *index + 1);
    if (low < 0xDC00 || low > 0xDFFF)
        return c;
    ++*index;
    return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

static void read_characters(struct pdf *p)
{
    int count = p->f->count_chars(p->page);
    p->line_start = p->text.bytes.n;
    p->first = p->last = -1;
    for (int i = 0; i < count; i++) {
        int at = i;
        uint32_t c = take_unicode(p, &i, count);
        if (c == LINE_HYPHEN || c == LINE_HYPHEN_OLD)
            end_line(p, true);
        else if (c == '\r' || c == '\n')
            end_line(p, false);
        else if (c)
            put_character(p, c, at);
    }
    end_line(p, false);
}

/* False when there is no such page to read; the others may still be good. */
static bool read_page(struct pdf *p, pdfium_document d, int index)
{
    pdfium_page page = p->f->load_page(d, index);
    if (!page)
        return false;
    p->page = p->f->load_text(page);
    p->page_number = index + 1;
    if (p->page) {
        read_characters(p);
        p->f->close_text(p->page);
    }
    p->f->close_page(page);
    return true;
}

static bool put_text(struct pdf *p)
{
    struct pdf_habits habits;
    if (p->text.bytes.failed || p->text.lines.failed || !pdf_mark_running(&p->text))
        return sink_no_memory(p->out);
    if (p->text.lines.n == 0)
        return sink_refuse(p->out, EXTRACT_NO_TEXT, "The pages hold no text, only pictures; they need character recognition first.");
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
    return put_text(p);
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
    buf_free(&p.text.lines);
    buf_free(&p.text.bytes);
    p.f->close_document(d);
    return ok;
}
