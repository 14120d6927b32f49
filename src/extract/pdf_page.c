/* The characters of a PDF's page, as PDFium gives them → lines with place, size and weight. */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "extract/lines.h"
#include "extract/pdf_lines.h"
#include "extract/pdf_tex.h"

/* Gaps between cells, in font sizes and in points. */
#define CELL_GAP 1.4
#define CELL_GAP_MIN 6.0

/* What PDFium gives for the hyphen of a word that goes on in the next line. */
enum { LINE_HYPHEN = 0x02, LINE_HYPHEN_OLD = 0xFFFE };

struct reader {
    const struct pdfium *f;
    struct pdf_text *text;
    pdfium_text page; /* the page being read */
    int32_t page_number;
    size_t line_start;          /* in text.bytes */
    int first, last;            /* visible characters of the line being read; first < 0: none yet */
    uint32_t before;            /* the code point of the last one */
    int cells;                  /* of the line: gaps between cells */
    float second;               /* left edge of the second cell */
    int letters, leftward;      /* of the line: letters, and those read from right to left */
    pdfium_object object;       /* that draws it */
    enum pdf_tex_font tex_font; /* of that object */
};

/* What stands between two characters. */
enum gap { GAP_NONE, GAP_SPACE, GAP_LINE, GAP_HYPHEN };

static float size_of(const struct reader *p, int index)
{
    struct pdfium_matrix m;
    double size = p->f->font_size(p->page, index);
    if (p->f->matrix(p->page, index, &m))
        size *= hypot((double)m.c, (double)m.d);
    return isfinite(size) && size > 0 && size < 10000 ? (float)size : 1;
}

/* By weight, by flag (ForceBold) or by the font's name, as PDF writers differ in what they say. */
static bool is_bold(const struct reader *p, int index)
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

static void place_line(const struct reader *p, struct pdf_line *l)
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
static void weigh_line(const struct reader *p, struct pdf_line *l)
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

static void begin_line(struct reader *p)
{
    p->line_start = p->text->bytes.n;
    p->first = p->last = -1;
    p->letters = p->leftward = p->cells = 0;
}

static void end_line(struct reader *p, bool hyphen)
{
    struct buf *bytes = &p->text->bytes;
    if (p->first >= 0) {
        struct pdf_line l = {.text = p->line_start,
                             .length = bytes->n - p->line_start,
                             .page = p->page_number,
                             .hyphen = hyphen,
                             .leftward = p->leftward * 2 > p->letters,
                             .cells = p->cells + 1,
                             .second = p->second};
        place_line(p, &l);
        weigh_line(p, &l);
        buf_put(&p->text->lines, &l, sizeof l);
    }
    begin_line(p);
}

static bool is_right_to_left(uint32_t c)
{
    return (c >= 0x590 && c < 0x900) || (c >= 0xFB1D && c < 0xFE00) || (c >= 0xFE70 && c < 0xFEFF);
}

static bool is_arabic_mark(uint32_t c)
{
    return c >= 0x64B && c <= 0x652;
}

static bool is_letter(uint32_t c)
{
    return (c | 32) - 'a' < 26 || (c >= 0xC0 && c < 0x2000) || c >= 0xFB1D;
}

/* A character of the document's mathematical fonts as it looks. */
static uint32_t as_drawn(struct reader *p, uint32_t c, int index)
{
    char name[64] = "";
    pdfium_object object = p->f->text_object(p->page, index);
    if (object && object != p->object) {
        pdfium_font font = p->f->object_font(object);
        size_t length = font ? p->f->font_name(font, name, sizeof name) : 0;
        p->tex_font = pdf_tex_font(length && length <= sizeof name ? span_of(name) : (struct span){0});
        p->object = object;
    }
    return pdf_tex_character(p->tex_font, c);
}

static void put_character(struct reader *p, uint32_t c, int index)
{
    char bytes[4];
    buf_put(&p->text->bytes, bytes, utf8_put(bytes, c));
    if (p->first < 0)
        p->first = index;
    p->last = index;
    p->before = c;
    p->leftward += is_right_to_left(c);
    p->letters += is_letter(c);
}

/* The code point at *index, which moves on past a low surrogate. */
static uint32_t take_unicode(const struct reader *p, int *index, int count)
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

/* Alef and lam that one glyph draws are given in the order of the picture; lam is read first. */
static void swap_ligature(struct reader *p, int index)
{
    enum { ALEF_MADDA = 0x622, ALEF = 0x627, LAM = 0x644 };
    double a[4], b[4];
    struct buf *bytes = &p->text->bytes;
    if (p->before != LAM || index == p->first || bytes->failed || bytes->n < p->line_start + 4)
        return;
    uint32_t alef;
    char *pair = bytes->p + bytes->n - 4, swapped[4];
    utf8_next((struct span){pair, 2}, &alef);
    if (alef < ALEF_MADDA || alef > ALEF || alef == 0x624 || alef == 0x626)
        return;
    if (!p->f->char_box(p->page, index - 1, &a[0], &a[1], &a[2], &a[3]) || !p->f->char_box(p->page, index, &b[0], &b[1], &b[2], &b[3]) ||
        memcmp(a, b, sizeof a) != 0)
        return;
    memcpy(swapped, pair + 2, 2);
    memcpy(swapped + 2, pair, 2);
    memcpy(pair, swapped, 4);
}

/* True for an exponent or index: smaller than the letter before, close behind it, above or below its base. */
static bool is_raised_or_lowered(const struct reader *p, int before, int index)
{
    double left, right, bottom, top, x, y, base_x, base_y, size = size_of(p, before);
    if (size_of(p, index) > size * 0.85)
        return false;
    if (!p->f->char_box(p->page, before, &left, &right, &bottom, &top) || !p->f->char_origin(p->page, before, &base_x, &base_y) ||
        !p->f->char_origin(p->page, index, &x, &y))
        return false;
    double up = fabs(y - base_y);
    return up > size * 0.08 && up < size * 0.7 && x > right - size * 0.25 && x < right + size * 0.2;
}

/* True for the sign of a currency, which stands by itself at the edge of its column. */
static bool is_currency(uint32_t c)
{
    return c == '$' || (c >= 0xA2 && c <= 0xA5) || (c >= 0x20A0 && c < 0x20D0);
}

/* A space, or the end of a cell where the gap is wider than any between words. */
static void put_space(struct reader *p, int index)
{
    double left[2], right[2], bottom, top;
    bool placed = p->f->char_box(p->page, p->last, &left[0], &right[0], &bottom, &top) && p->f->char_box(p->page, index, &left[1], &right[1], &bottom, &top);
    double gap = placed ? fmax(left[1] - right[0], left[0] - right[1]) : 0;
    struct span so_far = span_skip(buf_view(&p->text->bytes), p->line_start);
    if (is_currency(p->before) || line_is_label(so_far) || gap < CELL_GAP_MIN || gap < CELL_GAP * (double)size_of(p, p->last)) {
        buf_char(&p->text->bytes, ' ');
        return;
    }
    buf_char(&p->text->bytes, '\t');
    if (p->cells++ == 0)
        p->second = (float)left[1];
}

/* Writes what stands between the last character and the next one; the line may end. Where PDFium has put it in only because the next character is
 * an exponent or index, it is nothing. */
static void close_gap(struct reader *p, enum gap gap, bool generated, uint32_t c, int index)
{
    if (p->first < 0)
        return;
    if (gap == GAP_LINE || gap == GAP_SPACE)
        gap = generated && is_raised_or_lowered(p, p->last, index) ? GAP_NONE : gap;
    else if (gap == GAP_NONE && is_right_to_left(p->before) != is_right_to_left(c) && is_letter(p->before) && is_letter(c))
        gap = GAP_SPACE; /* it was lost where the direction changes */
    if (gap == GAP_SPACE)
        put_space(p, index);
    else if (gap != GAP_NONE)
        end_line(p, gap == GAP_HYPHEN);
}

static enum gap gap_of(uint32_t c)
{
    if (c == LINE_HYPHEN || c == LINE_HYPHEN_OLD)
        return GAP_HYPHEN;
    return c == '\r' || c == '\n' ? GAP_LINE : c <= ' ' || c == 0xA0 ? GAP_SPACE : GAP_NONE;
}

void pdf_read_lines(const struct pdfium *f, pdfium_text page, int32_t number, struct pdf_text *t)
{
    struct reader r = {.f = f, .text = t, .page = page, .page_number = number};
    int count = r.f->count_chars(r.page);
    uint32_t mark = 0;
    enum gap gap = GAP_NONE;
    bool generated = true;
    begin_line(&r);
    r.object = NULL;
    for (int i = 0; i < count; i++) {
        int at = i;
        uint32_t c = take_unicode(&r, &i, count);
        enum gap here = gap_of(c);
        if (here == GAP_NONE)
            c = as_drawn(&r, c, at);
        if (!c)
            continue;
        if (here != GAP_NONE) {
            gap = here > gap ? here : gap;
            generated = generated && !r.f->text_object(r.page, at);
            continue;
        }
        if (gap == GAP_SPACE && generated && is_arabic_mark(c)) {
            mark = c; /* it is drawn over the next letter, which it follows in writing */
            gap = GAP_NONE;
            continue;
        }
        close_gap(&r, gap, generated, c, at);
        put_character(&r, c, at);
        swap_ligature(&r, at);
        if (mark)
            put_character(&r, mark, at);
        mark = 0;
        gap = GAP_NONE;
        generated = true;
    }
    end_line(&r, gap == GAP_HYPHEN);
}
