/* The network: ids of tokens → a vector a text. What it needs beside the weights is a scratch of one thread. */
#ifndef EMBED_ENCODER_H
#define EMBED_ENCODER_H

#include "embed/embed.h"
#include "embed/weights.h"

enum {
    ENCODER_TOKENS = 256, /* in one pass: texts are packed one behind the other until it is full */
    ENCODER_BLOCK = 32,   /* tokens that go through the wide layers together, so that what lies between them stays near */
};

/* Everything that one pass writes: 2.4 MB, of which a short question touches little. */
struct embed_scratch {
    _Alignas(64) float x[ENCODER_TOKENS][WIDTH]; /* the tokens, from layer to layer */
    float qkv[ENCODER_TOKENS][3 * WIDTH];        /* query, key, value of each */
    float found[ENCODER_TOKENS][WIDTH];          /* what attention found for each */
    float wide[ENCODER_BLOCK][INNER];            /* between the two matrices of the feed-forward part */
    float merged[ENCODER_BLOCK][WIDTH];          /* the addend of a LayerNorm */
    unsigned char head[ATTEND_SCRATCH];
    int8_t small[ENCODER_BLOCK][INNER]; /* quantised activations … */
    float small_scale[ENCODER_BLOCK];
    uint32_t ids[ENCODER_TOKENS];
    size_t lengths[ENCODER_TOKENS / 2]; /* tokens of each text; at least [CLS] and [SEP] */
    embed_between *between;             /* called before each layer; NULL: nothing is */
    void *between_context;
};

/* One pass over count texts, whose ids lie packed in s->ids, each with its own [CLS] and [SEP]; s->lengths sum up to ENCODER_TOKENS at most. */
void encoder_run(const struct weights *w, const struct kernels *k, struct embed_scratch *s, size_t count, struct embed_vector *out);

#endif
