/* What all sheets of a workbook share: the strings (xl/sharedStrings.xml) and the cell formats (xl/styles.xml). */
#ifndef EXTRACT_XLSX_BOOK_H
#define EXTRACT_XLSX_BOOK_H

#include "extract/ooxml.h"

/* The shared strings: one text buffer and where each string ends in it. */
struct xlsx_strings {
    struct buf text;
    struct buf ends; /* size_t each */
};

/* How a cell looks. */
struct xlsx_format {
    struct span code; /* number format; lives in the arena */
    bool bold;
};

struct xlsx_styles {
    struct xlsx_format *formats; /* [count], in the arena */
    size_t count;
};

void xlsx_strings_init(struct xlsx_strings *s);
void xlsx_strings_free(struct xlsx_strings *s);
/* Resolves the escapes of strings ("_x000D_") in the bytes from `from` on. */
void xlsx_unescape(struct buf *text, size_t from);
/* Reads the part (NULL: none); rich text is joined, phonetic runs are dropped. At most 128 MiB. False after sink_refuse. */
bool xlsx_strings_read(struct xlsx_strings *s, struct package *p, const char *part_name);
/* The string with this index; empty when there is none. Borrowed. */
struct span xlsx_string(const struct xlsx_strings *s, int64_t index);

/* Reads the part (NULL: none); at most 65,536 formats, fonts and number formats each. False after sink_refuse. */
bool xlsx_styles_read(struct xlsx_styles *s, struct package *p, const char *part_name, struct arena *arena);
/* The format with this index; General when there is none. */
struct xlsx_format xlsx_format_at(const struct xlsx_styles *s, int64_t index);

#endif
