/* Archives (.zip) of documents. */
#ifndef EXTRACT_ARCHIVE_H
#define EXTRACT_ARCHIVE_H

#include "extract/format.h"

/* Loads what the readers of all other formats load: which of them the members need shows only behind the sandbox. A library that is not there is missed
 * only by the members that need it. NULL when there is no memory. */
void *archive_prepare(void);
void archive_release(void *library);

#endif
