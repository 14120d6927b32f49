/* Compressed RTF ([MS-OXRTFCP]), the form in which mail programs store formatted messages. */
#ifndef EXTRACT_RTF_UNPACK_H
#define EXTRACT_RTF_UNPACK_H

#include "base/buf.h"

/* Appends the RTF that the bytes stand for, as far as they are sound; false when they are of no such form. What comes out is at most nine times as long
 * as what goes in: the length that the head declares is not used. */
bool rtf_unpack(struct span packed, struct buf *rtf);

#endif
