/* The lines of a PDF as PDFium reads them, and what is made of them: running headers found, sizes weighed, paragraphs put together. */
#ifndef EXTRACT_PDF_LINES_H
#define EXTRACT_PDF_LINES_H

#include "extract/format.h"
#include "extract/pdfium.h"

/* A line of print. Lengths are points, from the lower left corner of the page. */
struct pdf_line {
    size_t text, length; /* in pdf_text.bytes; UTF-8 */
    int32_t page;        /* from 1 */
    float left, right;
    float base;    /* of the letters */
    float size;    /* of the font as it appears */
    int32_t cells; /* parts with wide gaps between them, separated by TAB in the text */
    float second;  /* left edge of the second of them */
    bool bold;
    bool hyphen;     /* the last word goes on in the next line; its hyphen is not in the text */
    bool leftward;   /* it runs from right to left */
    bool aside;      /* no print: a filled field, a comment; it has neither place nor size */
    bool running;    /* a header or footer that repeats */
    bool recognised; /* in a picture, by its looks */
};

struct pdf_text {
    struct buf bytes;
    struct buf lines; /* struct pdf_line, in reading order */
    int32_t pages;
    struct map *outline; /* pdf_extras.c: page and title of each bookmark → its level; NULL when there are none */
};

struct pdf_line *pdf_lines(const struct pdf_text *t, size_t *count);
struct span pdf_line_text(const struct pdf_text *t, const struct pdf_line *l);

/* Appends the lines of a page in the order of its text. What does not fit shows as bytes.failed or lines.failed. */
void pdf_read_lines(const struct pdfium *f, pdfium_text page, int32_t number, struct pdf_text *t);

/* Marks the lines near the edges that return, but for their numbers, on most pages. False when there is no memory. */
bool pdf_mark_running(struct pdf_text *t);

/* What is usual in this document. */
struct pdf_habits {
    float body;           /* font size of most of the text */
    float leading;        /* from base to base in body text, as a multiple of the font size */
    bool bold_stands_out; /* most of the text is not bold */
    float heading[6];     /* sizes above the body's, falling; 0 ends the list */
};
void pdf_measure(const struct pdf_text *t, struct pdf_habits *h);

/* How many lines from lines[at] on are a table: at least two rows of print below one another, each of at least two cells, with the second cells or the
 * right edges in line. 0 when there is none. */
size_t pdf_table_at(const struct pdf_text *t, size_t at);
/* Puts lines[at] and the `count` - 1 behind it as rows. False after sink_refuse. */
bool pdf_put_table(const struct pdf_text *t, size_t at, size_t count, struct sink *out);

/* Puts lines together to tables, headings, list items and paragraphs. False after sink_refuse. */
bool pdf_put_blocks(const struct pdf_text *t, const struct pdf_habits *h, struct sink *out);

#endif
