/* The word pieces of a model: a hash table that lies ready in the weight file, so that nothing is built at start. */
#ifndef EMBED_VOCABULARY_H
#define EMBED_VOCABULARY_H

#include "base/span.h"

/* Pieces that continue a word are spelt with a leading "##". Open addressing, linear probing, at most half full. */
struct vocabulary {
    uint32_t count;          /* of pieces; an id is an index below it */
    uint32_t slots;          /* a power of two, at least 2 * count */
    uint32_t bytes;          /* of all spellings */
    uint32_t longest;        /* bytes of the longest spelling */
    uint32_t cls, sep, unk;  /* ids of [CLS], [SEP], [UNK] */
    const uint32_t *offsets; /* [count + 1]: spelling i is bytes offsets[i] … offsets[i + 1] */
    const uint32_t *table;   /* [slots]: id + 1, or 0 for free */
    const char *spellings;   /* [bytes] */
};

/* FNV-1a, to be carried on from byte to byte: hash a word's prefixes in one pass. */
uint32_t vocabulary_hash_start(bool continues);
uint32_t vocabulary_hash_add(uint32_t hash, char byte);
/* The id of the piece, spelt without its "##", whose hash is given; -1 when there is none. */
int32_t vocabulary_find(const struct vocabulary *v, bool continues, struct span piece, uint32_t hash);
/* The same, from the spelling as it stands in vocab.txt. */
int32_t vocabulary_id(const struct vocabulary *v, struct span spelling);
/* The spelling of id < count. */
struct span vocabulary_spelling(const struct vocabulary *v, uint32_t id);
/* Whether every offset and every id of the tables lies within them, so that no later look-up can leave the file. */
bool vocabulary_is_sound(const struct vocabulary *v);

#endif
