/* Rows of a sheet. A header is a row of names that opens a block of rows, or stands out in bold, or above numbers, or is marked by the file (frozen panes); it
 * holds until another header, or a line that stands alone behind a gap. A row of names right above one that stands above numbers is the upper half of the same header. */
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
    buf_init(&r->upper.text, ROW_BYTES_MAX);
}

void sheet_rows_free(struct sheet_rows *r)
{
    buf_free(&r->row.text);
    buf_free(&r->held.text);
    buf_free(&r->upper.text);
}

static void clear_row(struct sheet_row *row)
{
    buf_clear(&row->text);
    row->columns = row->filled = row->texts = row->names = row->years = row->bold = 0;
    row->named = row->valued = 0;
    row->gap = row->marked = row->only_above_numbers = false;
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
    clear_row(&r->upper);
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

/* #N/A, #VALUE! and the like. */
static bool is_error(struct span text)
{
    return text.n > 2 && text.p[0] == '#' && text.p[1] >= 'A' && text.p[1] <= 'Z';
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
    bool name = is_text && table_cell_is_name(text) && !is_error(text), year = is_year(text);
    row->names += name;
    row->years += year;
    if (column < 64) {
        row->named |= (uint64_t)(name || year) << column;
        row->valued |= (uint64_t)!is_text << column;
    }
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

static bool has_empty_corner(const struct sheet_row *row)
{
    return row->text.n && row->text.p[0] == '\t';
}

/* True when the row may name columns; whether it does shows when the next one comes. */
static bool may_be_header(struct sheet_rows *r, bool block_start)
{
    struct sheet_row *row = &r->row;
    if (row->filled < 2)
        return false;
    row->marked = r->marked && r->marked == r->number;
    if (row->marked)
        return true;
    if (row->bold == row->filled && names_in(row) * 2 >= row->filled && (block_start || r->header_columns == 0))
        return true;
    if (names_in(row) != row->filled)
        return false;
    row->only_above_numbers = !block_start;
    return block_start || r->header_columns == 0 || has_empty_corner(row);
}

/* Two plain names side by side are as likely a name and its value: only above numbers they are a header. */
static bool is_pair(const struct sheet_row *row, const struct sheet_row *next)
{
    return row->filled == 2 && row->bold < 2 && next->texts > 0;
}

/* Most columns that the row names, the first aside, hold numbers in the next. */
static bool stands_above_numbers(const struct sheet_row *row, const struct sheet_row *next)
{
    int named = __builtin_popcountll(row->named & ~UINT64_C(1)), valued = __builtin_popcountll(row->named & next->valued & ~UINT64_C(1));
    return valued >= 2 && valued * 2 >= named && names_in(next) < next->filled;
}

static bool heads(const struct sheet_rows *r, const struct sheet_row *row, const struct sheet_row *next)
{
    bool bold = row->bold == row->filled, next_names = next->filled >= 2 && names_in(next) == next->filled;
    bool next_is_stronger = next_names && (next->bold == next->filled || next->years > 1);
    if (row->marked || stands_above_numbers(row, next))
        return true;
    return !row->only_above_numbers && (bold || r->header_columns == 0 || names_in(next) < next->filled) && !next_is_stronger && !is_pair(row, next);
}

/* A row that was held, now that the row behind it is known (NULL: none directly behind it). */
static bool put_candidate(struct sheet_rows *r, struct sheet_row *row, const struct sheet_row *next)
{
    bool ok = row->filled == 0 || (next && heads(r, row, next) ? put(r, row, BLOCK_TABLE_HEADER) : put_plain(r, row, row->gap));
    clear_row(row);
    return ok;
}

/* The held rows, now that the row behind them is known. */
static bool put_held(struct sheet_rows *r, const struct sheet_row *next)
{
    bool halves = next && r->upper.filled && r->held.filled && stands_above_numbers(&r->held, next);
    if (halves) {
        int32_t columns = r->upper.columns;
        bool ok = put(r, &r->upper, BLOCK_TABLE_HEADER) && put(r, &r->held, BLOCK_TABLE_HEADER);
        if (columns > r->header_columns)
            r->header_columns = columns;
        clear_row(&r->upper);
        clear_row(&r->held);
        return ok;
    }
    return put_candidate(r, &r->upper, &r->held) && put_candidate(r, &r->held, next);
}

static void swap_rows(struct sheet_row *a, struct sheet_row *b)
{
    struct sheet_row other = *a;
    *a = *b;
    *b = other;
}

/* Holds the row; the one held before it is perhaps the upper half of the same header. */
static bool hold(struct sheet_rows *r)
{
    bool ok = put_candidate(r, &r->upper, &r->held);
    swap_rows(&r->upper, &r->held);
    swap_rows(&r->held, &r->row);
    return ok;
}

bool sheet_row_end(struct sheet_rows *r)
{
    if (r->row.filled == 0)
        return true;
    bool spaced = r->held.filled && r->number == r->last + 2 && stands_above_numbers(&r->held, &r->row); /* an empty row as a margin */
    bool gap = !spaced && (r->last == 0 || r->number > r->last + 1), alone = r->held.filled == 0 && r->header_columns == 0;
    if (gap && !put_held(r, NULL))
        return false;
    bool block_start = gap || (alone && r->begun && r->header_columns == 0);
    bool candidate = may_be_header(r, block_start);
    r->last = r->number;
    r->row.gap = gap;
    if (candidate && r->held.filled && names_in(&r->row) == r->row.filled && names_in(&r->held) == r->held.filled)
        return hold(r);
    if (!gap && !put_held(r, &r->row))
        return false;
    return candidate ? hold(r) : put_plain(r, &r->row, gap);
}

bool sheet_rows_end(struct sheet_rows *r)
{
    return put_held(r, NULL);
}
