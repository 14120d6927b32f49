/* Static files for browsers, packed into the program by the build: read from its own mapping, so that a file nobody asks for costs no memory. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/span.h"

struct web_file {
    const char *name;  /* "docs/init.js" */
    const char *type;  /* for Content-Type */
    const char *etag;  /* of the content, whatever its coding: W/"…" */
    struct span plain; /* as it is */
    struct span gzip;  /* the same, gzipped by the build */
};

extern const struct web_file web_files[];
extern const size_t web_file_count;

/* NULL when there is none of this name. The file lives as long as the program. */
const struct web_file *web_file_find(struct span name);

#endif
