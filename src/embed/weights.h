/* The weight file, format 1: everything that a model is, ready for use where it lies.
 *
 *   header    struct weights_header, padded to 128 bytes
 *   parts     in the order of weights_lay_out, each at the next multiple of 64
 *
 * No offset is stored: the shapes in the header give the place of every part, and the last must end where the file does. Integers and floats are little-endian.
 * Matrices are int8 with a scale a row, packed for the kernels (kernels.h); the query rows hold the 1/√HEAD of attention, the position table the embedding of
 * token type 0, which every token has. The word table is int8 with a scale a row, or 4 bits a value with a scale a block. A field that was added later is 0 in older files,
 * where it means what they are. */
#ifndef EMBED_WEIGHTS_H
#define EMBED_WEIGHTS_H

#include "embed/embed.h"
#include "embed/kernels.h"
#include "embed/unigram.h"
#include "embed/vocabulary.h"

enum { WEIGHTS_VERSION = 1, LAYERS_MAX = 24, VOCABULARY_MAX = 1 << 20, WORD_BLOCK = 32 /* values of a 4-bit word that share a scale */ };

enum tokenizer { TOKENIZER_WORDPIECE, TOKENIZER_UNIGRAM };
/* How a model was trained to be asked. */
enum manner { MANNER_PLAIN, MANNER_E5 /* as e5: texts headed "query: " and "passage: ", cosines from 0.7 */ };
/* What becomes of a text's tokens: the mean of them, or the first alone, [CLS]. */
enum pooling { POOLING_MEAN, POOLING_CLS };
/* What a WordPiece tokenizer leaves as it is. */
enum { KEEPS_CASE = 1, KEEPS_ACCENTS = 2 };
enum {
    INNER_STEP = 64,      /* inner is a multiple of it, up to INNER */
    POSITIONS_LEAST = 64, /* a text may have */
    HEADING_MAX = 256,    /* bytes that a text is headed by, whose tokens are half of the positions at most */
};
#define WEIGHT_MOST 1e4f /* of every float of a model: far above any that works, so low that nothing computed from it overflows */

struct weights_header {
    char magic[8]; /* WEIGHTS_MAGIC */
    uint32_t version;
    uint32_t width, heads, inner, positions; /* the first two as in kernels.h, the others up to those there */
    uint32_t layers;
    uint32_t pieces, slots, spelling_bytes, longest, cls, sep, unk; /* of the vocabulary; slots to longest are 0 where it is a unigram's */
    uint32_t tokenizer;                                             /* enum tokenizer */
    uint64_t size;                                                  /* of the file */
    uint64_t hash;                                                  /* of the file with this field 0: weights_hash */
    uint32_t manner;                                                /* enum manner */
    uint32_t word_bits;                                             /* 0: 8; or 4 */
    uint32_t trie_units, letter_blocks, letters;                    /* of a unigram */
    float eps;                                                      /* of every LayerNorm; 0: 1e-12 */
    float unlike;                                                   /* the cosine of texts that have nothing to do with each other */
    uint32_t pooling;                                               /* enum pooling */
    uint32_t keeps;                                                 /* KEEPS_CASE, KEEPS_ACCENTS */
    uint32_t heading_bytes[2];                                      /* of what texts are headed by, by enum embed_role */
    char unused[4];                                                 /* 0 */
};
#define WEIGHTS_MAGIC "chfxembd"

struct layer {
    struct matrix qkv;    /* [3 * WIDTH, WIDTH]: query, key and value one below the other */
    struct matrix merge;  /* [WIDTH, WIDTH]: what the heads found → one token */
    struct norm attended; /* behind merge */
    struct matrix widen;  /* [inner, WIDTH] */
    struct matrix narrow; /* [WIDTH, inner] */
    struct norm fed;      /* behind narrow */
};

struct weights {
    const struct weights_header *header;
    size_t layers;
    struct vocabulary vocabulary; /* one of the two, by header->tokenizer */
    struct unigram unigram;
    const int8_t *words;           /* [pieces, WIDTH] */
    const float *words_scale;      /* [pieces]; or, with 4 bits, */
    const uint8_t *nibbles;        /* [pieces, WIDTH / 2]: values 0 … 15, less 8; value i of a block and, above it, value i + 16 */
    const uint16_t *nibbles_scale; /* [pieces, WIDTH / WORD_BLOCK]: half floats */
    const float *positions;        /* [header->positions, WIDTH] */
    struct norm embedded;          /* behind the sum of the two */
    struct layer layer[LAYERS_MAX];
    struct span heading[2]; /* what texts are headed by, by enum embed_role */
};

/* Points *w into the size bytes at base by the shapes of *header, which need not lie there. False when they are not those of a model of ours or do not fill size.
 * *needed is the size they fill; with base NULL only that is found, and the pointers are not to be used. */
bool weights_lay_out(struct weights *w, const struct weights_header *header, const void *base, size_t size, size_t *needed);
/* Of a file's bytes, its hash field taken as 0. Against damage, not against an attacker. size is a multiple of 64. */
uint64_t weights_hash(const void *base, size_t size);
/* Checks the bytes, hash and every value included, and points *w into them; false with a sentence in why. No text makes a read past them then, nor a vector
 * that is no number. */
bool weights_read(struct weights *w, const void *base, size_t size, char *why, size_t why_size);

/* Maps the file read-only and reads it. weights_unmap ends it. */
bool weights_map(struct weights *w, const char *path, char *why, size_t why_size);
void weights_unmap(struct weights *w);

#endif
