/* What a line of plain or printed text looks like: a list item, a rule, a heading in capitals. Shared by text and PDF. */
#ifndef EXTRACT_LINES_H
#define EXTRACT_LINES_H

#include "base/span.h"

/* Bytes of the bullet and the white space behind it, 0 when the line does not begin with one. */
size_t line_bullet(struct span line);
/* True for "1. x", "2) x", "(a) x", "iv. x". */
bool line_is_numbered(struct span line);
/* True for what opens a list item, alone: a bullet, "1.", "(a)". */
bool line_is_label(struct span line);
/* The character of a line made of three or more equal signs like ---- or ====, else 0. */
char line_is_rule(struct span line);
/* True when there are at least three letters and all of them are ASCII capitals. */
bool line_is_capital(struct span line);

#endif
