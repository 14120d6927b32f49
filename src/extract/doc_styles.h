/* What the styles and lists of a binary Word document say about paragraphs: heading levels and the labels of numbered items. */
#ifndef EXTRACT_DOC_STYLES_H
#define EXTRACT_DOC_STYLES_H

#include "extract/doc_file.h"

enum { DOC_LEVELS = 9 };

/* What is known of a paragraph. */
struct doc_format {
    int32_t heading; /* 1 to 6; 0: no heading; -1: nothing said */
    int32_t list;    /* number of the list's use, from 1; 0: none; -1: nothing said */
    int32_t level;   /* in that list, from 0; -1: nothing said */
};

struct doc_styles;

/* NULL after sink_refuse; damaged tables give no styles or lists. */
struct doc_styles *doc_styles_read(const struct doc_file *f);
/* The format of a style with what it is based on; nothing in it is left unsaid. */
struct doc_format doc_style_format(const struct doc_styles *s, uint32_t style);
/* The outline level that Word numbers from 0 (9: text) as a heading's. */
int32_t doc_outline_heading(uint32_t level);
/* Counts the next item of the list and appends its label with a space ("2.1. "); nothing for bullets. False when the list is unknown. */
bool doc_styles_label(struct doc_styles *s, int32_t list, int32_t level, struct buf *label);

#endif
