/* The tokenizer of XLM-R: text → words → pieces of the likeliest segmentation (SentencePiece unigram, Kudo 2018), in one pass without memory of its own.
 *
 * Characters are replaced by the model's table (NFKC, line breaks and marks of direction to spaces, controls dropped); a mark that has a composed form with the character before
 * it becomes one with it. A word is what stands between spaces, headed by U+2581. Of all ways to write it in pieces the one with the greatest sum of scores is taken;
 * a character that no piece has is unknown, and a run of unknown ones is one. Names of special tokens in a text ("<s>") are plain text here. */
#ifndef EMBED_UNIGRAM_H
#define EMBED_UNIGRAM_H

#include "embed/trie.h"

/* A word of more is cut there, which changes no more than the pieces at the cut. */
enum { UNIGRAM_BYTES_MAX = 2048 };
/* Of the code points in pages of 256, which most of them share: none of it is replaced. */
enum { UNIGRAM_PAGES = 0x110000 / 256, UNIGRAM_PAGE = 256 };

struct unigram {
    struct trie trie;      /* values are ids */
    const float *scores;   /* [count] */
    uint32_t count;        /* of pieces */
    uint32_t unk;          /* id of an unknown character */
    float unknown;         /* its score: 10 below the least of all */
    const uint16_t *page;  /* [UNIGRAM_PAGES]: which block of entries holds this page */
    const uint32_t *entry; /* [blocks * UNIGRAM_PAGE]: 0, or 1 + place of the replacement in letters … */
    uint32_t blocks;
    const uint32_t *letters; /* [letter_count]: … where its length stands, followed by its code points */
    uint32_t letter_count;
};

/* Whether every index lies within its table and no replacement is longer than UNIGRAM_REPLACEMENT_MAX; sets u->unknown. */
bool unigram_make_sound(struct unigram *u);
enum { UNIGRAM_REPLACEMENT_MAX = 18 };

/* A walk over the words of a text. Start with {.rest = text}; not to be copied. */
struct unigram_walk {
    struct span rest;
    uint32_t own;          /* the last character read, where it is not replaced */
    const uint32_t *ready; /* code points of the last character's replacement, not yet used */
    size_t ready_count;
    bool inside; /* the last word was cut here */
    float score; /* of the words that were split: carried on so that ways of equal worth round as they do in the reference */
};

struct unigram_word {
    char bytes[UNIGRAM_BYTES_MAX + 8];
    size_t n;
};

/* The next word; false at the end. */
bool unigram_next(const struct unigram *u, struct unigram_walk *at, struct unigram_word *word);
/* The ids of its pieces; returns how many, at least 1. at: the walk that gave the word. */
size_t unigram_split(const struct unigram *u, struct unigram_walk *at, const struct unigram_word *word, uint32_t ids[UNIGRAM_BYTES_MAX]);

#endif
