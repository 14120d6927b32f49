/* Sessions, messages and their sources. Conventions as in store/account.h. */
#ifndef STORE_CONVERSATION_H
#define STORE_CONVERSATION_H

#include "base/sys.h"
#include "db/db.h"
#include "doc/tenant.h"

struct session_row {
    int64_t session_id;
    char public_id[PUBLIC_ID_SIZE];
    struct span end_user; /* p == NULL: none */
    int64_t created_at, updated_at;
};
enum db_status store_session_insert(const struct tenant *t, struct db_conn *c, const struct session_row *row);
enum db_status store_session_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct session_row *row,
                                          bool *found);

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
/* Writes the message with its sources and citations and touches the session. */
enum db_status store_message_insert(const struct tenant *t, struct db_conn *c, const struct message_row *row, const struct source_row *sources, size_t count);
/* The last `limit` messages of a session, oldest first. */
enum db_status store_message_recent(const struct tenant *t, struct db_conn *c, int64_t session_id, size_t limit, struct arena *arena, struct message_row **rows,
                                    size_t *count);

enum db_status store_citation_insert(const struct tenant *t, struct db_conn *c, int64_t message_id, size_t rank, const struct citation_row *row);
/* Of one message, in the order in which they were written. */
enum db_status store_citation_list(const struct tenant *t, struct db_conn *c, int64_t message_id, struct arena *arena, struct citation_row **rows,
                                   size_t *count);

#endif
