/* The prompt of an answer: rules, the conversation so far, numbered passages, the question; fitted to the model's context. Pure.
 *
 * Passages are other people's words: each stands between two lines with a mark that is random for each request and is taken out of everything that is quoted, so
 * that no document can end its own passage. */
#ifndef APP_PROMPT_H
#define APP_PROMPT_H

#include "app/retrieve.h"
#include "llm/request.h"
#include "store/conversation.h"

enum { PROMPT_MARK_SIZE = 25 };

struct prompt_input {
    const char *mark;    /* random, of letters and digits: prompt_new_mark */
    struct span persona; /* how the company wants to sound, in its own words; empty: nothing special */
    struct span question;
    const struct passages *passages;
    const struct message_row *recent; /* [recent_count], oldest first */
    size_t recent_count;
    int64_t context_tokens, answer_tokens; /* the model's window, and what of it is kept for the answer */
};

struct prompt {
    struct llm_turn *turns; /* [count]; system, question and answer of the past in turn, the question with its passages */
    size_t count;
    size_t passages; /* how many of the passages are in it, the best ones; [1] is the first. 0: none fits, and the rest is not set */
    int64_t tokens;  /* about what it takes, counted high */
};

void prompt_new_mark(char mark[PROMPT_MARK_SIZE]);
/* In the arena; false when it is full. */
bool prompt_build(const struct prompt_input *input, struct arena *arena, struct prompt *out);

#endif
