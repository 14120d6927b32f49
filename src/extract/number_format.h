/* Spreadsheet numbers as people see them: number format codes (ECMA-376 part 1, 18.8.31) applied to values. English names; no locale. */
#ifndef EXTRACT_NUMBER_FORMAT_H
#define EXTRACT_NUMBER_FORMAT_H

#include "base/buf.h"

enum { NUMBER_FORMAT_MAX = 255 }; /* bytes of a code that is used; a longer one counts as General */

/* The code of a built-in number format; "General" for ids without a meaning of their own. */
struct span number_format_builtin(int64_t id);
/* Appends the value as the code shows it; date1904: day 0 is 1904-01-01. A value that the code cannot show (a negative date) appends nothing. */
void number_format_put(struct buf *to, struct span code, double value, bool date1904);
/* Appends a text as the code's text section shows it. */
void number_format_put_text(struct buf *to, struct span code, struct span text);
/* Appends the number in General: up to 11 characters, then scientific. */
void number_general_put(struct buf *to, double value);

#endif
