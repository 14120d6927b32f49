/* Rows of a sheet on their way out: cells at their columns, and the rows that name the columns of those below. For every spreadsheet format. */
#ifndef EXTRACT_SHEET_ROWS_H
#define EXTRACT_SHEET_ROWS_H

#include "extract/format.h"

/* One row. */
struct sheet_row {
    struct buf text;         /* cells separated by TAB */
    int32_t columns;         /* up to the last cell that is filled */
    int32_t filled;          /* cells that are not empty */
    int32_t texts;           /* of these, the ones that hold text */
    int32_t names;           /* of these, the ones that could name a column */
    int32_t years;           /* of these, the ones that read as a year: two of them name columns, too */
    int32_t bold;            /* of these, the ones in bold */
    uint64_t named;          /* bit i: column i holds a name or a year; … */
    uint64_t valued;         /* … a number or date */
    bool gap;                /* no row stands right above it */
    bool marked;             /* the file marks it as header */
    bool only_above_numbers; /* it stands where no header is looked for: only what is below can tell */
};

struct sheet_rows {
    struct sink *out;
    int32_t page;
    struct span name;       /* of the sheet; written as a heading above its first row */
    int64_t marked;         /* number of the row that the file marks as header, or 0 */
    int64_t number;         /* of the row under construction */
    int64_t last;           /* number of the row before it */
    int32_t header_columns; /* width of the header in force; 0: none */
    bool begun;
    struct sheet_row row, held, upper; /* held: a row that may be a header; upper: such a one right above it; filled 0: none */
};

void sheet_rows_init(struct sheet_rows *r, struct sink *out);
void sheet_rows_free(struct sheet_rows *r);
/* A sheet; the name stays the caller's until sheet_rows_end. */
void sheet_rows_begin(struct sheet_rows *r, struct span name, int32_t page);
/* A row by its number from 1, then its cells by their columns from 0 in rising order, then its end. End is false after sink_refuse. */
void sheet_row_begin(struct sheet_rows *r, int64_t number);
void sheet_row_cell(struct sheet_rows *r, int32_t column, struct span text, bool is_text, bool bold);
bool sheet_row_end(struct sheet_rows *r);
bool sheet_rows_end(struct sheet_rows *r);
/* Writes the sheet's name, unless its rows have done so: for what stands on the sheet beside them. */
bool sheet_rows_title(struct sheet_rows *r);

#endif
