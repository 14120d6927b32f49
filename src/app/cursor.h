/* Cursors of lists: the last public id that was shown, in base64url, so that clients take them for what they are, opaque. */
#ifndef APP_CURSOR_H
#define APP_CURSOR_H

#include "base/arena.h"
#include "base/sys.h"

enum { CURSOR_SIZE = 96 };

/* The id in a cursor, in the arena; false when it holds none with that prefix ("doc_"). */
bool cursor_read(struct span cursor, const char *prefix, struct arena *arena, struct span *id);
void cursor_write(char out[CURSOR_SIZE], const char *id);

#endif
