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

struct message_row {
    int64_t message_id, session_id;
    char public_id[PUBLIC_ID_SIZE];
    struct span question, answer;
    char status[16]; /* complete, interrupted */
    bool answered;
    int64_t confidence_ppm, tokens_in, tokens_out;
    int64_t created_at;
};
struct source_row {
    int64_t document_id, version;
    int32_t ordinal, page;
    int64_t start, end, score_ppm;
};
/* Writes the message with its sources and touches the session. */
enum db_status store_message_insert(const struct tenant *t, struct db_conn *c, const struct message_row *row, const struct source_row *sources, size_t count);
/* The last `limit` messages of a session, oldest first. */
enum db_status store_message_recent(const struct tenant *t, struct db_conn *c, int64_t session_id, size_t limit, struct arena *arena, struct message_row **rows,
                                    size_t *count);

#endif
