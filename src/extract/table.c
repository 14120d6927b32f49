/* Tables of Word and HTML documents. A first row is a header when the format marks it, or when all its cells could name a column and it is
 * emphasised or wide enough (three columns) not to be a pair of name and value. */
#include "extract/table.h"

enum { NAME_BYTES_MAX = 80, ROW_BYTES_MAX = 1 << 28 };

void table_init(struct table *t)
{
    *t = (struct table){0};
    buf_init(&t->row, ROW_BYTES_MAX);
    buf_init(&t->first, ROW_BYTES_MAX);
    for (size_t i = 0; i < TABLE_CARRIED_MAX; i++)
        buf_init(&t->carried[i].text, ROW_BYTES_MAX);
}

void table_free(struct table *t)
{
    buf_free(&t->row);
    buf_free(&t->first);
    for (size_t i = 0; i < TABLE_CARRIED_MAX; i++)
        buf_free(&t->carried[i].text);
}

static void begin_row(struct table *t)
{
    buf_clear(&t->row);
    t->cells = t->wordy = 0;
    t->marked = t->plain = false;
}

void table_begin(struct table *t, int32_t page)
{
    buf_clear(&t->first);
    t->page = page;
    t->rows = 0;
    for (size_t i = 0; i < TABLE_CARRIED_MAX; i++) {
        t->carried[i].rows = 0;
        buf_clear(&t->carried[i].text);
    }
    begin_row(t);
}

bool table_cell_is_name(struct span cell)
{
    size_t letters = 0, digits = 0;
    cell = span_trim(cell);
    for (size_t i = 0; i < cell.n; i++) {
        unsigned char c = (unsigned char)cell.p[i];
        letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
        digits += c >= '0' && c <= '9';
    }
    return letters > 0 && letters >= digits && cell.n <= NAME_BYTES_MAX;
}

static void add_cell(struct table *t, struct span text)
{
    if (t->cells >= SINK_CELLS_MAX)
        return;
    row_cell(&t->row, t->cells == 0, text);
    t->cells++;
    t->wordy += table_cell_is_name(text);
}

/* The cells that reach down from earlier rows into the columns that come next. */
static void add_carried(struct table *t)
{
    while (t->cells < TABLE_CARRIED_MAX && t->carried[t->cells].rows > 0) {
        size_t column = t->cells;
        t->carried[column].rows--;
        add_cell(t, buf_view(&t->carried[column].text));
    }
}

void table_cell(struct table *t, struct span text)
{
    add_carried(t);
    add_cell(t, text);
}

void table_cell_over(struct table *t, struct span text, uint32_t columns, uint32_t rows)
{
    add_carried(t);
    for (uint32_t i = 0; i < columns; i++, text = (struct span){0}) {
        if (t->cells < TABLE_CARRIED_MAX && rows > 1) {
            buf_clear(&t->carried[t->cells].text);
            buf_span(&t->carried[t->cells].text, text);
            t->carried[t->cells].rows = rows - 1;
        }
        add_cell(t, text);
    }
}

void table_cell_kept(struct table *t, struct span text, uint32_t columns)
{
    add_carried(t);
    for (uint32_t i = 0; i < columns; i++, text = (struct span){0}) {
        if (t->cells < TABLE_CARRIED_MAX) {
            buf_clear(&t->carried[t->cells].text);
            buf_span(&t->carried[t->cells].text, text);
        }
        add_cell(t, text);
    }
}

void table_cell_again(struct table *t, uint32_t columns)
{
    for (uint32_t i = 0; i < columns; i++)
        add_cell(t, t->cells < TABLE_CARRIED_MAX ? buf_view(&t->carried[t->cells].text) : (struct span){0});
}

void table_mark_header(struct table *t)
{
    t->marked = true;
}

void table_mark_plain(struct table *t)
{
    t->plain = true;
}

/* A row of one cell is prose in a frame. */
static bool put_row(const struct table *t, struct sink *out, const struct buf *row, size_t cells, bool header)
{
    if (row->failed)
        return sink_no_memory(out);
    enum block_kind kind = cells == 1 ? BLOCK_PARAGRAPH : header ? BLOCK_TABLE_HEADER : BLOCK_TABLE_ROW;
    return sink_put(out, kind, 0, t->page, buf_view(row));
}

static bool put_first(const struct table *t, struct sink *out, bool more_follow)
{
    bool names = t->first_cells > 1 && t->first_wordy == t->first_cells;
    return put_row(t, out, &t->first, t->first_cells, more_follow && (t->first_marked || (names && (!t->first_plain || t->first_cells > 2))));
}

bool table_row(struct table *t, struct sink *out)
{
    bool ok = true;
    add_carried(t);
    if (t->cells == 0)
        return true;
    if (t->rows == 0) {
        buf_span(&t->first, buf_view(&t->row));
        t->first_cells = t->cells;
        t->first_wordy = t->wordy;
        t->first_marked = t->marked;
        t->first_plain = t->plain;
    } else {
        ok = (t->rows > 1 || put_first(t, out, true)) && put_row(t, out, &t->row, t->cells, false);
    }
    t->rows++;
    begin_row(t);
    return ok;
}

bool table_end(struct table *t, struct sink *out)
{
    return t->rows == 1 ? put_first(t, out, false) : true;
}
