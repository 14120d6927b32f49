/* Character sets: telling text from bytes, and turning what an office of the last thirty years has saved into UTF-8. */
#ifndef EXTRACT_CHARSET_H
#define EXTRACT_CHARSET_H

#include "extract/format.h"

/* True when the beginning of a file reads as text in some charset: a byte order mark, UTF-16 or UTF-32 by its pattern of zeros, or no NUL and few
 * other control characters. */
bool charset_is_text(struct span head);

/* Loads the conversion tables that charset_decode may need; charset_release frees them. NULL when there is no memory. */
void *charset_prepare(void);
void charset_release(void *library);

/* Appends the whole document to out as UTF-8 without byte order mark: BOM, `declared` (a charset name found in the document, or the empty
 * span), valid UTF-8, then what the bytes look like. Bytes that fit nowhere become U+FFFD. False after sink_refuse. */
bool charset_decode(const struct source *in, struct span declared, struct buf *text, struct sink *out);

/* Appends bytes in a Windows code page (1252, 932, 10000 for Mac Roman, ...) as UTF-8; an unknown one counts as 1252. library: charset_prepare's. */
void charset_put(void *library, uint32_t codepage, struct span bytes, struct buf *to);
/* The code page that goes with a character set as Windows numbers them for fonts (204: Cyrillic, 1251); 0 for those that say nothing. */
uint32_t charset_codepage(uint32_t windows_charset);

#endif
