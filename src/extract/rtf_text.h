/* What a reader of Rich Text Format has collected so far, and how paragraphs, cells and rows of it become blocks. */
#ifndef EXTRACT_RTF_TEXT_H
#define EXTRACT_RTF_TEXT_H

#include "extract/table.h"

enum { RTF_DEPTH_MAX = 512, RTF_FONTS_MAX = 4096, RTF_STYLES_MAX = 1024 };

/* What a group's text is for. */
enum rtf_purpose { FOR_BODY, FOR_NOTHING, FOR_FONTS, FOR_STYLES, FOR_NOTE, FOR_MARGIN, FOR_LABEL };

/* What holds inside a group, and ends with it. */
struct rtf_group {
    enum rtf_purpose purpose;
    bool starred, hidden, deleted, bold;
    uint32_t codepage;
    int32_t skip; /* characters behind \u that stand for it in older readers */
};

struct rtf {
    struct sink *out;
    void *charsets;
    struct rtf_group groups[RTF_DEPTH_MAX];
    size_t depth;
    uint32_t codepage;              /* of the document */
    uint32_t fonts[RTF_FONTS_MAX];  /* code pages by the fonts' numbers; 0: the document's */
    int32_t styles[RTF_STYLES_MAX]; /* heading levels by the styles' numbers */
    int32_t font, style;            /* being defined */
    int32_t default_font;
    struct buf bytes; /* text in a code page, not yet converted */
    uint32_t bytes_codepage;
    struct buf text;           /* the paragraph */
    struct buf label;          /* its number */
    struct buf aside;          /* the paragraph of a note or margin, while its group is open */
    struct buf notes, margins; /* lines */
    struct buf name;           /* of a style */
    struct buf cell;
    struct table table;
    bool in_table; /* the paragraph is in a cell */
    bool table_open;
    int32_t heading, list, level; /* of the paragraph; list 0: none */
    int32_t to_skip;
    uint32_t surrogate;
};

/* The innermost group. */
struct rtf_group *rtf_group(struct rtf *x);

/* Text goes where the innermost group's text goes: bytes in the code page of its font, a code point, or the 16 bits of \u. */
void rtf_add_bytes(struct rtf *x, struct span s);
void rtf_add_character(struct rtf *x, uint32_t c);
void rtf_add_unicode(struct rtf *x, int32_t value);
/* Converts the bytes so far; to be called before the font or the group changes. */
void rtf_flush(struct rtf *x);

/* A paragraph, cell or row ends here; false after sink_refuse. */
bool rtf_end_paragraph(struct rtf *x);
bool rtf_end_cell(struct rtf *x);
bool rtf_end_row(struct rtf *x);
/* A line of a note or margin ends here; it is kept for the end. */
void rtf_keep_aside(struct rtf *x);
/* Writes such lines; once: each only once, and none that only numbers pages. False after sink_refuse. */
bool rtf_put_lines(struct rtf *x, struct span lines, bool once);

#endif
