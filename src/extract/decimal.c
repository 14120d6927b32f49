/* Decimal digits of a double. */
#include "extract/decimal.h"

#include <math.h>
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

struct decimal decimal_of(double value)
{
    struct decimal d = {.count = DECIMAL_DIGITS};
    char text[40];
    if (value == 0 || !isfinite(value))
        return (struct decimal){.count = 0};
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
