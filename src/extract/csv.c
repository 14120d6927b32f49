/* CSV and TSV (RFC 4180, and what spreadsheets really write): separator and header are found from the content. */
#include <string.h>

#include "extract/charset.h"
#include "extract/table.h"

enum { SAMPLE_BYTES = 64 * 1024, SAMPLE_ROWS = 50 };

struct csv {
    struct span rest;
    char separator;
    struct buf cell; /* a quoted cell without its quotes */
};

/* A quoted cell, at its quote: doubled quotes stand for one. What follows the closing quote up to the separator is kept. */
static void take_quoted(struct csv *c)
{
    size_t i = 1;
    for (; i < c->rest.n; i++) {
        if (c->rest.p[i] != '"') {
            buf_char(&c->cell, c->rest.p[i]);
        } else if (i + 1 < c->rest.n && c->rest.p[i + 1] == '"') {
            buf_char(&c->cell, '"');
            i++;
        } else {
            i++;
            break;
        }
    }
    c->rest = span_skip(c->rest, i);
}

/* The next cell; *last tells that it ends its row. The line break or separator is consumed. */
static struct span take_cell(struct csv *c, bool *last)
{
    buf_clear(&c->cell);
    while (c->separator != ' ' && c->rest.n && c->rest.p[0] == ' ' && c->rest.n > 1 && c->rest.p[1] == '"')
        c->rest = span_skip(c->rest, 1);
    bool quoted = c->rest.n && c->rest.p[0] == '"';
    if (quoted)
        take_quoted(c);
    size_t n = 0;
    while (n < c->rest.n && c->rest.p[n] != c->separator && c->rest.p[n] != '\n' && c->rest.p[n] != '\r')
        n++;
    struct span cell = {c->rest.p, n};
    if (quoted) {
        buf_span(&c->cell, cell);
        cell = buf_view(&c->cell);
    }
    c->rest = span_skip(c->rest, n);
    *last = c->rest.n == 0 || c->rest.p[0] != c->separator;
    if (c->rest.n)
        c->rest = span_skip(c->rest, c->rest.n > 1 && c->rest.p[0] == '\r' && c->rest.p[1] == '\n' ? 2 : 1);
    return cell;
}

/* How well a separator explains the beginning of the file: rows that have as many cells as the first, weighed by their width; 0: not at all. */
static size_t judge_separator(struct span sample, char separator)
{
    struct csv c = {.rest = sample, .separator = separator};
    buf_init(&c.cell, SAMPLE_BYTES);
    size_t first = 0, alike = 0, rows = 0;
    while (c.rest.n && rows < SAMPLE_ROWS) {
        size_t cells = 0;
        bool last = false;
        while (!last) {
            take_cell(&c, &last);
            cells++;
        }
        if (c.rest.n == 0 && rows > 1)
            break; /* perhaps cut */
        if (rows++ == 0)
            first = cells;
        alike += cells == first;
    }
    buf_free(&c.cell);
    return first < 2 || rows == 0 ? 0 : alike * 1000 / rows * 8 + (first < 64 ? first : 64);
}

static char find_separator(struct span text)
{
    static const char separators[] = {',', ';', '\t', '|'};
    struct span sample = {text.p, text.n < SAMPLE_BYTES ? text.n : SAMPLE_BYTES};
    size_t best = 0;
    char found = ',';
    for (size_t i = 0; i < sizeof separators; i++) {
        size_t score = judge_separator(sample, separators[i]);
        if (score > best) {
            best = score;
            found = separators[i];
        }
    }
    return found;
}

/* Spreadsheet programs may name the separator in the first line: "sep=;". */
static bool take_declared(struct csv *c)
{
    if (c->rest.n < 6 || !span_starts(c->rest, SPAN("sep=")) || (c->rest.p[5] != '\n' && c->rest.p[5] != '\r'))
        return false;
    c->separator = c->rest.p[4];
    struct span line;
    span_cut(c->rest, '\n', &line, &c->rest);
    return true;
}

static bool read_rows(struct csv *c, struct sink *out)
{
    struct buf row;
    buf_init(&row, (size_t)1 << 28);
    bool ok = true;
    for (size_t rows = 0; ok && c->rest.n;) {
        size_t cells = 0, names = 0, filled = 0;
        bool last = false;
        buf_clear(&row);
        while (!last) {
            struct span cell = take_cell(c, &last);
            if (cells < SINK_CELLS_MAX)
                row_cell(&row, cells == 0, cell);
            cells++;
            filled += span_trim(cell).n > 0;
            names += table_cell_is_name(cell);
        }
        if (row.failed || c->cell.failed)
            ok = sink_no_memory(out);
        else if (filled) {
            bool header = rows++ == 0 && names == cells && c->rest.n;
            ok = sink_put(out, header ? BLOCK_TABLE_HEADER : BLOCK_TABLE_ROW, 0, 0, buf_view(&row));
        }
    }
    buf_free(&row);
    return ok;
}

bool csv_read(const struct source *in, struct sink *out)
{
    struct buf text;
    buf_init(&text, (size_t)1 << 29);
    bool ok = charset_decode(in, (struct span){0}, &text, out);
    if (ok && text.n && memchr(text.p, 0, text.n))
        ok = sink_refuse(out, EXTRACT_DAMAGED, "The file is not text: it holds zero bytes.");
    if (ok) {
        struct csv c = {.rest = buf_view(&text)};
        buf_init(&c.cell, (size_t)1 << 28);
        if (!take_declared(&c))
            c.separator = find_separator(c.rest);
        ok = read_rows(&c, out);
        buf_free(&c.cell);
    }
    buf_free(&text);
    return ok;
}
