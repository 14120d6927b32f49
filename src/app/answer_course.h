/* The course of one answer, between answer.c and answer_model.c. Inside app/ only.
 *
 * It lies in the heap, and keeps little while a model writes: a stream may last for minutes. One thread has it at a time: the request's, then the model client's
 * (listener), then one of the pool `answers`. */
#ifndef APP_ANSWER_COURSE_H
#define APP_ANSWER_COURSE_H

#include "app/answer.h"
#include "app/answer_cache.h"
#include "app/answer_text.h"
#include "app/budget.h"
#include "app/conversation.h"
#include "app/encoders.h"
#include "app/live.h"
#include "app/model_text.h"
#include "app/prompt.h"
#include "app/settings.h"

struct answering {
    struct app *app;
    struct principal by;
    struct question question; /* spans in the arena; retrieve holds only while answer_question runs */
    struct arena *lent;       /* the caller's */
    struct arena
        *arena; /* where there is no model the lent one; else a's own for the search and the prompt, none while the model writes, and again one for the end */
    char *settled; /* what is kept while the model writes; or NULL */
    const struct answer_sink *sink;
    void *context;
    struct problem problem;
    struct settings settings;
    struct conversation conversation;
    struct embedder *encoder; /* of the tenant's vectors, taken; NULL: none */
    struct message_row message;
    struct live_answer live;
    struct passages passages; /* none when not answered */
    struct quotes quotes;
    struct answer_text text; /* quotes, fallback or small talk */
    struct answer_end end;
    const struct answer_citation *citations; /* [citation_count], those that were given: stored with the message */
    size_t citation_count;

    const struct question_term *own; /* the question's own terms: [own_count] */
    size_t own_count;
    struct buf rewritten; /* by the model, of a follow-up; not shown */
    int64_t rewriting_until;
    int64_t rewriting_in, rewriting_out; /* tokens of that */
    int64_t rewriting_reserved;          /* noted in the budget until the answer is stored, with these */

    struct prompt prompt; /* passages 0: no model is asked */
    char mark[PROMPT_MARK_SIZE];
    int64_t reserved;                   /* tokens noted in the budget */
    unsigned char key[ANSWER_KEY_SIZE]; /* of the cache, when there is one */
    struct span rules;                  /* of the prompt */
    struct model_text words;            /* the model's, as they come */
    struct buf said;                    /* what is shown of them */
    struct llm_end upstream;
};

/* An arena for a, which has none at the moment. False with a->problem when there is no memory. */
bool answer_take_arena(struct answering *a);
/* Gives the quoted answer (or whatever a->text holds) to its end. a is gone afterwards. */
void answer_quoted(struct answering *a);
/* Stores what was said and finishes: with `end` when complete (which an answer is that was stopped, but not stored as such), with a->problem when that is set. a is
 * gone afterwards. */
void answer_finish(struct answering *a, struct span said, bool complete);
/* Sends a->text.text. *sent: bytes of it that were handed over. False: the client is gone. */
bool answer_send_text(struct answering *a, size_t *sent);
bool answer_send_citations(struct answering *a, const struct answer_citation *citations, size_t count);

/* Asks the model for a follow-up that no form of was answered, in words of its own. True: it goes on with answer_rewritten, on a thread that may wait. False, and
 * nothing was called: there is no model, no past, no call can be made, or the tenant's budget for today is used up. */
bool answer_rewrite(struct answering *a);
/* text: what the model made of the question; empty when it made nothing of use within its time. */
void answer_rewritten(struct answering *a, struct span text);

/* Makes the prompt when there is a model; leaves out passages, and quotes from them, that do not fit. False when the arena is full. */
bool answer_prepare_model(struct answering *a);
/* Sends the prompt, or gives the answer to an equal one. True: a is the model's now, or gone. False, and nothing was called: no call can be made at the moment, or
 * the tenant's budget for today is used up. */
bool answer_ask_model(struct answering *a);
/* Stores the message with all that a reload shows of it. False with a->problem. */
bool answer_store(struct answering *a, struct span said, bool complete);
/* Copies what is needed while a model writes, and frees the arena. False, and all is as it was, when there is no memory. */
bool answer_settle(struct answering *a);
/* Reserves the most that a call may use; false when that would pass the tenant's budget. *held: what to release; untouched when nothing is bounded. */
bool answer_reserve(struct answering *a, int64_t most, int64_t *held);
/* Once what was used is stored, or nothing was. *held becomes 0. */
void answer_release(struct answering *a, int64_t *held);

#endif
