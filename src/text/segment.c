/* Word segmentation by character classes: the rules WB5 to WB13 of UAX 29, with runs of scripts without spaces kept apart. */
#include "text/segment.h"

#include <utf8proc.h>

#include "base/utf8.h"

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

/* MidLetter and MidNumLet; without the colon, which ends a word in all languages but Finnish and Swedish. */
static bool mid_letter(uint32_t c)
{
    return c == '\'' || c == '.' || c == 0x2019 || c == 0x2018 || c == 0xB7 || c == 0x2027 || c == 0x05F4 || c == 0xFF07 || c == 0xFF0E;
}

/* MidNum and MidNumLet; Swiss apostrophes included. */
static bool mid_digit(uint32_t c)
{
    return c == '.' || c == ',' || c == '\'' || c == 0x2019 || c == 0x066B || c == 0x066C || c == 0xFF0C || c == 0xFF0E;
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

/* `last`: the class of the last letter or digit taken. Underscores and marks count only when a letter or digit follows, or directly behind one. */
static size_t word_end(struct span text, size_t at)
{
    enum char_class last = CHAR_OTHER;
    size_t end = at;
    while (at < text.n) {
        uint32_t c, next;
        size_t used, next_used;
        enum char_class class = class_at(text, at, &c, &used);
        if (class == CHAR_LETTER || class == CHAR_DIGIT) {
            last = class;
            end = at + used;
        } else if (class == CHAR_EXTEND) {
            end = end == at ? at + used : end;
        } else if (class == CHAR_OTHER && end == at) {
            enum char_class after = class_at(text, at + used, &next, &next_used);
            if (after != last || !((last == CHAR_LETTER && mid_letter(c)) || (last == CHAR_DIGIT && mid_digit(c))))
                break;
        } else if (class != CHAR_JOIN) {
            break;
        }
        at += used;
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
