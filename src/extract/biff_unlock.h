/* Workbooks that are write-protected and not secret: Excel encrypts them under a password that every Excel knows ([MS-XLS] 2.2.10). */
#ifndef EXTRACT_BIFF_UNLOCK_H
#define EXTRACT_BIFF_UNLOCK_H

#include "base/arena.h"

/* When the stream of records is encrypted (RC4 with 40 bits, as Excel 97 to 2003 did) under that password: decrypts it into the arena and makes *stream
 * the copy. Else, and when there is no memory, leaves it alone. */
void biff_unlock(struct span *stream, struct arena *arena);

#endif
