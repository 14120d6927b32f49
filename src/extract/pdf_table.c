/* Tables of a PDF: rows of print with wide gaps in them, below one another. Nothing else marks them: lines are drawn, if at all, apart from the text. */
#include <math.h>
#include <string.h>

#include "extract/lines.h"
#include "extract/pdf_lines.h"

enum { ROW_BYTES_MAX = 1 << 20 };

/* Lines that stand side by side. */
struct row {
    size_t lines;
    int32_t cells;
    float second, right; /* left edge of the second cell, right edge of the last one */
};

static bool is_beside(const struct pdf_line *a, const struct pdf_line *b)
{
    float size = fmaxf(a->size, b->size);
    return a->page == b->page && !b->running && !b->aside && fabsf(a->base - b->base) < size * 0.4F && (b->left > a->right + size || b->right < a->left - size);
}

static bool is_item(const struct pdf_text *t, const struct pdf_line *l)
{
    struct span text = span_trim(pdf_line_text(t, l));
    return line_bullet(text) || line_is_numbered(text) || line_is_label(text);
}

/* The row that begins at lines[at]; of no lines for what cannot stand in a table. */
static struct row row_at(const struct pdf_text *t, size_t at)
{
    size_t count;
    const struct pdf_line *lines = pdf_lines(t, &count);
    if (at >= count || lines[at].running || lines[at].aside || is_item(t, &lines[at]))
        return (struct row){0};
    struct row row = {.lines = 1, .cells = lines[at].cells, .second = lines[at].second, .right = lines[at].right};
    for (size_t i = at + 1; i < count && is_beside(&lines[i - 1], &lines[i]); i++) {
        if (row.cells == 1)
            row.second = lines[i].left;
        row.cells += lines[i].cells;
        row.lines++;
        row.right = lines[i].right;
    }
    return row;
}

static bool is_below(const struct pdf_line *a, const struct pdf_line *b)
{
    float size = fmaxf(a->size, b->size), down = a->base - b->base;
    return a->page == b->page && down > size * 0.5F && down < size * 3.5F;
}

static bool is_aligned(const struct row *a, const struct row *b, float size)
{
    return fabsf(a->second - b->second) < size * 1.5F || fabsf(a->right - b->right) < size * 1.5F;
}

size_t pdf_table_at(const struct pdf_text *t, size_t at)
{
    size_t count, taken = 0, rows = 0;
    const struct pdf_line *lines = pdf_lines(t, &count);
    struct row before = {0};
    for (;;) {
        struct row row = row_at(t, at + taken);
        if (row.cells < 2)
            break;
        const struct pdf_line *first = &lines[at + taken];
        if (rows && (!is_below(&lines[at + taken - before.lines], first) || !is_aligned(&before, &row, first->size)))
            break;
        taken += row.lines;
        before = row;
        rows++;
    }
    return rows >= 2 ? taken : 0;
}

bool pdf_put_table(const struct pdf_text *t, size_t at, size_t count, struct sink *out)
{
    size_t all;
    const struct pdf_line *lines = pdf_lines(t, &all);
    struct buf text;
    buf_init(&text, ROW_BYTES_MAX);
    bool ok = true;
    for (size_t i = at; ok && i < at + count; i++) {
        bool beside = i + 1 < at + count && is_beside(&lines[i], &lines[i + 1]);
        buf_span(&text, pdf_line_text(t, &lines[i]));
        if (beside) {
            buf_char(&text, '\t');
            continue;
        }
        ok = text.failed ? sink_no_memory(out) : sink_put(out, BLOCK_TABLE_ROW, 0, lines[i].page, buf_view(&text));
        buf_clear(&text);
    }
    buf_free(&text);
    return ok;
}
