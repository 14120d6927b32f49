/* Segments: the raw words of a text by Unicode's word boundaries (text/word_break.h), before folding and stemming. Pure. */
#ifndef TEXT_SEGMENT_H
#define TEXT_SEGMENT_H

#include "base/span.h"

enum char_class {
    CHAR_OTHER,
    CHAR_LETTER,
    CHAR_DIGIT,
    CHAR_EXTEND, /* marks and format characters: belong to what stands before them */
    CHAR_JOIN,   /* underscores: join letters and digits */
    CHAR_DENSE   /* Han, Kana, Hangul, Thai, Lao, Khmer, Myanmar: words are not (or not usefully) told apart by spaces */
};
enum char_class char_class_of(uint32_t c);

enum script {
    SCRIPT_OTHER,
    SCRIPT_LATIN,
    SCRIPT_CYRILLIC,
    SCRIPT_GREEK,
    SCRIPT_ARABIC,
    SCRIPT_DEVANAGARI,
    SCRIPT_TAMIL,
    SCRIPT_ARMENIAN,
    SCRIPT_DENSE,
    SCRIPTS
};
/* The script of a letter. */
enum script script_of(uint32_t c);

struct segment {
    size_t start, end; /* bytes, half open */
    bool dense;        /* a run of CHAR_DENSE, to be cut into bigrams */
};

/* The next segment from *at on, *at then behind it; false at the end. A point or an apostrophe between letters and a point or a comma between digits stay inside. */
bool segment_next(struct span text, size_t *at, struct segment *out);

#endif
