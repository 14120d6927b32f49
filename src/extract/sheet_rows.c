/* Rows of a sheet. A header is a row of names that opens a block of rows, or stands out in bold, or is marked by the file (frozen panes); it
 * holds until another header, or a line that stands alone behind a gap. */
#include "extract/sheet_rows.h"

#include "extract/table.h"

enum {
    ROW_BYTES_MAX = 1 << 24,
    ALIGNED_MIN = 64 /* columns within which empty cells are kept in their places; wider gaps count only below a header that wide */
};

void sheet_rows_init(struct sheet_rows *r, struct sink *out)
{
    *r = (struct sheet_rows){.out = out};
    buf_init(&r->row.text, ROW_BYTES_MAX);
    buf_init(&r->held.text, ROW_BYTES_MAX);
}

void sheet_rows_free(struct sheet_rows *r)
{
    buf_free(&r->row.text);
    buf_free(&r->held.text);
}

static void clear_row(struct sheet_row *row)
{
    buf_clear(&row->text);
    row->columns = row->filled = row->texts = row->names = row->years = row->bold = 0;
}

void sheet_rows_begin(struct sheet_rows *r, struct span name, int32_t page)
{
    r->name = name;
    r->page = page;
    r->marked = r->last = r->number = 0;
    r->header_columns = 0;
    r->begun = false;
    clear_row(&r->row);
    clear_row(&r->held);
}

void sheet_row_begin(struct sheet_rows *r, int64_t number)
{
    clear_row(&r->row);
    r->number = number;
}

static bool is_year(struct span text)
{
    int64_t year;
    return text.n == 4 && span_to_int(text, 1900, 2100, &year);
}

/* Cells of the row that name a column. */
static int32_t names_in(const struct sheet_row *row)
{
    return row->names + (row->years > 1 ? row->years : 0);
}

void sheet_row_cell(struct sheet_rows *r, int32_t column, struct span text, bool is_text, bool bold)
{
    struct sheet_row *row = &r->row;
    int32_t aligned = r->header_columns > ALIGNED_MIN ? r->header_columns : ALIGNED_MIN;
    if (span_trim(text).n == 0 || column >= SINK_CELLS_MAX)
        return;
    for (; row->columns < column && row->columns < aligned; row->columns++)
        row_cell(&row->text, row->columns == 0, (struct span){0});
    row_cell(&row->text, row->columns == 0, text);
    row->columns++;
    row->filled++;
    row->texts += is_text;
    row->names += is_text && table_cell_is_name(text);
    row->years += !is_text && is_year(text);
    row->bold += bold;
}

bool sheet_rows_title(struct sheet_rows *r)
{
    bool ok = r->begun || sink_put(r->out, BLOCK_HEADING, 1, r->page, r->name);
    r->begun = true;
    return ok;
}

static bool put(struct sheet_rows *r, const struct sheet_row *row, enum block_kind kind)
{
    if (row->text.failed)
        return sink_no_memory(r->out);
    if (!sheet_rows_title(r))
        return false;
    if (kind == BLOCK_TABLE_HEADER)
        r->header_columns = row->columns;
    else if (kind == BLOCK_PARAGRAPH)
        r->header_columns = 0;
    return sink_put(r->out, kind, 0, r->page, buf_view(&row->text));
}

/* A lone text is a line of its own: a title or a remark. Below a header, without a gap, it is a row of the table, unless it is a sentence in the
 * first column. */
static bool is_line(const struct sheet_rows *r, const struct sheet_row *row, bool gap)
{
    bool sentence = row->columns == 1 && row->names == 0;
    return row->filled == 1 && row->texts == 1 && (gap || r->header_columns == 0 || sentence);
}

static bool put_plain(struct sheet_rows *r, const struct sheet_row *row, bool gap)
{
    return put(r, row, is_line(r, row, gap) ? BLOCK_PARAGRAPH : BLOCK_TABLE_ROW);
}

/* True when the row may name columns; whether it does shows when the next one comes. */
static bool may_be_header(const struct sheet_rows *r, bool block_start)
{
    const struct sheet_row *row = &r->row;
    if (row->filled < 2)
        return false;
    if (r->marked && r->marked == r->number)
        return true;
    if (row->bold == row->filled && names_in(row) * 2 >= row->filled)
        return block_start || r->header_columns == 0;
    return names_in(row) == row->filled && block_start;
}

/* Two plain names side by side are as likely a name and its value: only above numbers they are a header. */
static bool is_pair(const struct sheet_row *row, const struct sheet_row *next)
{
    return row->filled == 2 && row->bold < 2 && next->texts > 0;
}

/* The held row, now that the row behind it is known (NULL: none directly behind it). */
static bool put_held(struct sheet_rows *r, const struct sheet_row *next)
{
    const struct sheet_row *held = &r->held;
    if (held->filled == 0)
        return true;
    bool bold = held->bold == held->filled, next_names = next && next->filled >= 2 && names_in(next) == next->filled;
    bool next_is_stronger = next_names && (next->bold == next->filled || next->years > 1);
    bool heads = next && (r->held_marked || ((bold || r->header_columns == 0 || names_in(next) < next->filled) && !next_is_stronger && !is_pair(held, next)));
    bool ok = heads ? put(r, held, BLOCK_TABLE_HEADER) : put_plain(r, held, r->held_block_start);
    clear_row(&r->held);
    return ok;
}

bool sheet_row_end(struct sheet_rows *r)
{
    if (r->row.filled == 0)
        return true;
    bool gap = r->last == 0 || r->number > r->last + 1, alone = r->held.filled == 0 && r->header_columns == 0;
    if (!put_held(r, gap ? NULL : &r->row))
        return false;
    bool block_start = gap || (alone && r->begun && r->header_columns == 0);
    r->last = r->number;
    if (!may_be_header(r, block_start))
        return put_plain(r, &r->row, gap);
    struct sheet_row row = r->held;
    r->held = r->row;
    r->row = row;
    r->held_block_start = gap;
    r->held_marked = r->marked && r->marked == r->number;
    return true;
}

bool sheet_rows_end(struct sheet_rows *r)
{
    return put_held(r, NULL);
}
