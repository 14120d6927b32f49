/* The event stream of a chat completion: bytes, cut anywhere, → pieces of text, usage, the end. Pure.
 *
 * Lines end with LF, CR or CRLF; a blank line ends an event; its data: lines, joined, are one JSON object or [DONE] (HTML Living Standard, 9.2.6). Other fields
 * and comments are passed over. */
#ifndef LLM_DECODER_H
#define LLM_DECODER_H

#include "base/buf.h"

enum { LLM_EVENT_MAX = 32768 }; /* bytes of one event or line */

enum llm_decoding {
    LLM_MORE,        /* go on */
    LLM_COMPLETE,    /* [DONE] was read: nothing more comes */
    LLM_STOPPED,     /* the listener has stopped it */
    LLM_UNREADABLE,  /* not JSON, not of this form, or an event larger than LLM_EVENT_MAX */
    LLM_TOLD_FAILURE /* the server reports an error of its own in the stream */
};

struct llm_decoder {
    struct buf line, data; /* of the event being read */
    bool has_data, after_cr, begun;
    bool finished;                 /* a finish_reason came */
    int64_t tokens_in, tokens_out; /* as the server counted; -1: it has not said */
    enum llm_decoding state;
};

/* Called for each piece of text (borrowed, valid UTF-8, not empty); false stops. */
typedef bool llm_text(void *context, struct span text);

/* llm_decoder_free ends it. */
void llm_decoder_init(struct llm_decoder *d);
void llm_decoder_free(struct llm_decoder *d);
/* Once it is not LLM_MORE it stays what it is. */
enum llm_decoding llm_decoder_feed(struct llm_decoder *d, struct span bytes, llm_text *text, void *context);

#endif
