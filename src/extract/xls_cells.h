/* The cells of one sheet of a binary workbook, as its records hold them. */
#ifndef EXTRACT_XLS_CELLS_H
#define EXTRACT_XLS_CELLS_H

#include "extract/xls_book.h"

enum xls_cell_kind { XLS_NUMBER, XLS_STRING, XLS_TEXT };

struct xls_cell {
    uint32_t row;
    uint16_t column;
    uint16_t format;
    uint32_t kind;   /* enum xls_cell_kind */
    uint32_t length; /* XLS_TEXT: bytes */
    union {
        double number;
        uint32_t string; /* index of a shared one */
        size_t at;       /* in texts */
    } value;
};

struct xls_cells {
    const struct xls_book *book;
    struct buf cells; /* struct xls_cell each, as they are found; they need not stand in order */
    struct buf texts; /* of cells that are no shared strings */
    bool sorted;      /* the cells so far stand in order */
    bool awaiting;    /* the last cell is a formula whose text comes in a record of its own */
};

void xls_cells_init(struct xls_cells *c, const struct xls_book *book);
void xls_cells_free(struct xls_cells *c);
/* Empties it, for the next sheet. */
void xls_cells_begin(struct xls_cells *c);
/* Takes the current record when it holds cells; false when it does not. */
bool xls_cells_take(struct xls_cells *c, struct biff *b);
/* The cells in the order of rows and columns, [*count]; borrowed until the next change. */
const struct xls_cell *xls_cells_sorted(struct xls_cells *c, size_t *count);

#endif
