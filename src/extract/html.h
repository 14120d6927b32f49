/* HTML as a part of other documents. */
#ifndef EXTRACT_HTML_H
#define EXTRACT_HTML_H

#include "extract/format.h"

/* Writes the blocks of a page or fragment in UTF-8; its headings go `deeper` levels down. False after sink_refuse. */
bool html_put(struct span page, int32_t deeper, struct sink *out);

#endif
