/* Messages as they are written: a question, its answer, what the answer was made from, and what was thought of it. Read: message_find.c. */
#include "store/conversation.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_message_sql[MESSAGE_SQL] = {
    [MESSAGE_INSERT] = {"message.insert",
                        "insert into message (tenant_id, message_id, public_id, session_id, question, answer, status, answered, confidence_ppm, tokens_in,"
                        " tokens_out, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"},
    [MESSAGE_DETAIL_INSERT] = {"message_detail.insert", "insert into message_detail (tenant_id, message_id, degraded, snippets) values ($1, $2, $3, $4)"},
    [MESSAGE_SOURCE_INSERT] = {"message_source.insert",
                               "insert into message_source (tenant_id, message_id, rank, document_id, version, ordinal, page, start_at, end_at, score_ppm)"
                               " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"},
    [FEEDBACK_PUT] = {"message_feedback.put", "insert into message_feedback (tenant_id, message_id, rating, comment, created_at) values ($1, $2, $3, $4, $5)"
                                              " on conflict (tenant_id, message_id) do update set rating = excluded.rating, comment = excluded.comment,"
                                              " created_at = excluded.created_at"},
};

static enum db_status insert_message(const struct tenant *t, struct db_conn *c, const struct message_row *row)
{
    struct db_stmt *s = row_prepare(t, c, &store_message_sql[MESSAGE_INSERT]);
    db_bind_int(s, 2, row->message_id);
    row_bind_cstr(s, 3, row->public_id);
    db_bind_int(s, 4, row->session_id);
    db_bind_text(s, 5, row->question);
    db_bind_text(s, 6, row->answer.p ? row->answer : SPAN(""));
    row_bind_cstr(s, 7, row->status);
    db_bind_int(s, 8, row->answered);
    db_bind_int(s, 9, row->confidence_ppm);
    db_bind_int(s, 10, row->tokens_in);
    db_bind_int(s, 11, row->tokens_out);
    db_bind_int(s, 12, row->created_at);
    return db_run(s, NULL);
}

static enum db_status insert_detail(const struct tenant *t, struct db_conn *c, int64_t message_id, const struct message_detail *detail)
{
    struct db_stmt *s = row_prepare(t, c, &store_message_sql[MESSAGE_DETAIL_INSERT]);
    db_bind_int(s, 2, message_id);
    db_bind_int(s, 3, detail->degraded);
    db_bind_text(s, 4, detail->snippets);
    return db_run(s, NULL);
}

static enum db_status insert_source(const struct tenant *t, struct db_conn *c, int64_t message_id, size_t rank, const struct source_row *source)
{
    struct db_stmt *s = row_prepare(t, c, &store_message_sql[MESSAGE_SOURCE_INSERT]);
    db_bind_int(s, 2, message_id);
    db_bind_int(s, 3, (int64_t)rank);
    db_bind_int(s, 4, source->document_id);
    db_bind_int(s, 5, source->version);
    db_bind_int(s, 6, source->ordinal);
    db_bind_int(s, 7, source->page);
    db_bind_int(s, 8, source->start);
    db_bind_int(s, 9, source->end);
    db_bind_int(s, 10, source->score_ppm);
    return db_run(s, NULL);
}

static enum db_status touch_session(const struct tenant *t, struct db_conn *c, int64_t session_id, int64_t at)
{
    struct db_stmt *s = row_prepare(t, c, &store_session_sql[SESSION_TOUCH]);
    db_bind_int(s, 2, session_id);
    db_bind_int(s, 3, at);
    return db_run(s, NULL);
}

enum db_status store_message_insert(const struct tenant *t, struct db_conn *c, const struct message_row *row, const struct message_detail *detail,
                                    const struct source_row *sources, size_t count)
{
    enum db_status status = insert_message(t, c, row);
    if (status == DB_OK && detail)
        status = insert_detail(t, c, row->message_id, detail);
    for (size_t i = 0; status == DB_OK && i < count; i++)
        status = insert_source(t, c, row->message_id, i, &sources[i]);
    for (size_t i = 0; status == DB_OK && i < row->citation_count; i++)
        status = store_citation_insert(t, c, row->message_id, i, &row->citations[i]);
    return status == DB_OK ? touch_session(t, c, row->session_id, row->created_at) : status;
}

enum db_status store_feedback_put(const struct tenant *t, struct db_conn *c, int64_t message_id, const struct feedback_row *feedback)
{
    struct db_stmt *s = row_prepare(t, c, &store_message_sql[FEEDBACK_PUT]);
    db_bind_int(s, 2, message_id);
    row_bind_cstr(s, 3, feedback->rating);
    db_bind_text(s, 4, feedback->comment);
    db_bind_int(s, 5, feedback->created_at);
    return db_run(s, NULL);
}
