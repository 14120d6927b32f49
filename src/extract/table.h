/* A table under construction, for formats that mark rows and cells: finds out whether the first row names the columns. */
#ifndef EXTRACT_TABLE_H
#define EXTRACT_TABLE_H

#include "extract/format.h"

enum { TABLE_CARRIED_MAX = 64 }; /* columns in which a cell can reach over several rows */

struct table {
    struct buf row;   /* the row being filled, cells separated by TAB */
    struct buf first; /* the first row, held back until the second one comes */
    int32_t page;
    size_t rows;  /* ended so far */
    size_t cells; /* of the row being filled */
    size_t wordy; /* of these, the ones that could name a column: short, with a letter, no number */
    size_t first_cells, first_wordy;
    bool marked; /* the format says that this row is a header */
    bool plain;  /* text of this row is not emphasised */
    bool first_marked, first_plain;
    struct {
        struct buf text;
        uint32_t rows; /* that still begin with this cell in this column */
    } carried[TABLE_CARRIED_MAX];
};

void table_init(struct table *t);
void table_free(struct table *t);
void table_begin(struct table *t, int32_t page);
void table_cell(struct table *t, struct span text);
/* A cell that covers several columns (the others stay empty) and rows (its text is repeated: each row says all that belongs to it). */
void table_cell_over(struct table *t, struct span text, uint32_t columns, uint32_t rows);
/* The same for formats that say only in the next rows that a cell reaches down to them: a cell that may, and its repetition. */
void table_cell_kept(struct table *t, struct span text, uint32_t columns);
void table_cell_again(struct table *t, uint32_t columns);
/* The row being filled is a header; has text that is not emphasised. */
void table_mark_header(struct table *t);
void table_mark_plain(struct table *t);
/* Ends the row; false after sink_refuse. */
bool table_row(struct table *t, struct sink *out);
bool table_end(struct table *t, struct sink *out);

/* True when the cell could name a column. */
bool table_cell_is_name(struct span cell);

#endif
