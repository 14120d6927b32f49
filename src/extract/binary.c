/* Numbers and text of the binary Office formats. */
#include "extract/binary.h"

#include <string.h>

#include "base/utf8.h"

double le_double(struct span s, size_t at)
{
    uint64_t bits = le64(s, at);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

struct span slice(struct span s, uint64_t at, uint64_t n)
{
    if (at >= s.n)
        return (struct span){"", 0};
    uint64_t left = s.n - at;
    return (struct span){s.p + at, (size_t)(n < left ? n : left)};
}

void put_code_point(struct buf *to, uint32_t c)
{
    char bytes[4];
    if (c < 0x80)
        buf_char(to, (char)c);
    else
        buf_put(to, bytes, utf8_put(bytes, c));
}

void put_utf16(struct buf *to, struct span units)
{
    for (size_t i = 0; i + 1 < units.n; i += 2) {
        uint32_t c = le16(units, i), low = i + 3 < units.n ? le16(units, i + 2) : 0;
        if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        put_code_point(to, c);
    }
}

void put_latin1(struct buf *to, struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        put_code_point(to, (unsigned char)bytes.p[i]);
}

uint32_t cp1252_code_point(unsigned char byte)
{
    static const uint16_t high[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                      0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    return byte >= 0x80 && byte < 0xA0 ? high[byte - 0x80] : byte;
}

void put_cp1252(struct buf *to, struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        put_code_point(to, cp1252_code_point((unsigned char)bytes.p[i]));
}
