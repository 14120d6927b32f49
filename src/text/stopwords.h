/* Stop words: one hash table over all languages, made at build time from the lists in stopwords/ (folded words; those of the Snowball project where it has one). */
#ifndef TEXT_STOPWORDS_H
#define TEXT_STOPWORDS_H

#include "base/span.h"

/* The set of languages (bits, numbered as in stopwords_codes) in which a folded word is a stop word. */
uint32_t stopwords_of(struct span folded);
/* The bit of a language by its ISO 639-1 code, or -1 when it has no list. */
int stopwords_bit(const char *code);

/* The generated table: open addressing from FNV-1a modulo the size; a free slot has length 0. */
enum { STOPWORDS_SLOTS = 8192 };
struct stopwords_slot {
    uint16_t at; /* into stopwords_pool */
    uint8_t length;
    uint32_t languages;
};
extern const char stopwords_codes[][4];
extern const size_t stopwords_languages;
extern const unsigned char stopwords_pool[];
extern const struct stopwords_slot stopwords_slots[STOPWORDS_SLOTS];

#endif
