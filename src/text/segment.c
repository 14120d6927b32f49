/* Words by Unicode's boundaries, with classes of our own for what a search needs otherwise. */
#include "text/segment.h"

#include <utf8proc.h>

#include "base/utf8.h"
#include "text/word_break.h"

struct range {
    uint32_t first, last;
    enum script script;
};

/* Letters of these blocks; what is not listed is SCRIPT_OTHER. Ascending. */
static const struct range ranges[] = {
    {0x0041, 0x024F, SCRIPT_LATIN},    {0x0370, 0x03FF, SCRIPT_GREEK},    {0x0400, 0x052F, SCRIPT_CYRILLIC}, {0x0531, 0x058F, SCRIPT_ARMENIAN},
    {0x0600, 0x06FF, SCRIPT_ARABIC},   {0x0750, 0x077F, SCRIPT_ARABIC},   {0x08A0, 0x08FF, SCRIPT_ARABIC},   {0x0900, 0x097F, SCRIPT_DEVANAGARI},
    {0x0B80, 0x0BFF, SCRIPT_TAMIL},    {0x0E00, 0x0EFF, SCRIPT_DENSE},    {0x1000, 0x109F, SCRIPT_DENSE},    {0x1100, 0x11FF, SCRIPT_DENSE},
    {0x1780, 0x17FF, SCRIPT_DENSE},    {0x1C80, 0x1C8F, SCRIPT_CYRILLIC}, {0x1E00, 0x1EFF, SCRIPT_LATIN},    {0x1F00, 0x1FFF, SCRIPT_GREEK},
    {0x2C60, 0x2C7F, SCRIPT_LATIN},    {0x2DE0, 0x2DFF, SCRIPT_CYRILLIC}, {0x2E80, 0x2FDF, SCRIPT_DENSE},    {0x3005, 0x3007, SCRIPT_DENSE},
    {0x3021, 0x318F, SCRIPT_DENSE},    {0x31A0, 0x31FF, SCRIPT_DENSE},    {0x3400, 0x4DBF, SCRIPT_DENSE},    {0x4E00, 0x9FFF, SCRIPT_DENSE},
    {0xA640, 0xA69F, SCRIPT_CYRILLIC}, {0xA720, 0xA7FF, SCRIPT_LATIN},    {0xA960, 0xA97F, SCRIPT_DENSE},    {0xAC00, 0xD7FF, SCRIPT_DENSE},
    {0xF900, 0xFAFF, SCRIPT_DENSE},    {0xFB00, 0xFB06, SCRIPT_LATIN},    {0xFB50, 0xFDFF, SCRIPT_ARABIC},   {0xFE70, 0xFEFC, SCRIPT_ARABIC},
    {0xFF21, 0xFF5A, SCRIPT_LATIN},    {0xFF66, 0xFFDC, SCRIPT_DENSE},    {0x1B000, 0x1B16F, SCRIPT_DENSE},  {0x20000, 0x3FFFD, SCRIPT_DENSE},
};

enum script script_of(uint32_t c)
{
    size_t low = 0, high = sizeof ranges / sizeof *ranges;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c > ranges[middle].last)
            low = middle + 1;
        else if (c < ranges[middle].first)
            high = middle;
        else
            return ranges[middle].script;
    }
    return SCRIPT_OTHER;
}

static enum char_class class_of_ascii(uint32_t c)
{
    if ((c | 32) >= 'a' && (c | 32) <= 'z')
        return CHAR_LETTER;
    if (c >= '0' && c <= '9')
        return CHAR_DIGIT;
    return c == '_' ? CHAR_JOIN : CHAR_OTHER;
}

enum char_class char_class_of(uint32_t c)
{
    if (c < 0x80)
        return class_of_ascii(c);
    if (c > 0x10FFFF)
        return CHAR_OTHER;
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
        return script_of(c) == SCRIPT_DENSE ? CHAR_DENSE : CHAR_LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NO:
        return CHAR_DIGIT;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return CHAR_EXTEND;
    case UTF8PROC_CATEGORY_CF:
        return c == 0x200B ? CHAR_OTHER : CHAR_EXTEND; /* the zero width space does part words */
    case UTF8PROC_CATEGORY_PC:
        return CHAR_JOIN;
    default:
        return CHAR_OTHER;
    }
}

/* Unicode's word breaks, but for these: a colon and its kin end a word, as they do in all languages but Finnish and Swedish; a semicolon ends a number; all kinds of digits
 * are digits; runs of scripts without spaces stand apart. */
static enum word_break break_of_sign(uint32_t c)
{
    enum word_break x = word_break_of(c);
    bool colon = c == ':' || c == 0xFE13 || c == 0xFE55 || c == 0xFF1A, semicolon = c == ';' || c == 0x37E || c == 0xFE14 || c == 0xFE54 || c == 0xFF1B;
    bool mark = x >= BREAK_SINGLE_QUOTE && x <= BREAK_MID_NUMBER;
    return mark && !colon && !semicolon ? x : BREAK_OTHER;
}

static bool is_hebrew(uint32_t c)
{
    return c >= 0x590 && c <= 0xFB4F && word_break_of(c) == BREAK_HEBREW;
}

static enum word_break break_of(uint32_t c)
{
    switch (char_class_of(c)) {
    case CHAR_LETTER:
        return is_hebrew(c) ? BREAK_HEBREW : BREAK_LETTER;
    case CHAR_DIGIT:
        return BREAK_NUMBER;
    case CHAR_EXTEND:
        return BREAK_EXTEND;
    case CHAR_JOIN:
        return BREAK_JOINER;
    case CHAR_OTHER:
        return break_of_sign(c);
    default:
        return BREAK_OTHER;
    }
}

static enum char_class class_at(struct span text, size_t at, uint32_t *c, size_t *used)
{
    if (at >= text.n) {
        *used = 0;
        return CHAR_OTHER;
    }
    unsigned char first = (unsigned char)text.p[at];
    if (first < 0x80) {
        *c = first;
        *used = 1;
        return class_of_ascii(first);
    }
    *used = utf8_next(span_skip(text, at), c);
    return char_class_of(*c);
}

static size_t skip_to_word(struct span text, size_t at)
{
    while (at < text.n) {
        uint32_t c;
        size_t used;
        enum char_class class = class_at(text, at, &c, &used);
        if (class == CHAR_LETTER || class == CHAR_DIGIT || class == CHAR_DENSE)
            break;
        at += used;
    }
    return at;
}

static size_t dense_end(struct span text, size_t at)
{
    while (at < text.n) {
        uint32_t c;
        size_t used;
        enum char_class class = class_at(text, at, &c, &used);
        if (class != CHAR_DENSE && class != CHAR_EXTEND)
            break;
        at += used;
    }
    return at;
}

/* Underscores at the end are left out. */
static size_t word_end(struct span text, size_t start)
{
    size_t end = word_break_next(text, start, break_of);
    while (end > start) {
        size_t last = end - 1;
        uint32_t c;
        while (last > start && ((unsigned char)text.p[last] & 0xC0) == 0x80)
            last--;
        utf8_next(span_skip(text, last), &c);
        if (char_class_of(c) != CHAR_JOIN)
            break;
        end = last;
    }
    return end;
}

bool segment_next(struct span text, size_t *at, struct segment *out)
{
    size_t start = skip_to_word(text, *at);
    if (start >= text.n)
        return false;
    uint32_t c;
    size_t used;
    out->dense = class_at(text, start, &c, &used) == CHAR_DENSE;
    out->start = start;
    out->end = out->dense ? dense_end(text, start) : word_end(text, start);
    *at = out->end;
    return true;
}
