/* HTML as a part of other documents. */
#ifndef EXTRACT_HTML_H
#define EXTRACT_HTML_H

#include "extract/format.h"

/* Writes the blocks of a page or fragment in UTF-8. False after sink_refuse. */
bool html_put(struct span page, struct sink *out);

#endif
