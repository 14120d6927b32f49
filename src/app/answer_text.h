/* Quotes → the text of an answer, with the range of each quote in it; and the snippet of a source. Pure. */
#ifndef APP_ANSWER_TEXT_H
#define APP_ANSWER_TEXT_H

#include "app/answer.h"
#include "app/quote.h"

enum { SNIPPET_CHARACTERS = 200 };

struct answer_text {
    struct span text;
    struct answer_citation *citations; /* [count], one for each quote, by start; source is the index of its passage */
    size_t count;
};

/* The quotes word for word, joined by a space, list items and table rows by line breaks. In the arena; false when it is full. */
bool answer_compose(const struct passages *passages, const struct quotes *quotes, struct arena *arena, struct answer_text *out);

/* At most SNIPPET_CHARACTERS of the passage from its first quote on, or from its beginning; ends at a word's end where it can. Borrows the passage's text. */
struct span answer_snippet(const struct passages *passages, size_t passage, const struct quotes *quotes);
/* The same in two steps: at which byte of the passage it begins, and the snippet from there. */
size_t answer_snippet_start(const struct passages *passages, size_t passage, const struct quotes *quotes);
struct span answer_snippet_at(struct span text, size_t start);

/* The first piece to send of a text: one word with the white space before it; at most 256 bytes, never a cut code point. Empty at the end. */
struct span answer_piece(struct span text);

#endif
