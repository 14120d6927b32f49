/* A model's words as they come → what may be shown of them. Pure, and indifferent to where the words are cut.
 *
 * The model has read documents that anybody may have written, so its words are as foreign as theirs. Taken out are: characters that show nothing; numbers in square
 * brackets that name no passage; links, images and addresses of the web (an answer is text, and its links are its sources); tags of HTML, which a space behind
 * their "<" disarms; the mark that parts the passages; and stretches of the prompt's own rules (app/model_leak.h). Little is held back, and only while it may become
 * one of these. */
#ifndef APP_MODEL_TEXT_H
#define APP_MODEL_TEXT_H

#include "app/model_leak.h"

enum { MODEL_TEXT_HELD = 128 }; /* bytes that may be undecided */

struct model_text {
    size_t sources;   /* [1] to [sources] name a passage */
    struct span mark; /* of the prompt; borrowed */
    struct leak leak;
    char held[MODEL_TEXT_HELD];
    size_t held_count;
    enum { MODEL_SHOWS, MODEL_SKIPS_ADDRESS, MODEL_SKIPS_TARGET } state;
    int depth;                /* of round brackets in a target */
    char last;                /* byte shown last, or skipped last of an address; 0 at the beginning */
    bool gap;                 /* something was taken out behind it */
    bool line_began, bracket; /* white space only since the line's beginning; the last square bracket opened there */
};

/* rules: the text of the prompt that must not come back. Both spans are borrowed while t is used. */
void model_text_init(struct model_text *t, size_t sources, struct span mark, struct span rules);
/* Appends to out what is decided. out->failed when it is full. */
void model_text_feed(struct model_text *t, struct span text, struct buf *out);
/* Appends what was held back; white space at the end is dropped. */
void model_text_end(struct model_text *t, struct buf *out);

#endif
