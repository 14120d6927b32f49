/* Characters of the fonts Symbol and Wingdings, which Office stores by their place in the font. */
#ifndef EXTRACT_SYMBOL_FONT_H
#define EXTRACT_SYMBOL_FONT_H

#include "base/buf.h"

/* Appends the character with this code (0xF000 may be added to it) of the font as Unicode; nothing for an ornament that says nothing. */
void symbol_put(struct buf *to, struct span font, uint32_t code);

#endif
