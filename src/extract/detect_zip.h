/* Telling apart the kinds of document whose files are ZIP archives. */
#ifndef EXTRACT_DETECT_ZIP_H
#define EXTRACT_DETECT_ZIP_H

#include "base/span.h"

/* The media type of an archive, by its members as far as they are in these first bytes of it; "application/zip" when it is none but an archive. hint: the
 * kind of container that the file is named for, or NULL; NULL comes back for kinds that have no reader. Pure. */
const char *zip_media_type(struct span head, const char *hint);

#endif
