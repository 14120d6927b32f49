/* Blocks → the document's text and its chunks. Pure. */
#ifndef TEXT_CHUNKER_H
#define TEXT_CHUNKER_H

#include "base/arena.h"
#include "base/buf.h"
#include "doc/block.h"
#include "doc/chunk.h"

/* Counts the tokens of a text in the unit that bounds a chunk. */
typedef size_t token_counter(void *context, struct span text);
/* Words and punctuation marks, about a WordPiece count for English; the counter while no model is loaded. */
size_t count_tokens_roughly(void *context, struct span text);

struct chunker_options {
    size_t min_tokens; /* a chunk below this takes the next block in, within its page and heading; default 100 */
    size_t max_tokens; /* never passed, except by one unbreakable word; default 200 */
    token_counter *count;
    void *context;
};

/* Writes the document's text into *text (blocks joined by line breaks, an empty line between paragraphs; a table row as "column: value; column: value" under its header,
 * as its cells joined by " | " without one; list items led by "- ") and cuts it into chunks at block and sentence ends: never across pages or top-level headings,
 * heading lines belong to the chunk they head. chunk.text is an exact slice of the text (between chunks only white space is left out);
 * spans are in the arena. false when a bound is reached. */
bool chunk_document(const struct block *blocks, size_t count, const struct chunker_options *options, struct arena *arena, struct buf *text,
                    struct chunk **chunks, size_t *chunk_count);

#endif
