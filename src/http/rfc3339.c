/* Times of RFC 3339, section 5.6, into milliseconds. */
#include "http/rfc3339.h"

/* Takes n digits off the front, within [min, max]. */
static bool digits(struct span *s, size_t n, int64_t min, int64_t max, int64_t *out)
{
    if (s->n < n || !span_to_int((struct span){s->p, n}, min, max, out))
        return false;
    *s = span_skip(*s, n);
    return true;
}

static bool letter(struct span *s, char a, char b)
{
    if (!s->n || (s->p[0] != a && s->p[0] != b))
        return false;
    *s = span_skip(*s, 1);
    return true;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    int64_t before = year - 1;
    int64_t days = (year - 1970) * 365 + (before / 4 - before / 100 + before / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
    for (int64_t m = 1; m < month; m++)
        days += days_in_month(year, m);
    return days + day - 1;
}

static bool read_date(struct span *s, int64_t *days)
{
    int64_t year, month, day;
    if (!digits(s, 4, 1970, 9999, &year) || !letter(s, '-', '-') || !digits(s, 2, 1, 12, &month) || !letter(s, '-', '-'))
        return false;
    if (!digits(s, 2, 1, days_in_month(year, month), &day))
        return false;
    *days = days_since_1970(year, month, day);
    return true;
}

/* Milliseconds of ".25"; further digits are dropped. */
static bool read_fraction(struct span *s, int64_t *ms)
{
    *ms = 0;
    if (!letter(s, '.', '.'))
        return true;
    int64_t unit = 100, digit;
    size_t count = 0;
    while (digits(s, 1, 0, 9, &digit)) {
        *ms += digit * unit;
        unit /= 10;
        count++;
    }
    return count > 0;
}

static bool read_time(struct span *s, int64_t *ms)
{
    int64_t hour, minute, second, fraction;
    if (!digits(s, 2, 0, 23, &hour) || !letter(s, ':', ':') || !digits(s, 2, 0, 59, &minute) || !letter(s, ':', ':') || !digits(s, 2, 0, 60, &second))
        return false;
    if (!read_fraction(s, &fraction))
        return false;
    *ms = ((hour * 60 + minute) * 60 + (second == 60 ? 59 : second)) * 1000 + fraction;
    return true;
}

/* Milliseconds east of Greenwich. */
static bool read_offset(struct span *s, int64_t *ms)
{
    int64_t hour, minute;
    *ms = 0;
    if (letter(s, 'Z', 'z'))
        return true;
    int64_t sign = s->n && s->p[0] == '-' ? -1 : 1;
    if (!letter(s, '+', '-') || !digits(s, 2, 0, 23, &hour) || !letter(s, ':', ':') || !digits(s, 2, 0, 59, &minute))
        return false;
    *ms = sign * (hour * 60 + minute) * 60000;
    return true;
}

bool rfc3339_read(struct span text, int64_t *wall_ms)
{
    int64_t days, time, offset;
    if (!read_date(&text, &days) || !(letter(&text, 'T', 't') || letter(&text, ' ', ' ')) || !read_time(&text, &time) || !read_offset(&text, &offset))
        return false;
    int64_t ms = days * 86400000 + time - offset;
    if (text.n || ms < 0)
        return false;
    *wall_ms = ms;
    return true;
}
