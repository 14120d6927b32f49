/* Sessions: the conversations of end users. */
#include "store/conversation.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_session_sql[SESSION_SQL] = {
    [SESSION_INSERT] = {"session.insert",
                        "insert into session (tenant_id, session_id, public_id, end_user, created_at, updated_at) values ($1, $2, $3, $4, $5, $6)"},
    [SESSION_BY_PUBLIC_ID] = {"session.by_public_id",
                              "select session_id, public_id, end_user, created_at, updated_at from session where tenant_id = $1 and public_id = $2"},
    [SESSION_TOUCH] = {"session.touch", "update session set updated_at = $3 where tenant_id = $1 and session_id = $2"},
};

enum db_status store_session_insert(const struct tenant *t, struct db_conn *c, const struct session_row *row)
{
    struct db_stmt *s = row_prepare(t, c, &store_session_sql[SESSION_INSERT]);
    db_bind_int(s, 2, row->session_id);
    row_bind_cstr(s, 3, row->public_id);
    db_bind_text(s, 4, row->end_user);
    db_bind_int(s, 5, row->created_at);
    db_bind_int(s, 6, row->updated_at);
    return db_run(s, NULL);
}

enum db_status store_session_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct session_row *row,
                                          bool *found)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_session_sql[SESSION_BY_PUBLIC_ID]), .arena = arena};
    db_bind_text(r.s, 2, public_id);
    enum db_status status = row_first(r.s, found);
    if (*found) {
        row->session_id = db_int(r.s, 0);
        row_cstr(&r, 1, row->public_id, sizeof row->public_id);
        row->end_user = row_text(&r, 2);
        row->created_at = db_int(r.s, 3);
        row->updated_at = db_int(r.s, 4);
    }
    return row_end(&r, status);
}
