/* Answers under way, by the id of their message: so that those who may see the conversation can stop one, or follow it on another connection. */
#ifndef APP_LIVE_H
#define APP_LIVE_H

#include <stdatomic.h>

#include "app/principal.h"
#include "store/conversation.h"

struct live;

/* One answer: part of whoever gives it, in the list from live_begin to live_end. */
struct live_answer {
    struct live_answer *next, *previous;
    int64_t tenant_id;
    const char *message_id;     /* NULL: not in the list */
    struct session_row session; /* its texts are borrowed until live_end */
    void *feed;                 /* question.feed */
    _Atomic bool stopped;
};

/* NULL when there is no memory. */
struct live *live_new(void);
void live_free(struct live *l);

void live_begin(struct live *l, struct live_answer *answer);
/* The texts of its session lie elsewhere from now on. */
void live_moved(struct live *l, struct live_answer *answer, const struct session_row *session);
/* Nothing when it was never begun. */
void live_end(struct live *l, struct live_answer *answer);

/* Tells the answer to stop, which it does at its next look; user as in session_visible. False: there is none under way that is seen by whom. */
bool live_stop(struct live *l, const struct principal *by, struct span message_id, struct span user);
/* The answer's feed as take(feed) gave it, called before the answer can end; NULL: there is none, or it cannot be followed. */
void *live_feed(struct live *l, const struct principal *by, struct span message_id, struct span user, void *(*take)(void *feed));

#endif
