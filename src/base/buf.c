/* The growing byte buffer: capacity doubles, so appending is linear. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->failed || n > b->max || b->n > b->max - n) {
        b->failed = true;
        return NULL;
    }
    if (b->n + n > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < b->n + n)
            cap = cap > b->max / 2 ? b->max : cap * 2;
        char *grown = realloc(b->p, cap);
        if (!grown) {
            b->failed = true;
            return NULL;
        }
        b->p = grown;
        b->cap = cap;
    }
    return b->p + b->n;
}

void buf_put(struct buf *b, const void *bytes, size_t n)
{
    if (n == 0)
        return;
    char *to = buf_reserve(b, n);
    if (!to)
        return;
    memcpy(to, bytes, n);
    b->n += n;
}

void buf_span(struct buf *b, struct span s)
{
    buf_put(b, s.p, s.n);
}

void buf_str(struct buf *b, const char *s)
{
    buf_span(b, span_of(s));
}

void buf_char(struct buf *b, char c)
{
    buf_put(b, &c, 1);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    char small[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n < 0) {
        b->failed = true;
        return;
    }
    if ((size_t)n < sizeof small) {
        buf_put(b, small, (size_t)n);
        return;
    }
    char *to = buf_reserve(b, (size_t)n + 1);
    if (!to)
        return;
    va_start(args, format);
    vsnprintf(to, (size_t)n + 1, format, args);
    va_end(args);
    b->n += (size_t)n;
}

static void json_escape(struct buf *b, uint32_t c)
{
    static const char names[] = "btn\0fr"; /* U+0008 to U+000D; U+000B has no short name */
    if (c == '"' || c == '\\') {
        buf_char(b, '\\');
        buf_char(b, (char)c);
    } else if (c >= 8 && c <= 13 && c != 11) {
        buf_char(b, '\\');
        buf_char(b, names[c - 8]);
    } else {
        buf_printf(b, "\\u%04x", (unsigned)c);
    }
}

/* Whether eight bytes are all printable ASCII and neither quote nor backslash: a byte below one has its top bit set when that is taken from it. */
static bool plain_eight(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t v;
    memcpy(&v, p, sizeof v);
    uint64_t low = v - ones * 0x20, quote = (v ^ ones * '"') - ones, slash = (v ^ ones * '\\') - ones, high = v | (v + ones);
    return ((low | quote | slash | high) & ones * 0x80) == 0;
}

/* How many bytes at the front stand for themselves in a JSON string. */
static size_t plain_run(struct span s)
{
    size_t n = 0;
    while (s.n - n >= 8 && plain_eight(s.p + n))
        n += 8;
    while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f && s.p[n] != '"' && s.p[n] != '\\')
        n++;
    return n;
}

void buf_json(struct buf *b, struct span s)
{
    buf_char(b, '"');
    while (s.n) {
        uint32_t c;
        size_t run = plain_run(s);
        if (run) {
            buf_put(b, s.p, run);
            s = span_skip(s, run);
            continue;
        }
        size_t used = utf8_next(s, &c);
        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
            json_escape(b, c);
        else if (c == UTF8_INVALID)
            buf_str(b, "\xEF\xBF\xBD");
        else
            buf_put(b, s.p, used);
        s = span_skip(s, used);
    }
    buf_char(b, '"');
}

void buf_consume(struct buf *b, size_t n)
{
    if (n >= b->n) {
        b->n = 0;
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

struct span buf_view(const struct buf *b)
{
    return (struct span){b->p ? b->p : "", b->n};
}

const char *buf_cstr(struct buf *b)
{
    char *end = buf_reserve(b, 1);
    if (!end)
        return NULL;
    *end = '\0';
    return b->p;
}
