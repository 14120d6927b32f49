/* Pages of a PDF that are pictures, scans above all: how they are told, and how their characters are recognised. */
#ifndef EXTRACT_PDF_PICTURE_H
#define EXTRACT_PDF_PICTURE_H

#include "extract/ocr.h"
#include "extract/pdf_lines.h"

/* True for a page with so little text (`letters`, bytes of its lines) that a picture on it, if it covers most of it, is likely to hold more. */
bool pdf_is_picture(const struct pdfium *f, pdfium_page page, size_t letters);

/* Draws the page, recognises the characters within the time and appends their lines. */
enum ocr_outcome pdf_recognise(const struct pdfium *f, pdfium_page page, int32_t number, struct ocr *ocr, int64_t time_ms, struct pdf_text *t);

/* Print of one size differs by a point or two as it was recognised from line to line: makes it one size, so that what is larger stands out. */
void pdf_even_out_sizes(struct pdf_text *t);

#endif
