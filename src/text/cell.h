/* Cells of a table as they are shown. Pure. */
#ifndef TEXT_CELL_H
#define TEXT_CELL_H

#include "base/buf.h"

/* Appends a cell, trimmed. One that plainly is HTML, as exports of shops and trackers have them, loses its tags and keeps their text: it holds the end tag or the
 * line break of a known element, so that "a < b" and "List<String>" stay as they are. */
void cell_put(struct buf *text, struct span cell);

#endif
