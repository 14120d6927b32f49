/* The tokenizer of BERT: text → words → word pieces, as Hugging Face's BertTokenizer does it, in one pass without memory of its own.
 *
 * A text is cleaned (control characters and U+FFFD dropped), every CJK ideograph set apart, taken apart by NFD, freed of its accents (category Mn), lowered (both of which a model may leave out), and split at white
 * space and around each punctuation mark. What that gives is a word; WordPiece takes the longest known piece off its front until nothing is left. A word with a remainder that no
 * piece fits, or of more than 100 characters, is [UNK] as a whole. Names of special tokens in a text ("[SEP]") are plain text here. */
#ifndef EMBED_WORDPIECE_H
#define EMBED_WORDPIECE_H

#include "embed/vocabulary.h"

enum { WORD_CHARACTERS_MAX = 100 };

/* A walk over the words of a text. Start with {.rest = text} and what the model keeps. */
struct wordpiece {
    struct span rest;
    uint32_t ready[24]; /* characters made of the last one read, not yet used */
    size_t ready_at, ready_count;
    bool keeps_case, keeps_accents;
};

/* A word as the vocabulary spells it. */
struct wordpiece_word {
    char bytes[WORD_CHARACTERS_MAX * 4];
    size_t n;
    bool too_long;    /* of more than WORD_CHARACTERS_MAX characters, of which bytes holds the first */
    bool punctuation; /* a single mark */
};

/* The next word; false at the end. */
bool wordpiece_next(struct wordpiece *at, struct wordpiece_word *word);
/* The ids of its pieces; returns how many, at least 1. */
size_t wordpiece_split(const struct vocabulary *v, const struct wordpiece_word *word, uint32_t ids[WORD_CHARACTERS_MAX]);

#endif
