/* Rendering: blocks as the lines of the document's text, each with its place and its tokens. Pure; the first half of chunk_document. */
#ifndef TEXT_RENDER_H
#define TEXT_RENDER_H

#include "text/chunker.h"

/* A block as it stands in the text. */
struct unit {
    enum block_kind kind; /* BLOCK_TABLE_HEADER only where no row follows that carries it */
    int32_t level, page;
    size_t start, end;           /* bytes of the text, half open */
    size_t lead_start, lead_end; /* of these, the first value of a row whose columns have names, such as a question or a product; else none */
    size_t tokens;
};

/* Appends all blocks to *text and lists what they became (blocks of nothing but white space become nothing); *units in the arena. false when a bound is reached. */
bool render_blocks(const struct block *blocks, size_t count, const struct chunker_options *options, struct arena *arena, struct buf *text, struct unit **units,
                   size_t *unit_count);

#endif
