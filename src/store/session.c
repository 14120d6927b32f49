/* Sessions: the conversations of end users. */
#include "store/conversation.h"
#include "store/row.h"
#include "store/sql.h"

enum { TITLE_COLUMN = 6, MESSAGES_COLUMN };

/* In the order that read_session reads them, and then those of a list. */
#define SESSION "s.session_id, s.public_id, s.end_user, s.created_at, s.updated_at, k.collection_id"
#define FROM " from session s left join session_collection k on k.tenant_id = $1 and k.session_id = s.session_id where s.tenant_id = $1"
#define ITEM                                                                                                                                                   \
    SESSION ", (select substr(m.question, 1, 120) from message m where m.tenant_id = $1 and m.session_id = s.session_id order by m.public_id limit 1),"        \
            " (select count(*) from message m where m.tenant_id = $1 and m.session_id = s.session_id)"
#define IN_COLLECTION " and (cast($2 as bigint) = 0 or k.collection_id = $2)"
#define PAGE " and s.public_id < $3 order by s.public_id desc limit $4"
#define UPDATED_BEFORE " from session where tenant_id = $1 and updated_at < $2"

const struct db_statement store_session_sql[SESSION_SQL] = {
    [SESSION_INSERT] = {"session.insert",
                        "insert into session (tenant_id, session_id, public_id, end_user, created_at, updated_at) values ($1, $2, $3, $4, $5, $6)"},
    [SESSION_COLLECTION_INSERT] = {"session_collection.insert", "insert into session_collection (tenant_id, session_id, collection_id) values ($1, $2, $3)"},
    [SESSION_BY_PUBLIC_ID] = {"session.by_public_id", "select " SESSION FROM " and s.public_id = $2"},
    [SESSION_TOUCH] = {"session.touch", "update session set updated_at = $3 where tenant_id = $1 and session_id = $2"},
    [SESSION_DELETE] = {"session.delete", "delete from session where tenant_id = $1 and session_id = $2"},
    [SESSION_LIST] = {"session.list", "select " ITEM FROM IN_COLLECTION PAGE},
    [SESSION_LIST_OF_USER] = {"session.list_of_user", "select " ITEM FROM IN_COLLECTION " and s.end_user = $5" PAGE},
    [SESSION_COUNT] = {"session.count", "select count(*)" FROM IN_COLLECTION},
    [SESSION_COUNT_OF_USER] = {"session.count_of_user", "select count(*)" FROM IN_COLLECTION " and s.end_user = $3"},
    [SESSION_EXPIRE_MESSAGES] = {"session.expire_messages",
                                 "delete from message where tenant_id = $1 and message_id in (select m.message_id from session s join message m on"
                                 " m.tenant_id = $1 and m.session_id = s.session_id where s.tenant_id = $1 and s.updated_at < $2 limit $3)"},
    [SESSION_EXPIRE] = {"session.expire", "delete from session where tenant_id = $1 and session_id in (select session_id" UPDATED_BEFORE " limit $3)"},
};

static struct db_stmt *prepare(const struct tenant *t, struct db_conn *c, enum session_sql which)
{
    return row_prepare(t, c, &store_session_sql[which]);
}

static enum db_status insert_collection(const struct tenant *t, struct db_conn *c, const struct session_row *row)
{
    struct db_stmt *s = prepare(t, c, SESSION_COLLECTION_INSERT);
    db_bind_int(s, 2, row->session_id);
    db_bind_int(s, 3, row->collection_id);
    return db_run(s, NULL);
}

enum db_status store_session_insert(const struct tenant *t, struct db_conn *c, const struct session_row *row)
{
    struct db_stmt *s = prepare(t, c, SESSION_INSERT);
    db_bind_int(s, 2, row->session_id);
    row_bind_cstr(s, 3, row->public_id);
    db_bind_text(s, 4, row->end_user);
    db_bind_int(s, 5, row->created_at);
    db_bind_int(s, 6, row->updated_at);
    enum db_status status = db_run(s, NULL);
    return status == DB_OK && row->collection_id ? insert_collection(t, c, row) : status;
}

static void read_session(struct row_reader *r, struct session_row *row)
{
    row->session_id = db_int(r->s, 0);
    row_cstr(r, 1, row->public_id, sizeof row->public_id);
    row->end_user = row_text(r, 2);
    row->created_at = db_int(r->s, 3);
    row->updated_at = db_int(r->s, 4);
    row->collection_id = db_int(r->s, 5);
}

enum db_status store_session_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct session_row *row,
                                          bool *found)
{
    struct row_reader r = {.s = prepare(t, c, SESSION_BY_PUBLIC_ID), .arena = arena};
    db_bind_text(r.s, 2, public_id);
    enum db_status status = row_first(r.s, found);
    if (*found)
        read_session(&r, row);
    return row_end(&r, status);
}

enum db_status store_session_delete(const struct tenant *t, struct db_conn *c, int64_t session_id, bool *changed)
{
    int64_t rows = 0;
    struct db_stmt *s = prepare(t, c, SESSION_DELETE);
    db_bind_int(s, 2, session_id);
    enum db_status status = db_run(s, &rows);
    *changed = status == DB_OK && rows > 0;
    return status;
}

/* ---- many ---- */

static enum db_status read_list(struct db_stmt *s, struct arena *arena, struct session_item **items, size_t *count)
{
    struct row_reader r = {.s = s, .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof **items};
    enum db_status status;
    while ((status = db_step(s)) == DB_ROW && !r.failed) {
        struct session_item *item = row_append(&array);
        r.failed = !item;
        if (!item)
            break;
        read_session(&r, &item->session);
        item->title = row_text(&r, TITLE_COLUMN);
        item->messages = db_int(s, MESSAGES_COLUMN);
    }
    *items = (struct session_item *)(void *)array.p;
    *count = array.count;
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}

enum db_status store_session_list(const struct tenant *t, struct db_conn *c, const struct session_filter *filter, struct arena *arena,
                                  struct session_item **items, size_t *count)
{
    struct db_stmt *s = prepare(t, c, filter->end_user.p ? SESSION_LIST_OF_USER : SESSION_LIST);
    db_bind_int(s, 2, filter->collection_id);
    /* Public ids are a lower-case prefix and hexadecimal digits: all are below this. */
    db_bind_text(s, 3, filter->before.p ? filter->before : SPAN("zzzzzzzz"));
    db_bind_int(s, 4, filter->limit);
    if (filter->end_user.p)
        db_bind_text(s, 5, filter->end_user);
    return read_list(s, arena, items, count);
}

enum db_status store_session_count(const struct tenant *t, struct db_conn *c, const struct session_filter *filter, int64_t *total)
{
    bool found;
    struct db_stmt *s = prepare(t, c, filter->end_user.p ? SESSION_COUNT_OF_USER : SESSION_COUNT);
    db_bind_int(s, 2, filter->collection_id);
    if (filter->end_user.p)
        db_bind_text(s, 3, filter->end_user);
    return row_number(s, total, &found);
}

/* ---- retention ---- */

static enum db_status expire(const struct tenant *t, struct db_conn *c, enum session_sql which, int64_t before, int64_t limit, int64_t *deleted)
{
    struct db_stmt *s = prepare(t, c, which);
    db_bind_int(s, 2, before);
    db_bind_int(s, 3, limit);
    return db_run(s, deleted);
}

enum db_status store_sessions_expire(const struct tenant *t, struct db_conn *c, int64_t before, int64_t limit, int64_t *deleted)
{
    enum db_status status = expire(t, c, SESSION_EXPIRE_MESSAGES, before, limit, deleted);
    return status == DB_OK && *deleted == 0 ? expire(t, c, SESSION_EXPIRE, before, limit, deleted) : status;
}
