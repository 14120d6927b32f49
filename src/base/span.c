/* Spans: comparing, cutting and reading runs of bytes. */
#include "base/span.h"

#include <string.h>
#include <strings.h>

struct span span_of(const char *s)
{
    return s ? (struct span){s, strlen(s)} : (struct span){"", 0};
}

bool span_eq(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool span_eq_nocase(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

bool span_starts(struct span s, struct span prefix)
{
    return s.n >= prefix.n && span_eq((struct span){s.p, prefix.n}, prefix);
}

bool span_ends_nocase(struct span s, struct span suffix)
{
    return s.n >= suffix.n && span_eq_nocase(span_skip(s, s.n - suffix.n), suffix);
}

ptrdiff_t span_find(struct span s, struct span needle)
{
    if (needle.n == 0)
        return 0;
    const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return at ? at - s.p : -1;
}

bool span_cut(struct span s, char separator, struct span *head, struct span *tail)
{
    const char *at = s.n ? memchr(s.p, separator, s.n) : NULL;
    if (!at) {
        *head = s;
        *tail = (struct span){"", 0};
        return false;
    }
    *head = (struct span){s.p, (size_t)(at - s.p)};
    *tail = span_skip(s, head->n + 1);
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct span span_trim(struct span s)
{
    while (s.n && is_space(s.p[0]))
        s = span_skip(s, 1);
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct span span_skip(struct span s, size_t n)
{
    if (n > s.n)
        n = s.n;
    return (struct span){n ? s.p + n : s.p, s.n - n};
}

bool span_to_int(struct span s, int64_t min, int64_t max, int64_t *out)
{
    bool negative = min < 0 && s.n > 0 && s.p[0] == '-';
    s = span_skip(s, negative);
    if (s.n == 0 || s.n > 19)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(s.p[i] - '0');
    }
    if (value > INT64_MAX)
        return false;
    int64_t result = negative ? -(int64_t)value : (int64_t)value;
    if (result < min || result > max)
        return false;
    *out = result;
    return true;
}

bool span_to_cstr(struct span s, char *out, size_t size)
{
    if (size == 0)
        return false;
    out[0] = '\0';
    if (s.n >= size || (s.n && memchr(s.p, '\0', s.n)))
        return false;
    if (s.n)
        memcpy(out, s.p, s.n);
    out[s.n] = '\0';
    return true;
}
