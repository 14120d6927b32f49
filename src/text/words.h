/* Words as they are indexed: Unicode segmentation, folding, stop words, stemming. Pure. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "base/arena.h"
#include "doc/chunk.h"

/* ISO 639-1 code of a language with a stemmer ("en", "de", ...), or "" when unknown. */
struct language {
    char code[4];
};

/* The language of a text by script and stop words; "" when it cannot be told. */
struct language language_detect(struct span text);
/* The same with a guess for what is too short to tell, such as a question of two words or a table row: `likely` (the language of the document, or the one most common in the
 * tenant's index) where the text is written in its script. A question stemmed in another language than the documents misses them, so give one wherever it is known. */
struct language language_detect_or(struct span text, struct language likely);

/* One word of a text. */
struct word {
    struct span term;    /* folded and stemmed, at most 128 bytes, in the arena; empty for a stop word */
    uint32_t start, end; /* bytes of the text as written */
    bool stop;           /* a stop word of the language */
    bool whole;          /* a code as a whole: its parts follow and lie within [start, end); not counted into the length of a text */
};

/* All words in order, stop words marked. Han, Kana, Hangul, Thai, Lao, Khmer and Myanmar runs give overlapping bigrams (a lone character gives itself).
 * Codes such as SKU-1234/5, e-mail addresses and paths give the whole and its parts. *words in the arena; false when it is full. */
bool words_split(struct span text, struct language language, struct arena *arena, struct word **words, size_t *count);

/* The distinct terms of a text with their counts, in the order of their first use, stop words left out; *length (their tokens, wholes not counted) for BM25. In the arena; false when it is full. */
bool words_terms(struct span text, struct language language, struct arena *arena, struct term **terms, size_t *count, uint32_t *length);

/* Storage form of terms: for each, varint byte length, bytes, varint count; decode checks every length, and its words are slices of the bytes. false: full, or damaged. */
struct buf;
bool terms_encode(const struct term *terms, size_t count, struct buf *out);
bool terms_decode(struct span bytes, struct arena *arena, struct term **terms, size_t *count);

#endif
