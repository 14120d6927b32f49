/* A number as decimal digits, rounded as spreadsheets round: on the 15 digits that people see, halves away from zero. */
#ifndef EXTRACT_DECIMAL_H
#define EXTRACT_DECIMAL_H

#include "base/span.h"

enum { DECIMAL_DIGITS = 15 };

/* The value is 0.d₁d₂d₃… × 10^point; zero has no digits. */
struct decimal {
    char digits[DECIMAL_DIGITS + 1]; /* '0' to '9', neither leading nor trailing zeros */
    int count;
    int point;
};

/* The size of a finite number; its sign is dropped. */
struct decimal decimal_of(double value);
/* Reads a number written with up to 19 digits and no exponent, as nearly all cells are, some ten times faster than strtod and right in all digits
 * that count here; false, with *value as it was, for any other text. */
bool decimal_read(struct span text, double *value);
/* Keeps `places` digits behind the point (negative: in front of it). */
void decimal_round(struct decimal *d, int places);
/* The digit that stands for 10^power, '0' where none is. */
char decimal_digit(const struct decimal *d, int power);

#endif
