/* Stretches of the prompt's rules in what a model says, held back until it is clear that they are none. Pure. */
#ifndef APP_MODEL_LEAK_H
#define APP_MODEL_LEAK_H

#include "base/buf.h"

enum {
    LEAK_SUSPECT = 24, /* bytes in a row that are the rules' too, from a word's beginning: further ones are held back … */
    LEAK_BYTES = 56,   /* … and with so many they are dropped, with all that follow in a row */
    LEAK_HELD = LEAK_BYTES,
    LEAK_WORDS = 1024 /* of the rules; runs that begin with later ones are not seen */
};

struct leak {
    struct span rules;           /* borrowed */
    uint16_t starts[LEAK_WORDS]; /* [count], where the rules' words begin */
    size_t count;
    size_t place;         /* index of the word with which the run stands in the rules; count: no run */
    size_t run;           /* its bytes */
    char held[LEAK_HELD]; /* what of it was not handed on */
    size_t held_count;
    bool parts;   /* a run was dropped just now: what follows is no part of the word before */
    bool in_word; /* the byte before was a letter or digit */
};

void leak_init(struct leak *l, struct span rules);
/* Hands on to out what is no leak. Case and kinds of white space make no difference. */
void leak_put(struct leak *l, struct span text, struct buf *out);
void leak_end(struct leak *l, struct buf *out);

#endif
