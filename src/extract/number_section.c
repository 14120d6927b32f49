/* Reading of number format codes. */
#include "extract/number_section.h"

#include <stdlib.h>
#include <string.h>

static void add(struct number_section *s, enum number_token_kind kind, const char *p, size_t n)
{
    if (s->count < NUMBER_FORMAT_MAX)
        s->tokens[s->count++] = (struct number_token){kind, {p, n}};
    s->is_date |= kind == TOKEN_DATE || kind == TOKEN_ELAPSED || kind == TOKEN_HALF;
    s->has_digits |= kind == TOKEN_DIGIT;
    s->has_general |= kind == TOKEN_GENERAL;
    s->has_text |= kind == TOKEN_TEXT;
}

static bool is_elapsed(struct span inside)
{
    char first = inside.n ? (char)(inside.p[0] | 32) : 0;
    if (first != 'h' && first != 'm' && first != 's')
        return false;
    for (size_t i = 1; i < inside.n; i++)
        if ((inside.p[i] | 32) != first)
            return false;
    return true;
}

static void read_condition(struct number_section *s, struct span inside)
{
    char number[32];
    size_t n = inside.n > 1 && (inside.p[1] == '=' || inside.p[1] == '>') ? 2 : 1;
    if (!span_to_cstr(span_skip(inside, n), number, sizeof number))
        return;
    memcpy(s->relation, inside.p, n);
    s->relation[n] = '\0';
    s->bound = strtod(number, NULL);
    s->conditional = true;
}

/* "[…]": a currency, a condition, elapsed time; colours and numeral systems show nothing. */
static void read_bracket(struct number_section *s, struct span inside)
{
    if (inside.n == 0)
        return;
    if (inside.p[0] == '$') {
        struct span money, locale;
        span_cut(span_skip(inside, 1), '-', &money, &locale);
        add(s, TOKEN_LITERAL, money.p, money.n);
    } else if (memchr("<>=", inside.p[0], 3)) {
        read_condition(s, inside);
    } else if (is_elapsed(inside)) {
        add(s, TOKEN_ELAPSED, inside.p, inside.n);
    }
}

static size_t run_length(struct span s)
{
    size_t n = 1;
    while (n < s.n && (s.p[n] | 32) == (s.p[0] | 32))
        n++;
    return n;
}

static bool starts_nocase(struct span s, struct span prefix)
{
    return s.n >= prefix.n && span_eq_nocase((struct span){s.p, prefix.n}, prefix);
}

/* Words that stand for more than one character; the bytes used, or 0. */
static size_t take_word(struct number_section *s, struct span c)
{
    static const struct {
        struct span word;
        enum number_token_kind kind;
    } words[] = {{SPAN("General"), TOKEN_GENERAL}, {SPAN("AM/PM"), TOKEN_HALF}, {SPAN("A/P"), TOKEN_HALF}, {SPAN("\u4e0a\u5348/\u4e0b\u5348"), TOKEN_HALF},
                 {SPAN("E+"), TOKEN_EXPONENT},     {SPAN("E-"), TOKEN_EXPONENT}};
    if (!memchr("GgAaEe\xE4", c.p[0], 7))
        return 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (starts_nocase(c, words[i].word)) {
            add(s, words[i].kind, c.p, words[i].word.n);
            return words[i].word.n;
        }
    return 0;
}

/* The token for one plain character. */
static size_t take_character(struct number_section *s, struct span c)
{
    static const char marks[] = "0#?.,%/@";
    static const enum number_token_kind kinds[] = {TOKEN_DIGIT, TOKEN_DIGIT, TOKEN_DIGIT, TOKEN_POINT, TOKEN_COMMA, TOKEN_PERCENT, TOKEN_SLASH, TOKEN_TEXT};
    size_t word = take_word(s, c);
    if (word)
        return word;
    const char *mark = memchr(marks, c.p[0], sizeof marks - 1);
    if (mark) {
        add(s, kinds[mark - marks], c.p, 1);
        return 1;
    }
    if (memchr("ymdhsgeb", c.p[0] | 32, 8)) {
        size_t n = run_length(c);
        add(s, TOKEN_DATE, c.p, n);
        return n;
    }
    add(s, TOKEN_LITERAL, c.p, 1);
    return 1;
}

/* Bytes up to and without the closing mark, and whether the mark is there. */
static struct span enclosed(struct span s, char close)
{
    const char *end = s.n ? memchr(s.p, close, s.n) : NULL;
    return (struct span){s.p, end ? (size_t)(end - s.p) : s.n};
}

static size_t character_bytes(struct span s)
{
    size_t n = s.n ? 1 : 0;
    while (n && n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static size_t take_token(struct number_section *s, struct span c)
{
    struct span rest = span_skip(c, 1), inside;
    size_t n = character_bytes(rest);
    switch (c.p[0]) {
    case '"':
        inside = enclosed(rest, '"');
        add(s, TOKEN_LITERAL, inside.p, inside.n);
        return inside.n < rest.n ? inside.n + 2 : inside.n + 1;
    case '[':
        inside = enclosed(rest, ']');
        read_bracket(s, inside);
        return inside.n < rest.n ? inside.n + 2 : inside.n + 1;
    case '\\':
        add(s, TOKEN_LITERAL, rest.p, n);
        return 1 + n;
    case '_': /* as wide as the next character */
        add(s, TOKEN_LITERAL, " ", 1);
        return 1 + n;
    case '*': /* repeats the next character to the cell's width */
        return 1 + n;
    default:
        return take_character(s, c);
    }
}

bool number_section_next(struct span *code, struct number_section *s)
{
    if (!code->p)
        return false;
    s->count = 0;
    s->conditional = s->is_date = s->has_digits = s->has_general = s->has_text = false;
    while (code->n && code->p[0] != ';')
        *code = span_skip(*code, take_token(s, *code));
    *code = code->n ? span_skip(*code, 1) : (struct span){0};
    return true;
}
