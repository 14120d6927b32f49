/* Excel workbooks from before 2007 (.xls: BIFF8, and 2 to 7): the visible sheets in order, each a page; cells as Excel shows them.
 *
 * As in xlsx.c, hidden rows and columns are kept, hidden sheets and comments are left out. Text boxes and the texts of charts stand behind the cells. */
#include <math.h>
#include <string.h>

#include "extract/biff_unlock.h"
#include "extract/binary.h"
#include "extract/number_format.h"
#include "extract/ole.h"
#include "extract/sheet_rows.h"
#include "extract/xls_cells.h"

enum { ARENA_MAX = 256 * 1024 * 1024, TEXT_MAX = 64 * 1024 * 1024, SHOWN_MAX = 1 << 20, NESTED_MAX = 16 };

struct xls {
    struct xls_book book;
    struct ole ole;
    struct sink *out;
    struct sheet_rows rows;
    struct xls_cells cells; /* of the sheet being read */
    struct buf boxes;       /* texts of boxes and charts, each behind its length (size_t) */
    struct buf shown;
    bool frozen;
    uint32_t object;     /* kind of the drawn object last seen */
    enum biff_part part; /* what the innermost BOF began */
    uint64_t left;       /* bytes of records that may still be read: sheets that point into each other would cost far more than the file is long */
    size_t nested;
    enum biff_part outer[NESTED_MAX];
};

static void end_box(struct xls *x, size_t start)
{
    size_t length = x->boxes.n - start - sizeof length;
    if (!x->boxes.failed)
        memcpy(x->boxes.p + start, &length, sizeof length);
}

/* TXO: the text of a drawn object, in the CONTINUE records behind it. Comments are drawn objects, too. */
static void take_box(struct xls *x, struct biff *b)
{
    enum { COMMENT = 0x19 };
    uint32_t count = le16(b->data, 10);
    struct biff_text t = biff_text_at(b, b->data.n);
    size_t start = x->boxes.n;
    if (x->object == COMMENT || count == 0 || le16(b->rest, 0) != BIFF_CONTINUE)
        return;
    buf_put(&x->boxes, &start, sizeof start);
    biff_text_characters(&t, count, &x->boxes);
    end_box(x, start);
}

static void take_chart_text(struct xls *x, struct biff *b)
{
    size_t start = x->boxes.n;
    buf_put(&x->boxes, &start, sizeof start);
    xls_text(&x->book, b, 2, 1, &x->boxes);
    end_box(x, start);
}

static void take_other(struct xls *x, struct biff *b)
{
    switch (b->type) {
    case BIFF_WINDOW2:
        x->frozen = (le16(b->data, 0) & 8) != 0;
        break;
    case BIFF_PANE: /* the last row above frozen panes names the columns */
        if (x->frozen && le16(b->data, 2) <= 64)
            x->rows.marked = le16(b->data, 2);
        break;
    case BIFF_OBJ:
        x->object = le16(b->data, 4);
        break;
    case BIFF_TXO:
        take_box(x, b);
        break;
    default:
        if (x->book.version < 5)
            xls_book_take(&x->book, b);
        break;
    }
}

static void show_number(struct xls *x, struct span code, double number)
{
    if (isfinite(number))
        number_format_put(&x->shown, code, number, x->book.date1904);
}

static void show_cell(struct xls *x, const struct xls_cell *c)
{
    struct xls_format format = xls_format_at(&x->book, c->format);
    bool is_text = c->kind != XLS_NUMBER;
    struct span text = {x->cells.texts.p, 0};
    buf_clear(&x->shown);
    if (c->kind == XLS_STRING)
        text = xls_string(&x->book, c->value.string);
    else if (c->kind == XLS_TEXT && c->length)
        text = (struct span){x->cells.texts.p + c->value.at, c->length};
    if (is_text)
        number_format_put_text(&x->shown, format.code, text);
    else
        show_number(x, format.code, c->value.number);
    sheet_row_cell(&x->rows, c->column, buf_view(&x->shown), is_text, format.bold);
}

static bool put_cells(struct xls *x)
{
    size_t count;
    const struct xls_cell *cells = xls_cells_sorted(&x->cells, &count);
    if (x->cells.cells.failed || x->cells.texts.failed || x->boxes.failed)
        return sink_refuse(x->out, EXTRACT_TOO_LARGE, "A sheet of the workbook holds too much.");
    for (size_t i = 0; i < count; i++) {
        bool first = i == 0 || cells[i].row != cells[i - 1].row;
        if (first)
            sheet_row_begin(&x->rows, (int64_t)cells[i].row + 1);
        if (first || cells[i].column != cells[i - 1].column)
            show_cell(x, &cells[i]);
        if ((i + 1 == count || cells[i + 1].row != cells[i].row) && !sheet_row_end(&x->rows))
            return false;
    }
    return sheet_rows_end(&x->rows);
}

static bool put_boxes(struct xls *x, struct span name, int32_t page)
{
    struct span rest = buf_view(&x->boxes);
    if (rest.n && !x->rows.begun && !sink_put(x->out, BLOCK_HEADING, 1, page, name))
        return false;
    while (rest.n) {
        size_t length;
        memcpy(&length, rest.p, sizeof length);
        if (!sink_put(x->out, BLOCK_PARAGRAPH, 0, page, slice(rest, sizeof length, length)))
            return false;
        rest = span_skip(rest, sizeof length + length);
    }
    return true;
}

/* Charts nest in sheets; their records of cells are copies of what the chart shows. */
static bool enter(struct xls *x, struct biff *b)
{
    if (x->nested == NESTED_MAX)
        return sink_refuse(x->out, EXTRACT_TOO_COMPLEX, "The workbook nests sheets too deeply.");
    struct biff copy = *b;
    x->outer[x->nested++] = x->part;
    x->part = biff_begin(&copy);
    return true;
}

static void clear_sheet(struct xls *x)
{
    xls_cells_begin(&x->cells);
    buf_clear(&x->boxes);
    x->frozen = false;
    x->object = 0;
    x->part = BIFF_OTHER;
    x->nested = 0;
}

static bool read_sheet(struct xls *x, const struct xls_sheet *sheet, int32_t page)
{
    struct biff b = {.rest = slice(x->book.stream, sheet->at, UINT64_MAX), .version = x->book.version};
    clear_sheet(x);
    sheet_rows_begin(&x->rows, sheet->name, page);
    while (biff_next(&b)) {
        if (b.type == BIFF_FILEPASS)
            return sink_refuse(x->out, EXTRACT_ENCRYPTED, "The workbook is protected by a password.");
        if (b.data.n > x->left)
            return sink_refuse(x->out, EXTRACT_DAMAGED, "The file is damaged: the sheets of the workbook overlap.");
        x->left -= b.data.n;
        if (biff_is_bof(b.type)) {
            if (!enter(x, &b))
                return false;
        } else if (b.type == BIFF_EOF) {
            x->part = x->nested ? x->outer[--x->nested] : BIFF_OTHER;
            if (x->nested == 0)
                break;
        } else if (b.type == BIFF_SERIESTEXT) {
            take_chart_text(x, &b);
        } else if (x->part != BIFF_CHART && !xls_cells_take(&x->cells, &b)) {
            take_other(x, &b);
        }
    }
    return put_cells(x) && put_boxes(x, sheet->name, page);
}

static bool read_book(struct xls *x, struct span stream)
{
    biff_unlock(&stream, x->book.arena);
    if (!xls_book_read(&x->book, stream))
        return false;
    const struct xls_sheet *sheets = (const struct xls_sheet *)(const void *)x->book.sheets.p;
    size_t count = x->book.sheets.n / sizeof *sheets;
    x->left = 2 * (uint64_t)stream.n;
    for (size_t i = 0; i < count; i++)
        if (!read_sheet(x, &sheets[i], (int32_t)i + 1))
            return false;
    x->out->pages = (int32_t)count;
    return true;
}

static bool find_book(struct xls *x, const struct source *in, struct arena *arena, struct span *stream)
{
    if (biff_starts(in->bytes)) {
        *stream = in->bytes;
        return true;
    }
    return ole_open(&x->ole, in->bytes, arena, x->out) && (ole_stream(&x->ole, "Workbook", stream) || ole_stream(&x->ole, "Book", stream) ||
                                                           sink_refuse(x->out, EXTRACT_DAMAGED, "The file holds no workbook."));
}

bool xls_read(const struct source *in, struct sink *out)
{
    struct xls x = {.out = out};
    struct span stream;
    struct arena *arena = arena_new(ARENA_MAX);
    if (!arena)
        return sink_no_memory(out);
    xls_book_init(&x.book, in, arena, out);
    sheet_rows_init(&x.rows, out);
    xls_cells_init(&x.cells, &x.book);
    buf_init(&x.boxes, TEXT_MAX);
    buf_init(&x.shown, SHOWN_MAX);
    bool ok = find_book(&x, in, arena, &stream) && read_book(&x, stream);
    buf_free(&x.shown);
    buf_free(&x.boxes);
    xls_cells_free(&x.cells);
    sheet_rows_free(&x.rows);
    xls_book_free(&x.book);
    arena_free(arena);
    return ok;
}
