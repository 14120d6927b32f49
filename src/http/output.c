/* Blocks of outgoing bytes. */
#include "http/output.h"

#include <stdlib.h>

struct output_block *output_block_new(struct buf *data)
{
    struct output_block *b = data->failed ? NULL : calloc(1, sizeof *b);
    if (!b) {
        buf_free(data);
        return NULL;
    }
    b->data = *data;
    buf_init(data, data->max);
    return b;
}

void output_block_free(struct output_block *b)
{
    buf_free(&b->data);
    free(b);
}

void output_push(struct output *o, struct output_block *b)
{
    if (o->last)
        o->last->next = b;
    else
        o->first = b;
    o->last = b;
}

struct output_block *output_pop(struct output *o)
{
    struct output_block *b = o->first;
    if (!b)
        return NULL;
    o->first = b->next;
    if (!o->first)
        o->last = NULL;
    b->next = NULL;
    return b;
}

void output_move(struct output *to, struct output *from)
{
    if (from->first) {
        output_push(to, from->first);
        to->last = from->last;
    }
    *from = (struct output){NULL, NULL};
}

void output_free(struct output *o)
{
    for (struct output_block *b; (b = output_pop(o));)
        output_block_free(b);
}
