/* Cursors of lists: the last public id that was shown, in base64url, so that clients take them for what they are, opaque. */
#ifndef APP_CURSOR_H
#define APP_CURSOR_H

#include "app/problem.h"
#include "base/arena.h"
#include "base/sys.h"

enum { CURSOR_SIZE = 96 };

/* Where a page of a list begins: behind the id in the cursor, which is put into the arena; *id stays as it is for a first page (cursor.p == NULL). False with
 * problem when the cursor holds no id with that prefix ("doc_"). */
bool cursor_read(struct span cursor, const char *prefix, struct arena *arena, struct span *id, struct problem *problem);
/* The cursor of the page behind one that ends with this id. */
void cursor_write(char out[CURSOR_SIZE], const char *id);
/* Of limit + 1 rows asked for, *count came: whether there is a further page; *count is then cut to limit. */
bool cursor_has_more(size_t *count, int64_t limit);

#endif
