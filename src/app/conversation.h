/* Conversations: a session found or begun, and messages stored. */
#ifndef APP_CONVERSATION_H
#define APP_CONVERSATION_H

#include "app/answer.h"
#include "store/conversation.h"

struct conversation {
    struct session_row session;
    bool is_new;                /* not stored yet */
    struct message_row *recent; /* [recent_count], oldest first: at most 12, bounded in bytes, long questions cut, older answers to their first sentence */
    size_t recent_count;
    struct span heading; /* of what the last answer rests on; empty: none */
};

/* The session of the question, or a new one. PROBLEM_NOT_FOUND, always in the same words, for one that does not exist, is another tenant's, was started
 * with another `user`, or with a key of another collection. */
bool conversation_open(struct app *app, const struct principal *by, const struct question *question, struct arena *arena, struct conversation *out,
                       struct problem *problem);

/* Stores the message with its sources, the session when it is new, and the day's usage, in one transaction. PROBLEM_NOT_FOUND when the session was deleted
 * meanwhile. */
bool conversation_store(struct app *app, const struct principal *by, const struct conversation *conversation, const struct message_row *message,
                        const struct message_detail *detail, const struct source_row *sources, size_t source_count, struct problem *problem);

#endif
