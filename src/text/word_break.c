/* The rules WB1 to WB999 in their order; those that look ahead or back do so over what belongs to a character (WB4). */
#include "text/word_break.h"

#include "base/utf8.h"

/* The range that a code point is in; NULL when it is in none. */
static const struct word_break_range *find(const struct word_break_range *ranges, size_t count, uint32_t c)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c > ranges[middle].last)
            low = middle + 1;
        else if (c < ranges[middle].first)
            high = middle;
        else
            return &ranges[middle];
    }
    return NULL;
}

enum word_break word_break_of(uint32_t c)
{
    const struct word_break_range *range = find(word_break_ranges, word_break_range_count, c);
    return range ? range->class : BREAK_OTHER;
}

static bool is_picture(uint32_t c)
{
    return find(word_break_pictures, word_break_picture_count, c) != NULL;
}

static bool is_letter(enum word_break x)
{
    return x == BREAK_LETTER || x == BREAK_HEBREW;
}

static bool is_in_word(enum word_break x)
{
    return x == BREAK_LETTER || x == BREAK_NUMBER || x == BREAK_HEBREW;
}

static bool is_newline(enum word_break x)
{
    return x == BREAK_CR || x == BREAK_LF || x == BREAK_NEWLINE;
}

static bool belongs_to_what_is_before(enum word_break x)
{
    return x == BREAK_EXTEND || x == BREAK_FORMAT || x == BREAK_ZWJ;
}

static bool is_mid_letter(enum word_break x)
{
    return x == BREAK_MID_LETTER || x == BREAK_MID_BOTH || x == BREAK_SINGLE_QUOTE;
}

static bool is_mid_number(enum word_break x)
{
    return x == BREAK_MID_NUMBER || x == BREAK_MID_BOTH || x == BREAK_SINGLE_QUOTE;
}

/* What stands before a place: the last character as it is, and the last two of those that others belong to. */
struct before {
    enum word_break raw, last, second;
    size_t regional; /* indicators in a row */
};

/* The class of the next character from a byte on that does not belong to the one before it. */
static enum word_break ahead(struct span text, size_t at, word_break_class *class_of)
{
    while (at < text.n) {
        uint32_t c;
        at += utf8_next(span_skip(text, at), &c);
        enum word_break x = class_of(c);
        if (!belongs_to_what_is_before(x))
            return x;
    }
    return BREAK_OTHER;
}

/* Rules WB6, WB7, WB7b, WB7c, WB11 and WB12: a mark between two letters or digits. */
static bool marks_join(const struct before *b, enum word_break x, struct span text, size_t behind, word_break_class *class_of)
{
    if (is_letter(b->last) && is_mid_letter(x))
        return is_letter(ahead(text, behind, class_of)) || (b->last == BREAK_HEBREW && x == BREAK_SINGLE_QUOTE); /* WB7a */
    if (b->last == BREAK_HEBREW && x == BREAK_DOUBLE_QUOTE)
        return ahead(text, behind, class_of) == BREAK_HEBREW;
    if (b->last == BREAK_NUMBER && is_mid_number(x))
        return ahead(text, behind, class_of) == BREAK_NUMBER;
    return (is_letter(b->second) && is_mid_letter(b->last) && is_letter(x)) ||
           (b->second == BREAK_HEBREW && b->last == BREAK_DOUBLE_QUOTE && x == BREAK_HEBREW) ||
           (b->second == BREAK_NUMBER && is_mid_number(b->last) && x == BREAK_NUMBER);
}

/* Rules WB5, WB8 to WB10 and WB13 to WB16: two characters side by side. */
static bool neighbours_join(const struct before *b, enum word_break x)
{
    bool word = is_in_word(x), after_word = is_in_word(b->last);
    if (word && after_word)
        return true;
    if (x == BREAK_KATAKANA && b->last == BREAK_KATAKANA)
        return true;
    if (x == BREAK_JOINER)
        return after_word || b->last == BREAK_KATAKANA || b->last == BREAK_JOINER;
    if (b->last == BREAK_JOINER)
        return word || x == BREAK_KATAKANA;
    return x == BREAK_REGIONAL && b->last == BREAK_REGIONAL && b->regional % 2 == 1;
}

static bool joins(const struct before *b, uint32_t c, enum word_break x, struct span text, size_t behind, word_break_class *class_of)
{
    if (is_newline(b->raw) || is_newline(x))
        return b->raw == BREAK_CR && x == BREAK_LF;
    if (b->raw == BREAK_ZWJ && is_picture(c))
        return true;
    if (b->raw == BREAK_SPACE && x == BREAK_SPACE)
        return true;
    return belongs_to_what_is_before(x) || neighbours_join(b, x) || marks_join(b, x, text, behind, class_of);
}

static void pass(struct before *b, enum word_break x)
{
    b->raw = x;
    if (belongs_to_what_is_before(x))
        return;
    b->second = b->last;
    b->last = x;
    b->regional = x == BREAK_REGIONAL ? b->regional + 1 : 0;
}

size_t word_break_next(struct span text, size_t at, word_break_class *class_of)
{
    struct before b = {BREAK_OTHER, BREAK_OTHER, BREAK_OTHER, 0};
    for (size_t start = at; at < text.n;) {
        uint32_t c;
        size_t used = utf8_next(span_skip(text, at), &c);
        enum word_break x = class_of(c);
        bool inside = is_in_word(b.raw) && is_in_word(x); /* most of a text: WB5 and WB8 to WB10 */
        if (!inside && at > start && !joins(&b, c, x, text, at + used, class_of))
            break;
        pass(&b, x);
        at += used;
    }
    return at;
}
