/* Conversations read again: sessions, their messages with the sources they were answered from, and what people thought of the answers.
 *
 * Who sees a session: a key that is bound to a collection only those begun with keys of it. One that was begun with a `user` is seen with that user named, and
 * without by people and by keys that may read the knowledge too; a key for chats alone, such as one in a web page, cannot read what others asked. Everything else
 * is PROBLEM_NOT_FOUND, as for an id that does not exist. */
#ifndef APP_SESSIONS_H
#define APP_SESSIONS_H

#include "app/answer.h"
#include "app/cursor.h"
#include "store/conversation.h"

/* Whether it is seen by whom, with that user named (p == NULL: none). */
bool session_visible(const struct principal *by, const struct session_row *session, struct span user);
/* Whether somebody may see conversations without naming the user. PROBLEM_FORBIDDEN else. */
bool sessions_of_all(const struct principal *by, struct problem *problem);

struct session_query {
    struct span user;   /* p == NULL: of everybody, where sessions_of_all */
    struct span cursor; /* p == NULL: from the newest */
    int64_t limit;      /* 1 to 1000 */
};
struct session_page {
    struct session_item *items;
    size_t count;
    int64_t total;
    char next_cursor[CURSOR_SIZE]; /* "" at the end */
};
/* Newest first. */
bool sessions_list(struct app *app, const struct principal *by, const struct session_query *query, struct arena *arena, struct session_page *page,
                   struct problem *problem);
bool sessions_get(struct app *app, const struct principal *by, struct span id, struct span user, struct arena *arena, struct session_item *item,
                  struct problem *problem);
/* With all its messages. */
bool sessions_delete(struct app *app, const struct principal *by, struct span id, struct span user, struct problem *problem);

/* A source as a reload shows it. */
struct shown_source {
    struct answer_source source; /* passage.document_name.p == NULL: deleted */
    bool removed;                /* deleted or replaced: heading and snippet are empty */
};
struct shown_message {
    struct message_item item;
    struct shown_source *sources;      /* [source_count], best first */
    struct answer_citation *citations; /* [citation_count] */
    size_t source_count, citation_count;
};
struct shown_page {
    struct shown_message *messages;
    size_t count;
    int64_t total;
    struct session_row session;
    char next_cursor[CURSOR_SIZE];
};
/* Oldest first. A page ends early when its texts are large. */
bool sessions_messages(struct app *app, const struct principal *by, struct span id, const struct session_query *query, struct arena *arena,
                       struct shown_page *page, struct problem *problem);
/* One by its id. */
bool sessions_message(struct app *app, const struct principal *by, struct span id, struct span user, struct arena *arena, struct shown_message *message,
                      struct problem *problem);
/* Keeps what was thought of an answer, in place of an earlier opinion; created_at is set. */
bool sessions_feedback(struct app *app, const struct principal *by, struct span message_id, struct span user, struct feedback_row *feedback,
                       struct problem *problem);

#endif
