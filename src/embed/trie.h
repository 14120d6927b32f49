/* A dictionary of byte strings as a double array (Aoe 1989): one load a byte, no pointers, so it works where it lies in the weight file. */
#ifndef EMBED_TRIE_H
#define EMBED_TRIE_H

#include "base/span.h"

enum { TRIE_UNITS_MAX = 1 << 24 };

/* A state. Its child by byte c is unit base ^ c, if that unit has the label c; no two states have the same base, so the label alone tells whose child it is. */
struct trie_unit {
    uint32_t base_label; /* base << 8 | label; base 0: no children */
    uint32_t value;      /* of the string that ends here, plus 1; 0: none does */
};

struct trie {
    const struct trie_unit *units; /* [count], the first is the root */
    uint32_t count;                /* a multiple of 256, so that base ^ c stays inside */
};

/* The child of *unit by byte (not 0); false when there is none. */
static inline bool trie_step(const struct trie *t, struct trie_unit *unit, unsigned char byte)
{
    *unit = t->units[(unit->base_label >> 8) ^ byte];
    return (unsigned char)unit->base_label == byte;
}

/* Whether every base lies inside and every value is below values, so that no walk can leave the units. */
bool trie_is_sound(const struct trie *t, uint32_t values);

struct trie_key {
    struct span bytes; /* neither empty nor with a NUL */
    uint32_t value;
};

/* Makes the units, a multiple of 256, from keys[count], which it sorts. Caller frees; NULL when there is no memory, no room in TRIE_UNITS_MAX or two keys are equal. */
struct trie_unit *trie_build(struct trie_key *keys, size_t count, uint32_t *units);

#endif
