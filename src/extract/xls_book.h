/* What all sheets of a binary Excel workbook share: the list of sheets, the strings, the cell formats. */
#ifndef EXTRACT_XLS_BOOK_H
#define EXTRACT_XLS_BOOK_H

#include "base/arena.h"
#include "extract/biff.h"
#include "extract/format.h"

/* A sheet in the order of its tabs. */
struct xls_sheet {
    uint32_t at;      /* offset of its records in the stream */
    struct span name; /* in the arena */
};

struct xls_format {
    struct span code; /* number format, in the arena */
    bool bold;
};

struct xls_book {
    struct span stream;
    void *charsets;
    struct arena *arena;
    struct sink *out;
    int version;
    uint32_t codepage; /* of the texts before version 8 */
    bool date1904;
    struct buf sheets; /* struct xls_sheet each: the visible ones */
    struct buf text;   /* the shared strings, one behind the other */
    struct buf ends;   /* size_t each: where each string ends */
    struct buf codes;  /* struct span each: number formats by their ids */
    struct buf fonts;  /* bool each: is bold */
    struct buf looks;  /* struct xls_look each: font and number format of a cell format */
};

void xls_book_init(struct xls_book *k, const struct source *in, struct arena *arena, struct sink *out);
void xls_book_free(struct xls_book *k);
/* Reads the records in front of the sheets. False after sink_refuse. */
bool xls_book_read(struct xls_book *k, struct span stream);
/* Takes a record of fonts, formats, code page or dates; in versions 2 to 4 they stand in the sheet itself. */
void xls_book_take(struct xls_book *k, struct biff *b);
/* Appends a text of the current record that begins at `at` with its count of characters, one or two bytes wide. */
void xls_text(const struct xls_book *k, struct biff *b, size_t at, int width, struct buf *to);
/* The shared string with this index; empty when there is none. Borrowed. */
struct span xls_string(const struct xls_book *k, uint32_t index);
/* The cell format with this index; General when there is none. */
struct xls_format xls_format_at(const struct xls_book *k, uint32_t index);

#endif
