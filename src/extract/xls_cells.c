/* Records of cells ([MS-XLS] 2.4; before version 8 they differ in little): numbers in four forms, texts, formulas' results. */
#include "extract/xls_cells.h"

#include <stdlib.h>
#include <string.h>

#include "extract/binary.h"

enum { CELLS_BYTES_MAX = 192 * 1024 * 1024, TEXT_MAX = 64 * 1024 * 1024 };

void xls_cells_init(struct xls_cells *s, const struct xls_book *book)
{
    *s = (struct xls_cells){.book = book};
    buf_init(&s->cells, CELLS_BYTES_MAX);
    buf_init(&s->texts, TEXT_MAX);
}

void xls_cells_free(struct xls_cells *s)
{
    buf_free(&s->cells);
    buf_free(&s->texts);
}

void xls_cells_begin(struct xls_cells *s)
{
    buf_clear(&s->cells);
    buf_clear(&s->texts);
    s->sorted = true;
    s->awaiting = false;
}

static void add_cell(struct xls_cells *s, struct xls_cell c)
{
    if (s->cells.n) {
        struct xls_cell last;
        memcpy(&last, s->cells.p + s->cells.n - sizeof last, sizeof last);
        s->sorted = s->sorted && (c.row > last.row || (c.row == last.row && c.column > last.column));
    }
    buf_put(&s->cells, &c, sizeof c);
}

/* Row, column and format, which begin every record of a cell. */
static struct xls_cell cell_of(const struct xls_cells *s, struct span data)
{
    struct xls_cell c = {.row = le16(data, 0), .column = (uint16_t)le16(data, 2), .format = (uint16_t)le16(data, 4)};
    if (s->book->version == 2)
        c.format = (uint16_t)(le8(data, 4) & 0x3F);
    return c;
}

static void add_number(struct xls_cells *s, struct span data, double number)
{
    struct xls_cell c = cell_of(s, data);
    c.value.number = number;
    add_cell(s, c);
}

static void add_text(struct xls_cells *s, struct xls_cell c, size_t at)
{
    c.kind = XLS_TEXT;
    c.value.at = at;
    c.length = (uint32_t)(s->texts.n - at);
    add_cell(s, c);
}

static void add_literal(struct xls_cells *s, struct xls_cell c, const char *text)
{
    size_t at = s->texts.n;
    buf_str(&s->texts, text);
    add_text(s, c, at);
}

static void add_boolean_or_error(struct xls_cells *s, struct xls_cell c, uint32_t value, bool is_error)
{
    add_literal(s, c, is_error ? biff_error(value) : value ? "TRUE" : "FALSE");
}

/* LABEL and RSTRING: the text stands in the record. */
static void take_label(struct xls_cells *s, struct biff *b)
{
    size_t at = s->texts.n;
    struct xls_cell c = cell_of(s, b->data);
    xls_text(s->book, b, s->book->version == 2 ? 7 : 6, s->book->version == 2 ? 1 : 2, &s->texts);
    add_text(s, c, at);
}

static void take_shared_string(struct xls_cells *s, struct span data)
{
    struct xls_cell c = cell_of(s, data);
    c.kind = XLS_STRING;
    c.value.string = le32(data, 6);
    add_cell(s, c);
}

/* MULRK: a run of RK numbers in one row, each behind its format; the last column closes the record. */
static void take_run(struct xls_cells *s, struct span data)
{
    struct xls_cell c = {.row = le16(data, 0), .column = (uint16_t)le16(data, 2)};
    for (size_t at = 4; at + 8 <= data.n; at += 6, c.column++) {
        c.format = (uint16_t)le16(data, at);
        c.value.number = biff_rk(le32(data, at + 2));
        add_cell(s, c);
    }
}

/* A formula's last result: a number, or, marked by what would be a NaN, something else. A text follows in a STRING record. */
static void take_formula(struct xls_cells *s, struct span data)
{
    size_t at = s->book->version == 2 ? 7 : 6;
    struct xls_cell c = cell_of(s, data);
    if (le16(data, at + 6) != 0xFFFF) {
        add_number(s, data, le_double(data, at));
        return;
    }
    switch (le8(data, at)) {
    case 0:
        add_literal(s, c, "");
        s->awaiting = true;
        break;
    case 1:
        add_boolean_or_error(s, c, le8(data, at + 2), false);
        break;
    case 2:
        add_boolean_or_error(s, c, le8(data, at + 2), true);
        break;
    default:
        break;
    }
}

static void take_result(struct xls_cells *s, struct biff *b)
{
    struct xls_cell c;
    if (!s->awaiting || s->cells.n < sizeof c)
        return;
    s->awaiting = false;
    memcpy(&c, s->cells.p + s->cells.n - sizeof c, sizeof c);
    c.value.at = s->texts.n;
    xls_text(s->book, b, 0, s->book->version == 2 ? 1 : 2, &s->texts);
    c.length = (uint32_t)(s->texts.n - c.value.at);
    memcpy(s->cells.p + s->cells.n - sizeof c, &c, sizeof c);
}

bool xls_cells_take(struct xls_cells *s, struct biff *b)
{
    struct span data = b->data;
    bool old = s->book->version == 2;
    switch (b->type) {
    case BIFF_LABELSST:
        take_shared_string(s, data);
        return true;
    case BIFF_RK:
        add_number(s, data, biff_rk(le32(data, 6)));
        return true;
    case BIFF_MULRK:
        take_run(s, data);
        return true;
    case BIFF_NUMBER:
    case BIFF_NUMBER2:
        add_number(s, data, le_double(data, old ? 7 : 6));
        return true;
    case BIFF_INTEGER2:
        add_number(s, data, le16(data, 7));
        return true;
    case BIFF_LABEL:
    case BIFF_LABEL2:
    case BIFF_RSTRING:
        take_label(s, b);
        return true;
    case BIFF_BOOLERR:
    case BIFF_BOOLERR2:
        add_boolean_or_error(s, cell_of(s, data), le8(data, old ? 7 : 6), le8(data, old ? 8 : 7) != 0);
        return true;
    case BIFF_FORMULA:
    case BIFF_FORMULA3:
    case BIFF_FORMULA4:
        take_formula(s, data);
        return true;
    case BIFF_STRING:
    case BIFF_STRING2:
        take_result(s, b);
        return true;
    default:
        return false;
    }
}

static int compare_cells(const void *a, const void *b)
{
    const struct xls_cell *p = a, *q = b;
    if (p->row != q->row)
        return p->row < q->row ? -1 : 1;
    return p->column - q->column;
}

const struct xls_cell *xls_cells_sorted(struct xls_cells *s, size_t *count)
{
    struct xls_cell *cells = (struct xls_cell *)(void *)s->cells.p;
    *count = s->cells.n / sizeof *cells;
    if (!s->sorted)
        qsort(cells, *count, sizeof *cells, compare_cells);
    s->sorted = true;
    return cells;
}
