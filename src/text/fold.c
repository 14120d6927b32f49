/* Folding of words: ASCII by hand, the rest by utf8proc in a buffer on the stack. */
#include "text/fold.h"

#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

static bool fold_ascii(struct span word, char *out)
{
    for (size_t i = 0; i < word.n; i++) {
        unsigned char c = (unsigned char)word.p[i];
        if (c >= 0x80)
            return false;
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return true;
}

static uint32_t fold_apostrophe(uint32_t c)
{
    return c == 0x2019 || c == 0x2018 ? '\'' : c;
}

size_t fold_word(struct span word, char out[FOLD_MAX])
{
    word = utf8_clip(word, FOLD_MAX);
    if (fold_ascii(word, out))
        return word.n;
    /* One character decomposes into 18 at most, and only three-byte ones do. */
    utf8proc_int32_t points[FOLD_MAX / 3 * 18 + 18];
    const utf8proc_ssize_t room = sizeof points / sizeof *points;
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)word.p, (utf8proc_ssize_t)word.n, points, room, options);
    if (count < 0 || count > room)
        return 0;
    count = utf8proc_normalize_utf32(points, count, options);
    size_t length = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        char bytes[4];
        size_t n = utf8_put(bytes, fold_apostrophe((uint32_t)points[i]));
        if (length + n > FOLD_MAX)
            break;
        memcpy(out + length, bytes, n);
        length += n;
    }
    return length;
}
