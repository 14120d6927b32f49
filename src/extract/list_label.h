/* Numbers of list items in the forms that office documents count in. */
#ifndef EXTRACT_LIST_LABEL_H
#define EXTRACT_LIST_LABEL_H

#include "base/buf.h"

/* "xiv"; from 4,000 on in digits. Nothing for numbers below 1. */
void list_roman_put(struct buf *b, int32_t n, bool upper);
/* Word counts a to z, then aa to zz, then aaa; first: 'a' or 'A'. Nothing for numbers below 1 and above 832. */
void list_letter_put(struct buf *b, int32_t n, char first);

#endif
