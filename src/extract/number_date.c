/* Dates and times of spreadsheets. */
#include <math.h>
#include <string.h>

#include "extract/number_section.h"

enum { DAYS_TO_1904 = 1462, DAY_MAX = 2958465 }; /* 9999-12-31 */

struct moment {
    int64_t days;         /* since 1899-12-31, with the 29 February 1900 that never was */
    int64_t ticks, scale; /* of the day, and how many a second has */
    int year, month, day, weekday;
    int hour, minute, second;
};

/* Gregorian date of days since 1970-01-01 (Howard Hinnant's civil_from_days). */
static void set_date(struct moment *m, int64_t days)
{
    days += 719468;
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), part = (5 * of_year + 2) / 153;
    m->day = (int)(of_year - (153 * part + 2) / 5 + 1);
    m->month = (int)(part < 10 ? part + 3 : part - 9);
    m->year = (int)(year + era * 400 + (m->month <= 2));
}

static void set_day(struct moment *m)
{
    enum { EPOCH = 25569 }; /* 1970-01-01 */
    m->weekday = (int)((m->days + 6) % 7);
    if (m->days == 0 || m->days == 60) {
        m->year = 1900;
        m->month = m->days ? 2 : 1;
        m->day = m->days ? 29 : 0;
        return;
    }
    set_date(m, m->days < 60 ? m->days - EPOCH + 1 : m->days - EPOCH);
}

/* How many digits of a second the section shows: ".00" behind seconds. */
static int fraction_digits(const struct number_section *s)
{
    int most = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->tokens[i].kind == TOKEN_POINT) {
            int n = 0;
            while (i + 1 < s->count && s->tokens[i + 1].kind == TOKEN_DIGIT && n < 3) {
                n++;
                i++;
            }
            most = n > most ? n : most;
        }
    return most;
}

static struct moment moment_of(double value, int digits)
{
    struct moment m = {.scale = 1};
    for (int i = 0; i < digits; i++)
        m.scale *= 10;
    double whole = floor(value);
    m.days = (int64_t)whole;
    m.ticks = (int64_t)floor((value - whole) * 86400 * (double)m.scale + 0.5);
    if (m.ticks >= 86400 * m.scale) {
        m.ticks = 0;
        m.days++;
    }
    int seconds = (int)(m.ticks / m.scale);
    m.hour = seconds / 3600;
    m.minute = seconds / 60 % 60;
    m.second = seconds % 60;
    set_day(&m);
    return m;
}

static void put_month(struct buf *to, int month, size_t width)
{
    static const char *const names[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
    const char *name = names[month - 1];
    if (width <= 2)
        buf_printf(to, "%0*d", (int)width, month);
    else
        buf_put(to, name, width == 3 ? 3 : width == 5 ? 1 : strlen(name));
}

static void put_day(struct buf *to, const struct moment *m, size_t width)
{
    static const char *const names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    const char *name = names[m->weekday];
    if (width <= 2)
        buf_printf(to, "%0*d", (int)width, m->day);
    else
        buf_put(to, name, width == 3 ? 3 : strlen(name));
}

/* An m means minutes behind hours or in front of seconds. */
static bool is_minute(const struct number_section *s, size_t at)
{
    for (size_t i = at; i-- > 0;)
        if (s->tokens[i].kind == TOKEN_DATE || s->tokens[i].kind == TOKEN_ELAPSED) {
            char c = (char)(s->tokens[i].text.p[0] | 32);
            if (c == 'h')
                return true;
            break;
        }
    for (size_t i = at + 1; i < s->count; i++)
        if (s->tokens[i].kind == TOKEN_DATE || s->tokens[i].kind == TOKEN_ELAPSED)
            return (s->tokens[i].text.p[0] | 32) == 's';
    return false;
}

static void put_part(struct buf *to, const struct number_section *s, size_t at, const struct moment *m, bool half)
{
    size_t width = s->tokens[at].text.n;
    int two = width > 1 ? 2 : 1, hour = half ? (m->hour + 11) % 12 + 1 : m->hour;
    switch (s->tokens[at].text.p[0] | 32) {
    case 'y':
    case 'e':
        if (width <= 2 && (s->tokens[at].text.p[0] | 32) == 'y')
            buf_printf(to, "%02d", m->year % 100);
        else
            buf_printf(to, "%04d", m->year);
        break;
    case 'm':
        if (is_minute(s, at))
            buf_printf(to, "%0*d", two, m->minute);
        else
            put_month(to, m->month, width);
        break;
    case 'd':
        put_day(to, m, width);
        break;
    case 'h':
        buf_printf(to, "%0*d", two, hour);
        break;
    case 's':
        buf_printf(to, "%0*d", two, m->second);
        break;
    default: /* eras */
        break;
    }
}

static void put_elapsed(struct buf *to, struct span unit, const struct moment *m)
{
    int64_t seconds = m->days * 86400 + m->ticks / m->scale;
    int64_t per = (unit.p[0] | 32) == 'h' ? 3600 : (unit.p[0] | 32) == 'm' ? 60 : 1;
    buf_printf(to, "%0*lld", (int)unit.n, (long long)(seconds / per));
}

/* "AM/PM" or "A/P", in the letters the code has. */
static void put_half(struct buf *to, struct span names, bool afternoon)
{
    struct span am, pm;
    span_cut(names, '/', &am, &pm);
    buf_span(to, afternoon ? pm : am);
}

/* The digits of a second behind the point at `at`; the tokens used. */
static size_t put_fraction(struct buf *to, const struct number_section *s, size_t at, const struct moment *m)
{
    size_t used = 0;
    int64_t rest = m->ticks % m->scale, unit = m->scale;
    buf_char(to, '.');
    for (; at + used + 1 < s->count && s->tokens[at + used + 1].kind == TOKEN_DIGIT; used++) {
        unit /= 10;
        buf_char(to, unit ? "0123456789"[rest / unit % 10] : '0');
    }
    return used;
}

void number_date_put(struct buf *to, const struct number_section *s, double value, bool date1904)
{
    bool half = false;
    value += date1904 ? DAYS_TO_1904 : 0;
    if (!(value >= 0 && value < DAY_MAX + 1))
        return;
    struct moment m = moment_of(value, fraction_digits(s));
    for (size_t i = 0; i < s->count; i++)
        half |= s->tokens[i].kind == TOKEN_HALF;
    for (size_t i = 0; i < s->count; i++) {
        const struct number_token *t = &s->tokens[i];
        if (t->kind == TOKEN_DATE)
            put_part(to, s, i, &m, half);
        else if (t->kind == TOKEN_ELAPSED)
            put_elapsed(to, t->text, &m);
        else if (t->kind == TOKEN_HALF)
            put_half(to, t->text, m.hour >= 12);
        else if (t->kind == TOKEN_POINT && i + 1 < s->count && s->tokens[i + 1].kind == TOKEN_DIGIT)
            i += put_fraction(to, s, i, &m);
        else if (t->kind != TOKEN_TEXT && t->kind != TOKEN_DIGIT)
            buf_span(to, t->text);
    }
}
