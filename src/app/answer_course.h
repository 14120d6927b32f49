/* The course of one answer, between answer.c and answer_model.c. Inside app/ only.
 *
 * It lies in the arena of the answer. One thread has it at a time: the request's, then the model client's (listener), then one of the pool `answers`. */
#ifndef APP_ANSWER_COURSE_H
#define APP_ANSWER_COURSE_H

#include "app/answer.h"
#include "app/answer_text.h"
#include "app/conversation.h"
#include "app/prompt.h"
#include "app/settings.h"

struct answering {
    struct app *app;
    struct principal by;
    struct question question; /* spans in the arena; retrieve holds only while answer_question runs */
    struct arena *arena;
    const struct answer_sink *sink;
    void *context;
    struct problem problem;
    struct settings settings;
    struct conversation conversation;
    struct message_row message;
    struct passages passages; /* none when not answered */
    struct quotes quotes;
    struct answer_text text; /* quotes, fallback or small talk */
    struct answer_end end;

    struct prompt prompt; /* passages 0: no model is asked */
    struct buf said;      /* by the model */
    struct llm_end upstream;
};

/* Gives the quoted answer (or whatever a->text holds) to its end. a is gone afterwards. */
void answer_quoted(struct answering *a);
/* Stores what was said and finishes: with `end` when complete, with a->problem when that is set. a is gone afterwards. */
void answer_finish(struct answering *a, struct span said, bool complete);
bool answer_send_citations(struct answering *a, const struct answer_citation *citations, size_t count);

/* Makes the prompt when there is a model; leaves out passages, and quotes from them, that do not fit. False when the arena is full. */
bool answer_prepare_model(struct answering *a);
/* Sends the prompt. True: a is the model's now. False, and nothing was called: no call can be made at the moment. */
bool answer_ask_model(struct answering *a);

#endif
