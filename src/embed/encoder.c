/* A BERT of exact lengths: no padding, no mask. Everything but attention treats tokens alone, so texts are packed into one matrix of tokens. */
#include "embed/encoder.h"

#include <math.h>

#include "embed/half.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* s->small = x [count][columns], each row with a scale of its own; count ≤ ENCODER_BLOCK. */
static void quantise(const struct kernels *k, struct embed_scratch *s, const float *x, size_t count, size_t columns)
{
    int8_t *small = s->small[0]; /* [count][columns] */
    for (size_t i = 0; i < count; i++)
        k->quantise(x + i * columns, columns, small + i * columns, &s->small_scale[i]);
}

/* out [count][m->rows] = x [count][m->columns] Wᵀ + bias, x quantised by row; count ≤ ENCODER_BLOCK. */
static void multiply(const struct kernels *k, struct embed_scratch *s, const struct matrix *m, const float *x, size_t count, float *out)
{
    quantise(k, s, x, count, m->columns);
    k->multiply(s->small[0], s->small_scale, count, m, out);
}

static void read_bytes(const struct weights *w, uint32_t id, float x[WIDTH])
{
    const int8_t *word = w->words + (size_t)id * WIDTH; /* [WIDTH] */
    float scale = w->words_scale[id];
    for (size_t i = 0; i < WIDTH; i++)
        x[i] = (float)word[i] * scale;
}

static void read_nibbles(const struct weights *w, uint32_t id, float x[WIDTH])
{
    const uint8_t *word = w->nibbles + (size_t)id * (WIDTH / 2);                   /* [WIDTH / 2] */
    const uint16_t *scales = w->nibbles_scale + (size_t)id * (WIDTH / WORD_BLOCK); /* [WIDTH / WORD_BLOCK] */
    for (size_t block = 0; block < WIDTH / WORD_BLOCK; block++, x += WORD_BLOCK, word += WORD_BLOCK / 2) {
        float scale = half_to_float(scales[block]);
        for (size_t i = 0; i < WORD_BLOCK / 2; i++) {
            x[i] = (float)((word[i] & 15) - 8) * scale;
            x[i + WORD_BLOCK / 2] = (float)((word[i] >> 4) - 8) * scale;
        }
    }
}

/* x[token] = LayerNorm(word + position) */
static void embed_token(const struct weights *w, const struct kernels *k, uint32_t id, size_t position, float x[WIDTH])
{
    if (w->nibbles)
        read_nibbles(w, id, x);
    else
        read_bytes(w, id, x);
    k->add_norm(x, w->positions + position * WIDTH, &w->embedded);
}

static size_t embed_all(const struct weights *w, const struct kernels *k, struct embed_scratch *s, size_t count)
{
    size_t token = 0;
    for (size_t text = 0; text < count; text++)
        for (size_t position = 0; position < s->lengths[text]; position++, token++)
            embed_token(w, k, s->ids[token], position, s->x[token]);
    return token;
}

/* s->found = softmax(q kᵀ) v, within each text */
static void attend(const struct kernels *k, struct embed_scratch *s, size_t count)
{
    size_t token = 0;
    for (size_t text = 0; text < count; token += s->lengths[text++])
        for (size_t head = 0; head < HEADS; head++)
            k->attend(s->qkv[token], s->lengths[text], head, s->head, s->found[token]);
}

/* The parts behind attention, for count ≤ ENCODER_BLOCK tokens: x = norm(x + merge(found)), x = norm(x + narrow(gelu(widen(x)))) */
static void feed_forward(const struct layer *l, const struct kernels *k, struct embed_scratch *s, size_t first, size_t count)
{
    multiply(k, s, &l->merge, s->found[first], count, s->merged[0]);
    for (size_t i = 0; i < count; i++)
        k->add_norm(s->x[first + i], s->merged[i], &l->attended);
    quantise(k, s, s->x[first], count, WIDTH);
    k->multiply_gelu(s->small[0], s->small_scale, count, &l->widen, s->wide[0]);
    multiply(k, s, &l->narrow, s->wide[0], count, s->merged[0]);
    for (size_t i = 0; i < count; i++)
        k->add_norm(s->x[first + i], s->merged[i], &l->fed);
}

static void run_layer(const struct layer *l, const struct kernels *k, struct embed_scratch *s, size_t texts, size_t tokens)
{
    for (size_t i = 0; i < tokens; i += ENCODER_BLOCK)
        multiply(k, s, &l->qkv, s->x[i], smaller(ENCODER_BLOCK, tokens - i), s->qkv[i]);
    attend(k, s, texts);
    for (size_t i = 0; i < tokens; i += ENCODER_BLOCK)
        feed_forward(l, k, s, i, smaller(ENCODER_BLOCK, tokens - i));
}

/* Mean of the tokens (of [CLS] alone where that is what counts) → length 1 → int8. */
static void pool(const struct kernels *k, const float *x, size_t tokens, struct embed_vector *out)
{
    float mean[WIDTH] = {0}, square = 0;
    for (size_t token = 0; token < tokens; token++)
        for (size_t i = 0; i < WIDTH; i++)
            mean[i] += x[token * WIDTH + i];
    for (size_t i = 0; i < WIDTH; i++)
        square += mean[i] * mean[i];
    float inverse = square > 0 ? 1 / sqrtf(square) : 0;
    for (size_t i = 0; i < WIDTH; i++)
        mean[i] *= inverse;
    k->quantise(mean, WIDTH, out->values, &out->scale);
}

void encoder_run(const struct weights *w, const struct kernels *k, struct embed_scratch *s, size_t count, struct embed_vector *out)
{
    size_t tokens = embed_all(w, k, s, count), at = 0;
    for (size_t i = 0; i < w->layers; i++) {
        if (s->between)
            s->between(s->between_context);
        run_layer(&w->layer[i], k, s, count, tokens);
    }
    for (size_t text = 0; text < count; at += s->lengths[text++])
        pool(k, s->x[at], w->header->pooling == POOLING_CLS ? 1 : s->lengths[text], &out[text]);
}
