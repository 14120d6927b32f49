/* Rows and columns out of the places of a table's cells. */
#include "extract/ppt_table.h"

#include <stdlib.h>

enum { CELLS_MAX = 65536, TEXTS_MAX = 1 << 26, COLUMNS_MAX = 256 };

struct ppt_cell {
    int32_t x, y;
    size_t at, length; /* in texts */
};

void ppt_table_init(struct ppt_table *t)
{
    buf_init(&t->cells, CELLS_MAX * sizeof(struct ppt_cell));
    buf_init(&t->texts, TEXTS_MAX);
    table_init(&t->rows);
}

void ppt_table_free(struct ppt_table *t)
{
    buf_free(&t->cells);
    buf_free(&t->texts);
    table_free(&t->rows);
}

void ppt_table_begin(struct ppt_table *t)
{
    buf_clear(&t->cells);
    buf_clear(&t->texts);
}

void ppt_table_cell(struct ppt_table *t, int32_t x, int32_t y, struct span text)
{
    struct ppt_cell cell = {x, y, t->texts.n, text.n};
    buf_span(&t->texts, text);
    buf_put(&t->cells, &cell, sizeof cell);
}

static int by_place(const void *a, const void *b)
{
    const struct ppt_cell *p = a, *q = b;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return p->x < q->x ? -1 : p->x > q->x;
}

static int by_number(const void *a, const void *b)
{
    const int32_t *p = a, *q = b;
    return *p < *q ? -1 : *p > *q;
}

/* The left edges of all cells, each once, in order. */
static size_t find_columns(const struct ppt_cell *cells, size_t count, int32_t columns[COLUMNS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        size_t known = 0;
        while (known < n && columns[known] != cells[i].x)
            known++;
        if (known == n && n < COLUMNS_MAX)
            columns[n++] = cells[i].x;
    }
    qsort(columns, n, sizeof *columns, by_number);
    return n;
}

bool ppt_table_put(struct ppt_table *t, int32_t page, struct sink *out)
{
    struct ppt_cell *cells = (struct ppt_cell *)(void *)t->cells.p;
    size_t count = t->cells.n / sizeof *cells;
    int32_t columns[COLUMNS_MAX];
    if (t->cells.failed || t->texts.failed)
        return sink_refuse(out, EXTRACT_TOO_COMPLEX, "A table of the presentation is too large.");
    if (count == 0)
        return true;
    qsort(cells, count, sizeof *cells, by_place);
    size_t width = find_columns(cells, count, columns);
    table_begin(&t->rows, page);
    for (size_t i = 0; i < count;) {
        int32_t row = cells[i].y;
        for (size_t column = 0; column < width; column++) {
            bool here = i < count && cells[i].y == row && cells[i].x <= columns[column];
            table_cell(&t->rows, here ? (struct span){t->texts.p + cells[i].at, cells[i].length} : (struct span){"", 0});
            i += here;
        }
        while (i < count && cells[i].y == row) /* beyond the last column that is told apart */
            i++;
        if (!table_row(&t->rows, out))
            return false;
    }
    return table_end(&t->rows, out);
}
