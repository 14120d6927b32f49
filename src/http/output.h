/* Bytes of a reply on their way out: a list of blocks, each of which leaves in one write where the socket takes it. Not thread-safe. */
#ifndef HTTP_OUTPUT_H
#define HTTP_OUTPUT_H

#include "base/buf.h"

struct output_block {
    struct output_block *next;
    struct buf data;
    size_t sent; /* bytes of data already written */
};

struct output {
    struct output_block *first, *last;
};

/* A block that takes over the buffer's memory; NULL, with the buffer freed, when it has failed or there is no memory. */
struct output_block *output_block_new(struct buf *data);
void output_block_free(struct output_block *b);
void output_push(struct output *o, struct output_block *b);
/* Takes the first block off the list; NULL when empty. */
struct output_block *output_pop(struct output *o);
/* Moves all of `from` behind what is in `to`. */
void output_move(struct output *to, struct output *from);
void output_free(struct output *o);

#endif
