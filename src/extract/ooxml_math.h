/* Equations of Office documents (OMML, ECMA-376 part 1, 22.1) as LaTeX, the notation that people and language models read in plain text. */
#ifndef EXTRACT_OOXML_MATH_H
#define EXTRACT_OOXML_MATH_H

#include "extract/ooxml.h"

/* Appends the equation of the m:oMath element just opened and passes over its end; between "$" unless it is plain text. False after sink_refuse. */
bool ooxml_math_put(struct part *part, struct buf *to);

#endif
