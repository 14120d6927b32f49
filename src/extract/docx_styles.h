/* What word/styles.xml and word/numbering.xml say about paragraphs: heading levels and the labels of numbered items. */
#ifndef EXTRACT_DOCX_STYLES_H
#define EXTRACT_DOCX_STYLES_H

#include "base/arena.h"
#include "extract/ooxml.h"

enum { DOCX_LEVELS = 9 };

/* What is known of a paragraph, from itself or its style. */
struct paragraph_format {
    int32_t heading; /* 1 to 6; 0: no heading; -1: nothing said */
    int32_t list;    /* number of the list (w:numId); 0: none; -1: nothing said */
    int32_t depth;   /* level in that list from 0; -1: nothing said */
};

struct docx_styles;

/* Reads the parts that belong to the main part; missing ones give an empty set. NULL when there is no memory or the package is refused. */
struct docx_styles *docx_styles_read(struct package *p, const char *main_part, struct arena *arena);
/* Fills in what the paragraph itself leaves unsaid from the style with this id ("" for none) and the styles it is based on. */
void docx_styles_apply(const struct docx_styles *s, const char *style_id, struct paragraph_format *f);
/* Counts the next item of the list and appends its label with a space ("2.1. "); nothing for bullets. False when the list is unknown. */
bool docx_styles_label(struct docx_styles *s, int32_t list, int32_t depth, struct buf *label);

#endif
