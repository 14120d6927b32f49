/* Lines of a PDF → headings, list items, paragraphs. A new block begins where a printer's reader sees one: a wider gap, another size or
 * weight, a bullet, an indent, another column, or after a line that ends although the next word would have fitted. */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "extract/lines.h"
#include "extract/pdf_extras.h"
#include "extract/pdf_lines.h"

enum { SIZE_STEPS = 400, LEADING_STEPS = 60, HEADING_BYTES_MAX = 200, BOLD_HEADING_BYTES_MAX = 120, HEADING_LINES_MAX = 3 };

/* Histogram cells: half points, and twentieths of the font size. */
static int size_step(float size)
{
    int step = (int)lroundf(size * 2);
    return step < 0 ? 0 : step >= SIZE_STEPS ? SIZE_STEPS - 1 : step;
}

static int most_of(const size_t *weights, int count, int otherwise)
{
    int best = otherwise;
    for (int i = 0; i < count; i++)
        if (weights[i] > weights[best])
            best = i;
    return best;
}

static void measure_leading(const struct pdf_line *lines, size_t count, struct pdf_habits *h)
{
    size_t steps[LEADING_STEPS] = {0};
    for (size_t i = 1; i < count; i++) {
        const struct pdf_line *a = &lines[i - 1], *b = &lines[i];
        float ratio = (a->base - b->base) / h->body;
        if (a->page == b->page && fabsf(a->size - h->body) < 1 && fabsf(b->size - h->body) < 1 && ratio > 0.8F && ratio < 2.6F)
            steps[(int)(ratio * 20)]++;
    }
    h->leading = (float)(most_of(steps, LEADING_STEPS, 24) + 1) / 20;
}

/* The sizes of lines that stand out, largest first, close ones taken as one. */
static void measure_headings(const size_t *weights, struct pdf_habits *h)
{
    int found = 0;
    float last = INFINITY;
    for (int step = SIZE_STEPS - 1; step > 0 && found < 5; step--) {
        float size = (float)step / 2;
        if (!weights[step] || size < h->body * 1.12F || size > last * 0.94F)
            continue;
        h->heading[found++] = last = size;
    }
}

void pdf_measure(const struct pdf_text *t, struct pdf_habits *h)
{
    size_t weights[SIZE_STEPS] = {0}, count, all = 0, bold = 0;
    const struct pdf_line *lines = pdf_lines(t, &count);
    *h = (struct pdf_habits){0};
    for (size_t i = 0; i < count; i++) {
        if (lines[i].running || lines[i].aside)
            continue;
        weights[size_step(lines[i].size)] += lines[i].length;
        all += lines[i].length;
        bold += lines[i].bold ? lines[i].length : 0;
    }
    h->body = (float)most_of(weights, SIZE_STEPS, 20) / 2;
    if (h->body < 1)
        h->body = 1;
    h->bold_stands_out = bold * 3 < all;
    measure_leading(lines, count, h);
    measure_headings(weights, h);
}

/* The block being put together. */
struct block_draft {
    const struct pdf_text *t;
    const struct pdf_habits *h;
    struct sink *out;
    struct buf text;
    const struct pdf_line *first, *last; /* NULL: none yet */
    float left, right;                   /* of its widest lines */
    size_t lines;
    bool item;
};

static bool has_letter(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80 || (s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= 'a' && s.p[i] <= 'z'))
            return true;
    return false;
}

/* 1 to 6, or 0 for running text. */
static int32_t heading_of(const struct block_draft *d)
{
    struct span text = span_trim(buf_view(&d->text));
    int32_t level = pdf_bookmark_level(d->t, d->first->page, text);
    if (level && text.n <= HEADING_BYTES_MAX)
        return level;
    level = 1;
    if (d->lines > HEADING_LINES_MAX || text.n > HEADING_BYTES_MAX || !has_letter(text))
        return 0;
    while (level <= 5 && d->h->heading[level - 1] > 0 && d->first->size < d->h->heading[level - 1] * 0.94F)
        level++;
    if (level <= 5 && d->h->heading[level - 1] > 0)
        return level;
    bool ends_sentence = text.n && memchr(".,;", text.p[text.n - 1], 3);
    bool stands_out = d->first->bold && d->h->bold_stands_out && d->first->size > d->h->body * 0.9F;
    return stands_out && !ends_sentence && d->lines <= 2 && text.n <= BOLD_HEADING_BYTES_MAX ? heading_level(level) : 0;
}

static bool flush(struct block_draft *d)
{
    bool ok = true;
    if (d->first) {
        int32_t level = d->item ? 0 : heading_of(d);
        enum block_kind kind = d->item ? BLOCK_LIST_ITEM : level ? BLOCK_HEADING : BLOCK_PARAGRAPH;
        ok = d->text.failed ? sink_no_memory(d->out) : sink_put(d->out, kind, d->item ? 1 : level, d->first->page, buf_view(&d->text));
    }
    buf_clear(&d->text);
    d->first = d->last = NULL;
    d->lines = 0;
    d->item = false;
    return ok;
}

/* Points that the first word of a line takes, by the line's mean letter. */
static float first_word_width(const struct pdf_text *t, const struct pdf_line *l)
{
    struct span text = span_trim(pdf_line_text(t, l)), word, rest;
    span_cut(text, ' ', &word, &rest);
    size_t letters = utf8_length(text);
    return letters ? (l->right - l->left) * (float)utf8_length(word) / (float)letters : 0;
}

static bool looks_alike(const struct pdf_line *a, const struct pdf_line *b)
{
    return fabsf(a->size - b->size) <= 0.08F * fmaxf(a->size, b->size) + 0.1F && a->bold == b->bold;
}

/* True when the last line ended where the column ends, so that the next one goes on. */
static bool was_wrapped(const struct block_draft *d, const struct pdf_line *next)
{
    if (next->leftward)
        return d->last->left - d->last->size * 0.25F - first_word_width(d->t, next) < fminf(d->left, next->left) + d->last->size * 0.5F;
    float right = fmaxf(d->right, next->right);
    return d->last->right + d->last->size * 0.25F + first_word_width(d->t, next) > right - d->last->size * 0.5F;
}

/* True when the line belongs to the block begun. */
static bool goes_on(const struct block_draft *d, const struct pdf_line *next)
{
    const struct pdf_line *last = d->last;
    float down = last->base - next->base, size = fmaxf(last->size, next->size);
    if (last->page != next->page)
        return false;
    if (last->hyphen)
        return true;
    if (fabsf(down) < size * 0.4F &&
        (next->left >= last->right - size || (next->leftward && next->right <= last->left + size))) /* one line of print in two pieces */
        return last->bold == next->bold || !d->h->bold_stands_out;
    if (!looks_alike(last, next) || down <= 0 || down > size * d->h->leading * 1.22F)
        return false;
    struct span text = span_trim(pdf_line_text(d->t, next));
    if (line_bullet(text) || (line_is_numbered(text) && next->left <= d->first->left + size))
        return false;
    if (next->left > last->right || next->right < last->left)
        return false;
    if (last->size > d->h->body * 1.12F) /* headings are broken by sense and often centred */
        return true;
    bool indented = (next->leftward ? next->right < last->right - size * 0.8F : next->left > last->left + size * 0.8F) && !(d->item && d->lines == 1);
    return !indented && was_wrapped(d, next);
}

static void add_line(struct block_draft *d, const struct pdf_line *l)
{
    struct span text = span_trim(pdf_line_text(d->t, l));
    if (!d->first) {
        size_t bullet = line_bullet(text);
        d->item = bullet > 0 || line_is_numbered(text);
        text = span_skip(text, bullet);
        d->first = l;
        d->left = l->left;
        d->right = l->right;
    } else if (!d->last->hyphen) {
        d->item = d->item || (d->lines == 1 && line_is_label(buf_view(&d->text)));
        buf_char(&d->text, ' ');
    }
    buf_span(&d->text, text);
    d->left = fminf(d->left, l->left);
    d->right = fmaxf(d->right, l->right);
    d->last = l;
    d->lines++;
}

bool pdf_put_blocks(const struct pdf_text *t, const struct pdf_habits *h, struct sink *out)
{
    size_t count;
    const struct pdf_line *lines = pdf_lines(t, &count);
    struct block_draft d = {.t = t, .h = h, .out = out};
    bool ok = true;
    buf_init(&d.text, (size_t)1 << 28);
    for (size_t i = 0; ok && i < count; i++) {
        if (lines[i].running)
            continue;
        if (lines[i].aside) {
            ok = flush(&d) && sink_put(out, BLOCK_PARAGRAPH, 0, lines[i].page, pdf_line_text(t, &lines[i]));
            continue;
        }
        size_t table = pdf_table_at(t, i);
        if (table) {
            ok = flush(&d) && pdf_put_table(t, i, table, out);
            i += table - 1;
            continue;
        }
        if (d.first && !goes_on(&d, &lines[i]))
            ok = flush(&d);
        add_line(&d, &lines[i]);
    }
    ok = ok && flush(&d);
    buf_free(&d.text);
    return ok;
}
