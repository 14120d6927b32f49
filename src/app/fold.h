/* Case folding of short texts that are compared: addresses, passwords against the list of common ones. */
#ifndef APP_FOLD_H
#define APP_FOLD_H

#include "base/span.h"

/* NFC and full Unicode case folding. NUL-terminated, caller: free. NULL when s is not UTF-8, holds a NUL, or there is no memory. */
char *fold_case(struct span s);

#endif
