/* Sessions, messages and their sources. Conventions as in store/account.h. */
#ifndef STORE_CONVERSATION_H
#define STORE_CONVERSATION_H

#include "base/sys.h"
#include "db/db.h"
#include "doc/tenant.h"

struct session_row {
    int64_t session_id;
    char public_id[PUBLIC_ID_SIZE];
    struct span end_user;  /* p == NULL: none */
    int64_t collection_id; /* of the key it was begun with; 0: not bound to one */
    int64_t created_at, updated_at;
};
enum db_status store_session_insert(const struct tenant *t, struct db_conn *c, const struct session_row *row);
enum db_status store_session_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct session_row *row,
                                          bool *found);
/* Its messages with their sources go too. *changed false: there was none. */
enum db_status store_session_delete(const struct tenant *t, struct db_conn *c, int64_t session_id, bool *changed);

struct session_filter {
    struct span end_user;  /* p == NULL: any */
    int64_t collection_id; /* 0: any */
    struct span before;    /* only public ids smaller than this; p == NULL: from the newest */
    int64_t limit;
};
struct session_item {
    struct session_row session;
    struct span title; /* the beginning of its first question; empty without messages */
    int64_t messages;
};
/* Newest first, at most filter->limit, in the arena. */
enum db_status store_session_list(const struct tenant *t, struct db_conn *c, const struct session_filter *filter, struct arena *arena,
                                  struct session_item **items, size_t *count);
/* How many match, whatever `before` and `limit` say. */
enum db_status store_session_count(const struct tenant *t, struct db_conn *c, const struct session_filter *filter, int64_t *total);

/* ---- message ---- */
/* Which part of an answer rests on which source, or what in it stands in none. */
struct citation_row {
    char kind[12];      /* citation; or number, date, name: flagged, in the citation before it */
    int64_t start, end; /* code points of the answer */
    int64_t source;     /* rank of the source; -1: none */
    bool supported;
};
struct message_row {
    int64_t message_id, session_id;
    char public_id[PUBLIC_ID_SIZE];
    struct span question, answer;
    char status[16]; /* complete, interrupted */
    bool answered;
    int64_t confidence_ppm, tokens_in, tokens_out;
    int64_t created_at;
    const struct citation_row *citations; /* [citation_count]; written by store_message_insert, read by store_citation_list alone */
    size_t citation_count;
};
struct source_row {
    int64_t document_id, version;
    int32_t ordinal, page;
    int64_t start, end, score_ppm;
};
/* How an answer was shown: JSON as the migration says. */
struct message_detail {
    bool degraded;
    struct span snippets;
};
/* Writes the message with its sources and citations and touches the session. detail: NULL for none. DB_CONFLICT when the session is gone. */
enum db_status store_message_insert(const struct tenant *t, struct db_conn *c, const struct message_row *row, const struct message_detail *detail,
                                    const struct source_row *sources, size_t count);
/* The last `limit` messages of a session, oldest first. */
enum db_status store_message_recent(const struct tenant *t, struct db_conn *c, int64_t session_id, size_t limit, struct arena *arena, struct message_row **rows,
                                    size_t *count);

enum db_status store_citation_insert(const struct tenant *t, struct db_conn *c, int64_t message_id, size_t rank, const struct citation_row *row);
/* Of one message, in the order in which they were written. */
enum db_status store_citation_list(const struct tenant *t, struct db_conn *c, int64_t message_id, struct arena *arena, struct citation_row **rows,
                                   size_t *count);

struct feedback_row {
    char rating[8];      /* up, down; "" for none */
    struct span comment; /* p == NULL: none */
    int64_t created_at;
};
/* In place of an earlier one. */
enum db_status store_feedback_put(const struct tenant *t, struct db_conn *c, int64_t message_id, const struct feedback_row *feedback);

/* A message with all that is shown of it but its sources and citations. */
struct message_item {
    struct message_row message;
    struct message_detail detail;
    struct feedback_row feedback;
    struct session_row session; /* only from store_message_by_public_id */
};
/* Oldest first, from behind the public id `after` (p == NULL: from the first), at most limit; fewer when they take more than `bytes` of the arena, and then
 * *more is set. */
struct message_page {
    struct span after;
    int64_t limit;
    size_t bytes;
    struct message_item *items; /* [count] */
    size_t count;
    bool more;
};
enum db_status store_message_list(const struct tenant *t, struct db_conn *c, int64_t session_id, struct arena *arena, struct message_page *page);
enum db_status store_message_count(const struct tenant *t, struct db_conn *c, int64_t session_id, int64_t *total);
enum db_status store_message_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct message_item *item,
                                          bool *found);

/* A source as it stands now. */
struct source_found {
    char document[PUBLIC_ID_SIZE]; /* "" when even its tombstone is gone */
    struct span document_name;     /* p == NULL: deleted */
    bool removed;                  /* the passage is no more: its document was deleted or replaced; heading and text are empty then */
    int64_t page, start, end, score_ppm;
    struct span heading, text;
};
/* By rank, in the arena. */
enum db_status store_message_sources(const struct tenant *t, struct db_conn *c, int64_t message_id, struct arena *arena, struct source_found **sources,
                                     size_t *count);

/* ---- retention ---- */
/* Deletes messages of sessions that were last used before a time, at most `limit`; once there are none, at most as many of these sessions. *deleted: rows of
 * either; 0: nothing is left to delete. */
enum db_status store_sessions_expire(const struct tenant *t, struct db_conn *c, int64_t before, int64_t limit, int64_t *deleted);

#endif
