/* Number format codes: which section holds, and how digits fill its places. */
#include "extract/number_format.h"

#include <math.h>
#include <string.h>

#include "extract/decimal.h"
#include "extract/number_section.h"

/* Digits from the highest place that has one (or the units) down to `lowest`, with a point behind the units. */
static void put_plain(struct buf *to, const struct decimal *d, int lowest)
{
    for (int power = d->point > 1 ? d->point - 1 : 0; power >= lowest; power--) {
        if (power == -1)
            buf_char(to, '.');
        buf_char(to, decimal_digit(d, power));
    }
}

static int lowest_place(const struct decimal *d)
{
    int place = d->point - d->count;
    return place < 0 ? place : 0;
}

static void put_general_scientific(struct buf *to, struct decimal d)
{
    decimal_round(&d, 6 - d.point);
    int exponent = d.point - 1;
    d.point = 1;
    put_plain(to, &d, lowest_place(&d));
    buf_printf(to, "E%c%02d", exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
}

void number_general_put(struct buf *to, double value)
{
    enum { WIDTH = 11 };
    struct decimal d = decimal_of(value), whole = d;
    if (!isfinite(value))
        return;
    if (value < 0)
        buf_char(to, '-');
    int room = d.point > 0 ? WIDTH - 1 - d.point : WIDTH - 2;
    decimal_round(&d, room > 0 ? room : 0);
    bool tiny = whole.point < -3 && lowest_place(&whole) < -(WIDTH - 2);
    if (d.point > WIDTH || tiny)
        put_general_scientific(to, whole);
    else
        put_plain(to, &d, lowest_place(&d));
}

/* Where the places of a number section are. */
struct places {
    int whole;    /* digit places in front of the point */
    int fraction; /* behind it */
    int exponent; /* behind E */
    int percents;
    int thousands; /* commas behind the last digit place: each divides by 1,000 */
    bool grouped;
    bool scientific;
    size_t slash; /* index of the fraction's slash, or 0 */
};

static struct places find_places(const struct number_section *s)
{
    struct places p = {0};
    bool pointed = false;
    for (size_t i = 0; i < s->count; i++) {
        switch (s->tokens[i].kind) {
        case TOKEN_DIGIT:
            if (p.scientific)
                p.exponent++;
            else if (pointed)
                p.fraction++;
            else
                p.whole++;
            p.grouped |= p.thousands > 0 && !pointed;
            p.thousands = 0;
            break;
        case TOKEN_COMMA:
            p.thousands += p.whole + p.fraction > 0;
            break;
        case TOKEN_POINT:
            pointed = true;
            break;
        case TOKEN_PERCENT:
            p.percents++;
            break;
        case TOKEN_EXPONENT:
            p.scientific = p.whole + p.fraction > 0;
            break;
        case TOKEN_SLASH:
            p.slash = i;
            break;
        default:
            break;
        }
    }
    return p;
}

/* One digit place that has nothing to show. */
static void put_empty_place(struct buf *to, char place)
{
    if (place == '0')
        buf_char(to, '0');
    else if (place == '?')
        buf_char(to, ' ');
}

/* The index-th digit place in front of the point; the first one also takes the digits that have no place of their own. */
static void put_whole_place(struct buf *to, const struct decimal *d, const struct places *p, int index, char place)
{
    int power = p->whole - 1 - index;
    int from = index == 0 && d->point - 1 > power ? d->point - 1 : power;
    for (int i = from; i >= power; i--) {
        bool shown = i < d->point || place == '0';
        if (i < d->point)
            buf_char(to, decimal_digit(d, i));
        else
            put_empty_place(to, place);
        if (p->grouped && shown && i > 0 && i % 3 == 0)
            buf_char(to, ',');
    }
}

static void put_fraction_place(struct buf *to, const struct decimal *d, int index, char place)
{
    if (-1 - index >= d->point - d->count)
        buf_char(to, decimal_digit(d, -1 - index));
    else
        put_empty_place(to, place);
}

static void put_exponent(struct buf *to, struct span sign, int exponent, int width)
{
    buf_char(to, 'E');
    if (exponent < 0)
        buf_char(to, '-');
    else if (sign.p[1] == '+')
        buf_char(to, '+');
    buf_printf(to, "%0*d", width, exponent < 0 ? -exponent : exponent);
}

/* Scientific: moves the point behind the first digit (or so that the exponent is a multiple of the places); returns the exponent. */
static int normalize(struct decimal *d, const struct places *p)
{
    int exponent = 0;
    for (int pass = 0; pass < 2 && d->count; pass++) { /* rounding may add a digit */
        int total = exponent + d->point - 1, step = p->whole > 1 ? p->whole : 1;
        int wanted = total - ((total % step) + step) % step;
        d->point -= wanted - exponent;
        exponent = wanted;
        decimal_round(d, p->fraction);
    }
    return exponent;
}

/* True when digit places stand in front of the numerator, as in "# ?/?". */
static bool has_whole_places(const struct number_section *s, size_t slash)
{
    size_t i = slash;
    while (i > 0 && s->tokens[i - 1].kind == TOKEN_DIGIT)
        i--;
    while (i > 0 && s->tokens[i - 1].kind != TOKEN_DIGIT)
        i--;
    return i > 0;
}

/* "1 3/8": the nearest fraction whose denominator has as many digits as the code allows, or the one that the code names. */
static void put_vulgar(struct buf *to, const struct number_section *s, const struct places *p, double value)
{
    char fixed[8] = "";
    size_t digits = 0, n = 0;
    for (size_t i = p->slash + 1; i < s->count && n + 1 < sizeof fixed; i++) {
        if (s->tokens[i].kind == TOKEN_DIGIT)
            digits++;
        if (s->tokens[i].text.n == 1 && s->tokens[i].text.p[0] >= '0' && s->tokens[i].text.p[0] <= '9')
            fixed[n++] = s->tokens[i].text.p[0];
    }
    int64_t named = 0, limit = digits > 2 ? 999 : digits == 2 ? 99 : 9, top = 0, bottom = 1;
    span_to_int(span_of(fixed), 1, 9999, &named);
    double whole = floor(value), rest = value - whole, best = 2;
    for (int64_t i = named ? named : 1; i <= (named ? named : limit); i++) {
        double over = floor(rest * (double)i + 0.5), off = fabs(rest - over / (double)i);
        if (off < best - 1e-12) {
            best = off;
            top = (int64_t)over;
            bottom = i;
        }
    }
    bool mixed = has_whole_places(s, p->slash);
    if (top == bottom || !mixed) {
        top = mixed ? 0 : top + (int64_t)fmin(whole, 1e12) * bottom;
        whole += mixed;
    }
    if (mixed && (whole > 0 || top == 0))
        buf_printf(to, "%.0f", whole);
    if (top || !mixed)
        buf_printf(to, "%s%lld/%lld", mixed && whole > 0 ? " " : "", (long long)top, (long long)bottom);
}

static void put_digits(struct buf *to, const struct number_section *s, const struct places *p, struct decimal d)
{
    int exponent = 0, whole = 0, fraction = 0;
    bool pointed = false, in_exponent = false;
    if (p->scientific)
        exponent = normalize(&d, p);
    decimal_round(&d, p->fraction);
    for (size_t i = 0; i < s->count; i++) {
        const struct number_token *t = &s->tokens[i];
        if (t->kind == TOKEN_EXPONENT && p->scientific) {
            put_exponent(to, t->text, exponent, p->exponent);
            in_exponent = true;
        } else if (t->kind == TOKEN_POINT) {
            if (!pointed && p->whole == 0)
                put_plain(to, &d, d.point > 0 ? 0 : 1);
            buf_char(to, '.');
            pointed = true;
        } else if (t->kind == TOKEN_DIGIT && !in_exponent) {
            if (pointed)
                put_fraction_place(to, &d, fraction++, t->text.p[0]);
            else
                put_whole_place(to, &d, p, whole++, t->text.p[0]);
        } else if (t->kind != TOKEN_COMMA && t->kind != TOKEN_DIGIT && t->kind != TOKEN_TEXT) {
            buf_span(to, t->text);
        }
    }
}

/* True when the value, rounded to the section's places, is nothing: then a minus sign would be wrong. */
static bool rounds_to_zero(struct decimal d, const struct places *p)
{
    if (!p->scientific && !p->slash)
        decimal_round(&d, p->fraction);
    return d.count == 0;
}

static void put_number(struct buf *to, const struct number_section *s, double value, bool minus)
{
    struct places p = find_places(s);
    struct decimal d = decimal_of(value);
    if (d.count)
        d.point += 2 * p.percents - 3 * p.thousands;
    if (minus && !rounds_to_zero(d, &p))
        buf_char(to, '-');
    if (p.slash && p.whole)
        put_vulgar(to, s, &p, fabs(value));
    else
        put_digits(to, s, &p, d);
}

static void put_section(struct buf *to, const struct number_section *s, double value, bool minus, bool date1904)
{
    if (s->is_date && !s->has_general) {
        number_date_put(to, s, minus ? -fabs(value) : value, date1904);
        return;
    }
    if (!s->has_general && (s->has_digits || !s->has_text)) {
        put_number(to, s, value, minus);
        return;
    }
    if (minus)
        buf_char(to, '-');
    for (size_t i = 0; i < s->count; i++)
        if (s->tokens[i].kind == TOKEN_GENERAL || s->tokens[i].kind == TOKEN_TEXT)
            number_general_put(to, fabs(value));
        else
            buf_span(to, s->tokens[i].text);
}

static bool holds(const struct number_section *s, double value)
{
    bool equal = strchr(s->relation, '=') && value == s->bound;
    if (strcmp(s->relation, "<>") == 0)
        return value != s->bound;
    return equal || (s->relation[0] == '<' && value < s->bound) || (s->relation[0] == '>' && value > s->bound);
}

/* Which of the sections holds for the value, without conditions: positive; negative; zero. */
static size_t section_by_sign(size_t count, double value)
{
    if (value < 0 && count > 1)
        return 1;
    return value == 0 && count == 3 ? 2 : 0;
}

/* The number sections of a code: a fourth one is for text. */
static size_t count_sections(struct span code, bool *conditional)
{
    struct number_section s;
    size_t n = 0;
    *conditional = false;
    for (; n < 3 && number_section_next(&code, &s); n++) {
        if (n > 0 && s.has_text && !s.has_digits && !s.is_date && !s.has_general)
            break;
        *conditional |= s.conditional;
    }
    return n;
}

void number_format_put(struct buf *to, struct span code, double value, bool date1904)
{
    struct number_section s;
    bool conditional;
    if (code.n == 0 || code.n > NUMBER_FORMAT_MAX || span_eq_nocase(code, SPAN("General"))) {
        number_general_put(to, value);
        return;
    }
    size_t count = count_sections(code, &conditional), wanted = section_by_sign(count, value);
    for (size_t i = 0; i < count && number_section_next(&code, &s); i++) {
        bool chosen = !conditional ? i == wanted : s.conditional ? holds(&s, value) : i > 0;
        if (!chosen && !(conditional && i + 1 == count))
            continue;
        bool own_sign = i == 1 && !conditional; /* a section for negative numbers brings its own sign */
        put_section(to, &s, own_sign ? fabs(value) : value, value < 0 && !own_sign, date1904);
        return;
    }
}

void number_format_put_text(struct buf *to, struct span code, struct span text)
{
    struct number_section s;
    bool found = false;
    if (code.n > NUMBER_FORMAT_MAX || !memchr(code.n ? code.p : "", '@', code.n)) {
        buf_span(to, text);
        return;
    }
    while (!found && number_section_next(&code, &s))
        found = s.has_text;
    if (!found) {
        buf_span(to, text);
        return;
    }
    for (size_t i = 0; i < s.count; i++)
        buf_span(to, s.tokens[i].kind == TOKEN_TEXT ? text : s.tokens[i].text);
}
