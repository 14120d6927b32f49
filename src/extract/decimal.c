/* Decimal digits of a double. */
#include "extract/decimal.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void trim(struct decimal *d)
{
    while (d->count && d->digits[d->count - 1] == '0')
        d->count--;
    if (d->count == 0)
        d->point = 0;
}

/* 10^n, exact in the 64 bits that a long double of x86 has for n up to 27. */
static const long double powers[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
                                     1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
enum { POWERS = sizeof powers / sizeof *powers };

static const uint64_t digits_bound = 1000000000000000; /* 10^DECIMAL_DIGITS */

/* The 15 digits of a number of everyday size by one multiplication, which errs by less than 2^-13 of the last digit; false where that, or the width
 * of a long double, leaves the rounding open. */
static bool quick_digits(double value, uint64_t *digits, int *point)
{
    int exponent = 0;
    if (LDBL_MANT_DIG < 64 || !(value >= 1e-9 && value < 1e15))
        return false;
    frexp(value, &exponent);
    *point = (exponent * 1233) >> 12; /* log10(2) is about 1233/4096; right, or one too low */
    long double scaled = (long double)value * powers[DECIMAL_DIGITS - *point];
    if (scaled >= (long double)digits_bound)
        scaled = (long double)value * powers[DECIMAL_DIGITS - ++*point];
    *digits = (uint64_t)scaled;
    long double rest = scaled - (long double)*digits;
    *digits += rest > 0.5L;
    return fabsl(rest - 0.5L) > 0.001L && *digits < digits_bound && *digits >= digits_bound / 10;
}

struct decimal decimal_of(double value)
{
    struct decimal d = {.count = DECIMAL_DIGITS};
    char text[40];
    uint64_t digits;
    if (value == 0 || !isfinite(value))
        return (struct decimal){.count = 0};
    if (quick_digits(fabs(value), &digits, &d.point)) {
        for (int i = DECIMAL_DIGITS; i-- > 0; digits /= 10)
            d.digits[i] = (char)('0' + digits % 10);
        trim(&d);
        return d;
    }
    snprintf(text, sizeof text, "%.*e", DECIMAL_DIGITS - 1, fabs(value));
    d.digits[0] = text[0];
    memcpy(d.digits + 1, text + 2, DECIMAL_DIGITS - 1);
    d.point = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
    trim(&d);
    return d;
}

void decimal_round(struct decimal *d, int places)
{
    int keep = d->point + places;
    if (keep >= d->count)
        return;
    bool up = keep >= 0 && d->digits[keep] >= '5';
    d->count = keep < 0 ? 0 : keep;
    for (int i = d->count; up && i > 0; i--) {
        if (d->digits[i - 1] < '9') {
            d->digits[i - 1]++;
            up = false;
        } else {
            d->digits[i - 1] = '0';
        }
    }
    if (up) {
        d->digits[0] = '1';
        d->count = 1;
        d->point++;
    }
    trim(d);
}

char decimal_digit(const struct decimal *d, int power)
{
    int i = d->point - 1 - power;
    return i >= 0 && i < d->count ? d->digits[i] : '0';
}

bool decimal_read(struct span text, double *value)
{
    uint64_t digits = 0;
    int count = 0, places = 0;
    bool minus = text.n && text.p[0] == '-', pointed = false;
    for (size_t i = minus; i < text.n; i++) {
        char c = text.p[i];
        if (c == '.' && !pointed)
            pointed = true;
        else if (c >= '0' && c <= '9' && count < 19) {
            digits = digits * 10 + (uint64_t)(c - '0');
            count++;
            places += pointed;
        } else
            return false;
    }
    if (count == 0 || places >= POWERS || (LDBL_MANT_DIG < 64 && count > DECIMAL_DIGITS))
        return false;
    *value = (double)((long double)digits / powers[places]);
    *value = minus ? -*value : *value;
    return true;
}
