/* Tables on slides: a group of shapes, one for each cell, that say where they stand and nothing of rows. */
#ifndef EXTRACT_PPT_TABLE_H
#define EXTRACT_PPT_TABLE_H

#include "extract/table.h"

struct ppt_table {
    struct buf cells; /* struct ppt_cell each */
    struct buf texts;
    struct table rows;
};

void ppt_table_init(struct ppt_table *t);
void ppt_table_free(struct ppt_table *t);
/* Empties the table, for the next one. */
void ppt_table_begin(struct ppt_table *t);
/* A cell with its left and top edge. */
void ppt_table_cell(struct ppt_table *t, int32_t x, int32_t y, struct span text);
/* Writes the rows; false after sink_refuse. */
bool ppt_table_put(struct ppt_table *t, int32_t page, struct sink *out);

#endif
