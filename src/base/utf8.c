/* UTF-8 by its definition table (Unicode 15, table 3-7). */
#include "base/utf8.h"

#include <string.h>

static bool continues(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

size_t utf8_next(struct span s, uint32_t *code_point)
{
    const unsigned char *b = (const unsigned char *)s.p;
    *code_point = UTF8_INVALID;
    if (b[0] < 0x80) {
        *code_point = b[0];
        return 1;
    }
    if (b[0] < 0xC2 || b[0] > 0xF4 || s.n < 2 || !continues(b[1]))
        return 1;
    if (b[0] < 0xE0) {
        *code_point = (uint32_t)(b[0] & 0x1F) << 6 | (b[1] & 0x3F);
        return 2;
    }
    if ((b[0] == 0xE0 && b[1] < 0xA0) || (b[0] == 0xED && b[1] > 0x9F) || (b[0] == 0xF0 && b[1] < 0x90) || (b[0] == 0xF4 && b[1] > 0x8F))
        return 1;
    if (s.n < 3 || !continues(b[2]))
        return 2;
    uint32_t three = (uint32_t)(b[0] & 0x0F) << 12 | (uint32_t)(b[1] & 0x3F) << 6 | (b[2] & 0x3F);
    if (b[0] < 0xF0) {
        *code_point = three;
        return 3;
    }
    if (s.n < 4 || !continues(b[3]))
        return 3;
    *code_point = ((uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3F) << 12 | (uint32_t)(b[2] & 0x3F) << 6 | (b[3] & 0x3F));
    return 4;
}

size_t utf8_put(char out[4], uint32_t c)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[n] | c);
    return n;
}

/* Bytes of ASCII at the beginning, counted by eights. */
static size_t plain_words(struct span s)
{
    size_t n = 0;
    for (uint64_t word; n + sizeof word <= s.n; n += sizeof word) {
        memcpy(&word, s.p + n, sizeof word);
        if (word & 0x8080808080808080U)
            break;
    }
    return n;
}

bool utf8_valid(struct span s)
{
    while ((s = span_skip(s, plain_words(s))).n) {
        uint32_t c;
        size_t used = utf8_next(s, &c);
        if (c == UTF8_INVALID)
            return false;
        s = span_skip(s, used);
    }
    return true;
}

size_t utf8_length(struct span s)
{
    size_t count = 0;
    for (; s.n; count++) {
        uint32_t c;
        s = span_skip(s, utf8_next(s, &c));
    }
    return count;
}

size_t utf8_offset(struct span s, size_t code_points)
{
    size_t at = 0;
    for (; at < s.n && code_points > 0; code_points--) {
        uint32_t c;
        at += utf8_next(span_skip(s, at), &c);
    }
    return at;
}

struct span utf8_clip(struct span s, size_t max_bytes)
{
    if (s.n <= max_bytes)
        return s;
    size_t n = max_bytes;
    while (n > 0 && max_bytes - n < 3 && continues((unsigned char)s.p[n]))
        n--;
    return (struct span){s.p, n};
}

bool utf8_is_plain(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

bool utf8_is_hidden(uint32_t c)
{
    return c == UTF8_INVALID || (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0) || c == 0x200B || c == 0x200E || c == 0x200F ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}
