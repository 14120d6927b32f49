/* What has been found out about short words, remembered by each thread: texts say the same few thousand words again and again, and stemming one takes longer than looking it up. */
#ifndef TEXT_KNOWN_H
#define TEXT_KNOWN_H

#include "text/words.h"

enum { KNOWN_MAX = 15 }; /* bytes of a word that can be remembered */

struct known {
    char word[KNOWN_MAX + 1]; /* folded; zeros behind it */
    struct language language;
    bool filled, stop;
    uint8_t stem_length;
    char stem[KNOWN_MAX + 1];
};

/* The place of a word (of at most KNOWN_MAX bytes) under a language: filled by an earlier caller of this thread, or to be filled, which may drop another word. The caller's until
 * the next call. */
struct known *known_word(struct span folded, struct language language);

#endif
