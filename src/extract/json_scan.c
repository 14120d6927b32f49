/* The strict JSON scanner. */
#include "extract/json_scan.h"

#include <string.h>

struct cursor {
    const char *p, *end;
    bool deep;
};

static void skip_space(struct cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
        c->p++;
}

static bool at(const struct cursor *c, char what)
{
    return c->p < c->end && *c->p == what;
}

static bool is_digit(const struct cursor *c)
{
    return c->p < c->end && *c->p >= '0' && *c->p <= '9';
}

static bool is_hex(char x)
{
    return (x >= '0' && x <= '9') || (x >= 'a' && x <= 'f') || (x >= 'A' && x <= 'F');
}

/* Behind the backslash. */
static bool scan_escape(struct cursor *c)
{
    if (c->p == c->end)
        return false;
    char kind = *c->p;
    if (kind != 'u') {
        if (!memchr("\"\\/bfnrt", kind, 8))
            return false;
        c->p++;
        return true;
    }
    c->p++;
    for (int i = 0; i < 4; i++, c->p++)
        if (c->p == c->end || !is_hex(*c->p))
            return false;
    return true;
}

static bool scan_string(struct cursor *c)
{
    c->p++;
    while (c->p < c->end) {
        unsigned char x = (unsigned char)*c->p;
        if (x < 0x20)
            return false;
        c->p++;
        if (x == '"')
            return true;
        if (x == '\\' && !scan_escape(c))
            return false;
    }
    return false;
}

static bool scan_digits(struct cursor *c)
{
    if (!is_digit(c))
        return false;
    while (is_digit(c))
        c->p++;
    return true;
}

static bool scan_number(struct cursor *c)
{
    if (at(c, '-'))
        c->p++;
    if (at(c, '0'))
        c->p++;
    else if (!scan_digits(c))
        return false;
    if (at(c, '.')) {
        c->p++;
        if (!scan_digits(c))
            return false;
    }
    if (at(c, 'e') || at(c, 'E')) {
        c->p++;
        if (at(c, '+') || at(c, '-'))
            c->p++;
        return scan_digits(c);
    }
    return true;
}

static bool scan_word(struct cursor *c, const char *word)
{
    for (; *word; word++, c->p++)
        if (!at(c, *word))
            return false;
    return true;
}

static bool scan_value(struct cursor *c, int depth);

static bool scan_member_name(struct cursor *c)
{
    skip_space(c);
    if (!at(c, '"') || !scan_string(c))
        return false;
    skip_space(c);
    if (!at(c, ':'))
        return false;
    c->p++;
    return true;
}

/* An object or an array, at its bracket. */
static bool scan_container(struct cursor *c, int depth)
{
    bool object = *c->p == '{';
    char close = object ? '}' : ']';
    if (depth >= JSON_SCAN_DEPTH) {
        c->deep = true;
        return false;
    }
    c->p++;
    skip_space(c);
    if (at(c, close)) {
        c->p++;
        return true;
    }
    for (;;) {
        if (object && !scan_member_name(c))
            return false;
        if (!scan_value(c, depth + 1))
            return false;
        skip_space(c);
        if (at(c, close)) {
            c->p++;
            return true;
        }
        if (!at(c, ','))
            return false;
        c->p++;
    }
}

static bool scan_value(struct cursor *c, int depth)
{
    skip_space(c);
    if (c->p == c->end)
        return false;
    switch (*c->p) {
    case '{':
    case '[':
        return scan_container(c, depth);
    case '"':
        return scan_string(c);
    case 't':
        return scan_word(c, "true");
    case 'f':
        return scan_word(c, "false");
    case 'n':
        return scan_word(c, "null");
    default:
        return scan_number(c);
    }
}

/* Behind the first value: only white space, or further values, each on a line of its own. */
static enum json_verdict scan_lines(struct cursor *c)
{
    for (size_t values = 1;; values++) {
        const char *value_end = c->p;
        skip_space(c);
        if (c->p == c->end)
            return values == 1 ? JSON_WHOLE : JSON_LINES;
        if (!memchr(value_end, '\n', (size_t)(c->p - value_end)) || (*c->p != '{' && *c->p != '['))
            return JSON_BAD;
        if (!scan_value(c, 0))
            return c->deep ? JSON_DEEP : c->p == c->end ? JSON_CUT : JSON_BAD;
    }
}

enum json_verdict json_scan(struct span s, size_t *bad_at)
{
    struct cursor c = {.p = s.p, .end = s.p + s.n};
    enum json_verdict v = JSON_BAD;
    skip_space(&c);
    bool container = at(&c, '{') || at(&c, '[');
    if (!scan_value(&c, 0)) {
        v = c.deep ? JSON_DEEP : c.p == c.end ? JSON_CUT : JSON_BAD;
    } else if (container) {
        v = scan_lines(&c);
    } else {
        skip_space(&c);
        v = c.p == c.end ? JSON_WHOLE : JSON_BAD;
    }
    if (bad_at)
        *bad_at = (size_t)(c.p - s.p);
    return v;
}

static void skip_separators(struct cursor *c)
{
    skip_space(c);
    while (at(c, ',') || at(c, ':')) {
        c->p++;
        skip_space(c);
    }
}

char json_peek(struct span *rest)
{
    struct cursor c = {.p = rest->p, .end = rest->p + rest->n};
    skip_separators(&c);
    bool ends = at(&c, ']') || at(&c, '}');
    c.p += ends;
    *rest = (struct span){c.p, (size_t)(c.end - c.p)};
    return ends || rest->n == 0 ? '\0' : *rest->p;
}

struct span json_take(struct span *rest)
{
    struct cursor c = {.p = rest->p, .end = rest->p + rest->n};
    skip_separators(&c);
    struct span value = {c.p, 0};
    if (c.p < c.end && scan_value(&c, 0))
        value.n = (size_t)(c.p - value.p);
    *rest = (struct span){c.p, (size_t)(c.end - c.p)};
    return value;
}

struct span json_inside(struct span value)
{
    return value.n >= 2 ? (struct span){value.p + 1, value.n - 2} : (struct span){value.p, 0};
}
