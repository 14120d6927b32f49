/* What a PDF says beside its print: bookmarks, the values of form fields, comments. */
#ifndef EXTRACT_PDF_EXTRAS_H
#define EXTRACT_PDF_EXTRAS_H

#include "extract/pdf_lines.h"
#include "extract/pdfium.h"

/* Reads the bookmarks into t->outline; without memory there are none. */
void pdf_read_bookmarks(const struct pdfium *f, pdfium_document d, struct pdf_text *t);
/* The level that the bookmarks give to a heading on a page, 0 when it is in none of them. */
int32_t pdf_bookmark_level(const struct pdf_text *t, int32_t page, struct span heading);
/* Appends the filled fields and the comments of a page as lines of their own. */
void pdf_read_annotations(const struct pdfium *f, pdfium_page page, int32_t number, struct pdf_text *t);

#endif
