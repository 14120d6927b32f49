/* Word documents from before 2007 ([MS-DOC]; Word 6 and 95 too) as a file: where which character stands, and what is known of it. */
#ifndef EXTRACT_DOC_FILE_H
#define EXTRACT_DOC_FILE_H

#include "extract/ole.h"

/* A run of characters that lie side by side. */
struct doc_piece {
    uint32_t from, to; /* character positions */
    uint32_t at;       /* offset of the first in the main stream */
    bool wide;         /* UTF-16, else a byte each */
    uint16_t change;   /* what a quick save changed in its properties (a "prm") */
};

/* The parts of the text, one behind the other. */
enum doc_part { DOC_MAIN, DOC_FOOTNOTES, DOC_HEADERS, DOC_MACROS, DOC_COMMENTS, DOC_ENDNOTES, DOC_BOXES, DOC_HEADER_BOXES, DOC_PARTS };

/* Tables, by their place in the list that the file begins with. */
enum doc_table { DOC_STYLES = 1, DOC_CHARACTER_PAGES = 12, DOC_PARAGRAPH_PAGES = 13, DOC_FONTS = 15, DOC_PIECES = 33, DOC_LISTS = 73, DOC_LIST_USES = 74 };

/* Properties that hold for the bytes [from, to) of the main stream. */
struct doc_run {
    uint32_t from, to;
    uint32_t style;
    struct span changes; /* a list of property changes, see doc_change_next */
};

struct doc_file {
    struct ole ole;
    struct sink *out;
    struct arena *arena;
    struct span main, tables; /* streams; the same one in Word 6 and 95 */
    bool old;                 /* Word 6 or 95 */
    uint32_t codepage;        /* of the bytes there, where their font does not say another */
    struct doc_piece *pieces; /* [piece_count], in rising order, none overlaps another */
    size_t piece_count;
    struct span *saved; /* [saved_count]: property changes that pieces refer to */
    size_t saved_count;
    uint32_t length[DOC_PARTS]; /* in characters */
};

/* Opens the document; all lives in the arena. False after sink_refuse. */
bool doc_open(struct doc_file *f, const struct source *in, struct arena *arena, struct sink *out);
/* A table; *at (may be NULL) is its offset in the stream of tables, for what lies behind it. Empty when there is none. */
struct span doc_table(const struct doc_file *f, enum doc_table which, uint32_t *at);
/* The properties at this offset of the main stream: of characters, or of the paragraph whose end is there. */
struct doc_run doc_run_at(const struct doc_file *f, enum doc_table pages, uint32_t at);

/* The code page in which text in this font is written, before Word 97. */
uint32_t doc_font_codepage(const struct doc_file *f, uint32_t font);

/* Properties that matter here; the others are passed over. */
enum doc_property {
    DOC_OTHER,
    DOC_DELETED,
    DOC_HIDDEN,
    DOC_BOLD,
    DOC_FONT,
    DOC_STYLE,
    DOC_IN_TABLE,
    DOC_ROW_END,
    DOC_ROW_IS_HEADER,
    DOC_OUTLINE,
    DOC_LIST,
    DOC_LIST_LEVEL,
    DOC_NESTING,
    DOC_INNER_CELL
};

struct doc_change {
    enum doc_property property;
    uint32_t value;
};

/* Takes the next property change off the list; false at its end. */
bool doc_change_next(const struct doc_file *f, struct span *changes, struct doc_change *c);
/* The changes that a quick save hung on a piece; *single is used for one that stands in the piece itself. False when there are none. */
bool doc_piece_changes(const struct doc_file *f, const struct doc_piece *p, struct span *list, struct doc_change *single);

#endif
