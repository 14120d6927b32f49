/* The state of reading a Word document, shared by its flow (docx.c) and the objects in it (docx_objects.c). */
#ifndef EXTRACT_DOCX_READER_H
#define EXTRACT_DOCX_READER_H

#include "extract/docx_styles.h"
#include "extract/table.h"

enum { NESTED_MAX = 16, STYLE_SIZE = 64, ARENA_MAX = 64 * 1024 * 1024 };

/* A paragraph being read. Text boxes nest paragraphs in paragraphs. */
struct paragraph {
    struct buf text;
    char style[STYLE_SIZE];
    struct paragraph_format format;
    bool initial; /* a drop cap: the first letter of the next paragraph */
};

/* A table being read. Inner tables become text of the outer cell. */
struct table_frame {
    struct buf cell;
    int64_t span;                                  /* columns the cell covers */
    enum { ROWS_ONE, ROWS_FIRST, ROWS_NEXT } rows; /* of a cell that covers several: is this its first one? */
};

struct docx {
    struct package package;
    struct part part;
    struct sink *out;
    struct arena *arena;
    struct docx_styles *styles;
    const struct relation *relations;        /* of the part being read */
    struct paragraph paragraphs[NESTED_MAX]; /* [nested] open ones */
    size_t nested;
    struct table_frame tables[NESTED_MAX];
    size_t table_depth;
    struct table table; /* the outermost one */
    struct buf line;
    struct buf initial;  /* a drop cap that waits for its paragraph */
    size_t equation_end; /* where the last equation of the paragraph ends in its text */
    bool in_text;        /* inside w:t */
    bool in_properties;  /* inside w:pPr */
    bool bold;           /* of the current run */
    bool vanished;       /* the current run is hidden text */
    bool checkbox;       /* the content control has been written as one: its sign is not wanted */
};

/* The text of the paragraph being read, or NULL outside of one. */
struct buf *docx_current_text(struct docx *d);

/* The element that was just opened, each false after sink_refuse. A content control's properties, read to their end; a w:altChunk; an m:oMath inside a
 * paragraph, read to its end. */
bool docx_read_control(struct docx *d);
bool docx_read_chunk(struct docx *d);
bool docx_read_equation(struct docx *d);
/* A chart, a diagram, a picture's description; *known tells whether it is one. */
bool docx_read_drawing(struct docx *d, bool *known);
/* A w:sym. */
void docx_read_symbol(struct docx *d);

#endif
