/* The mathematical fonts of TeX, whose symbols PDFium does not know by their names. */
#ifndef EXTRACT_PDF_TEX_H
#define EXTRACT_PDF_TEX_H

#include <stdint.h>

#include "base/span.h"

enum pdf_tex_font { PDF_TEX_NONE, PDF_TEX_SYMBOLS, PDF_TEX_EXTENSION };

/* Which of them a font is by its name, with or without the prefix of a subset ("ABCDEF+CMSY10"). */
enum pdf_tex_font pdf_tex_font(struct span name);
/* The character that stands at the place of `c`, which PDFium gives for want of a better one; 0 for a piece of a drawn bracket. */
uint32_t pdf_tex_character(enum pdf_tex_font font, uint32_t c);

#endif
