/* Unicode's default word boundaries (UAX 29, section 4), which text/segment.h makes words of. Pure. */
#ifndef TEXT_WORD_BREAK_H
#define TEXT_WORD_BREAK_H

#include "base/span.h"

/* The property Word_Break. */
enum word_break {
    BREAK_OTHER,
    BREAK_CR,
    BREAK_LF,
    BREAK_NEWLINE,
    BREAK_EXTEND,
    BREAK_ZWJ,
    BREAK_FORMAT,
    BREAK_REGIONAL, /* indicators, two of which make a flag */
    BREAK_KATAKANA,
    BREAK_HEBREW,
    BREAK_LETTER,
    BREAK_SINGLE_QUOTE,
    BREAK_DOUBLE_QUOTE,
    BREAK_MID_BOTH, /* MidNumLet */
    BREAK_MID_LETTER,
    BREAK_MID_NUMBER,
    BREAK_NUMBER,
    BREAK_JOINER, /* ExtendNumLet */
    BREAK_SPACE
};
enum word_break word_break_of(uint32_t c);

/* What a code point counts as; word_break_of, or one's own that leads to other words. */
typedef enum word_break word_break_class(uint32_t c);

/* The first boundary behind a byte `at` (below text.n) that is a boundary itself. */
size_t word_break_next(struct span text, size_t at, word_break_class *class_of);

/* The version of Unicode that word_break_table.c was written from. */
#define WORD_BREAK_UNICODE "15.0.0"

/* The table: ranges ascending; what is in none is BREAK_OTHER. */
struct word_break_range {
    uint32_t first, last;
    enum word_break class;
};
extern const struct word_break_range word_break_ranges[];
extern const size_t word_break_range_count;
extern const struct word_break_range word_break_pictures[]; /* Extended_Pictographic; no class */
extern const size_t word_break_picture_count;

#endif
