/* Messages as they are read: the last of a session, a page of it, one by its id, and what answers were made from, as it stands now. */
#include "store/conversation.h"
#include "store/row.h"
#include "store/sql.h"

/* In the order that read_message and read_item read them. */
#define MESSAGE "m.message_id, m.session_id, m.public_id, m.question, m.answer, m.status, m.answered, m.confidence_ppm, m.tokens_in, m.tokens_out, m.created_at"
#define ITEM MESSAGE ", v.degraded, v.snippets, f.rating, f.comment, f.created_at"
#define DETAILS                                                                                                                                                \
    " left join message_detail v on v.tenant_id = $1 and v.message_id = m.message_id"                                                                          \
    " left join message_feedback f on f.tenant_id = $1 and f.message_id = m.message_id"

const struct db_statement store_message_find_sql[MESSAGE_FIND_SQL] = {
    [MESSAGE_LIST] = {"message.list", "select " ITEM " from message m" DETAILS
                                      " where m.tenant_id = $1 and m.session_id = $2 and m.public_id > $3 order by m.public_id limit $4"},
    [MESSAGE_RECENT] = {"message.recent", "select " MESSAGE " from message m where m.tenant_id = $1 and m.session_id = $2 order by m.public_id desc limit $3"},
    [MESSAGE_COUNT] = {"message.count", "select count(*) from message where tenant_id = $1 and session_id = $2"},
    [MESSAGE_BY_PUBLIC_ID] = {"message.by_public_id", "select " ITEM ", s.public_id, s.end_user, k.collection_id from message m" DETAILS
                                                      " join session s on s.tenant_id = $1 and s.session_id = m.session_id"
                                                      " left join session_collection k on k.tenant_id = $1 and k.session_id = m.session_id"
                                                      " where m.tenant_id = $1 and m.public_id = $2"},
    [MESSAGE_SOURCES] = {"message.sources", "select d.public_id, d.filename, d.tombstone, r.page, r.start_at, r.end_at, r.score_ppm, k.heading, k.text"
                                            " from message_source r left join document d on d.tenant_id = $1 and d.document_id = r.document_id"
                                            " left join chunk k on k.tenant_id = $1 and k.document_id = r.document_id and k.version = r.version"
                                            " and k.ordinal = r.ordinal where r.tenant_id = $1 and r.message_id = $2 order by r.rank"},
};

static struct db_stmt *prepare(const struct tenant *t, struct db_conn *c, enum message_find_sql which)
{
    return row_prepare(t, c, &store_message_find_sql[which]);
}

static void read_message(struct row_reader *r, struct message_row *m)
{
    *m = (struct message_row){.message_id = db_int(r->s, 0), .session_id = db_int(r->s, 1)};
    row_cstr(r, 2, m->public_id, sizeof m->public_id);
    m->question = row_text(r, 3);
    m->answer = row_text(r, 4);
    row_cstr(r, 5, m->status, sizeof m->status);
    m->answered = db_int(r->s, 6) != 0;
    m->confidence_ppm = db_int(r->s, 7);
    m->tokens_in = db_int(r->s, 8);
    m->tokens_out = db_int(r->s, 9);
    m->created_at = db_int(r->s, 10);
}

/* Messages that were stored before there was a detail have none. */
static void read_item(struct row_reader *r, struct message_item *item)
{
    read_message(r, &item->message);
    item->detail = (struct message_detail){.degraded = db_int(r->s, 11) != 0, .snippets = row_text(r, 12)};
    item->feedback = (struct feedback_row){.comment = row_text(r, 14), .created_at = db_int(r->s, 15)};
    if (!db_is_null(r->s, 13))
        row_cstr(r, 13, item->feedback.rating, sizeof item->feedback.rating);
}

static void reverse(struct message_row *rows, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct message_row swapped = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = swapped;
    }
}

enum db_status store_message_recent(const struct tenant *t, struct db_conn *c, int64_t session_id, size_t limit, struct arena *arena, struct message_row **rows,
                                    size_t *count)
{
    struct row_reader r = {.s = prepare(t, c, MESSAGE_RECENT), .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof **rows};
    enum db_status status;
    db_bind_int(r.s, 2, session_id);
    db_bind_int(r.s, 3, (int64_t)limit);
    while ((status = db_step(r.s)) == DB_ROW && !r.failed) {
        struct message_row *row = row_append(&array);
        r.failed = !row;
        if (row)
            read_message(&r, row);
    }
    *rows = (struct message_row *)(void *)array.p;
    *count = array.count;
    reverse(*rows, *count);
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}

enum db_status store_message_list(const struct tenant *t, struct db_conn *c, int64_t session_id, struct arena *arena, struct message_page *page)
{
    struct row_reader r = {.s = prepare(t, c, MESSAGE_LIST), .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof *page->items};
    enum db_status status;
    db_bind_int(r.s, 2, session_id);
    db_bind_text(r.s, 3, page->after.p ? page->after : SPAN(""));
    db_bind_int(r.s, 4, page->limit + 1);
    page->more = false;
    while ((status = db_step(r.s)) == DB_ROW && !r.failed && !page->more) {
        page->more = array.count == (size_t)page->limit || (array.count && arena_used(arena) > page->bytes);
        struct message_item *item = page->more ? NULL : row_append(&array);
        r.failed = !item && !page->more;
        if (item)
            read_item(&r, item);
    }
    page->items = (struct message_item *)(void *)array.p;
    page->count = array.count;
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}

enum db_status store_message_count(const struct tenant *t, struct db_conn *c, int64_t session_id, int64_t *total)
{
    bool found;
    struct db_stmt *s = prepare(t, c, MESSAGE_COUNT);
    db_bind_int(s, 2, session_id);
    return row_number(s, total, &found);
}

enum db_status store_message_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct message_item *item,
                                          bool *found)
{
    struct row_reader r = {.s = prepare(t, c, MESSAGE_BY_PUBLIC_ID), .arena = arena};
    db_bind_text(r.s, 2, public_id);
    enum db_status status = row_first(r.s, found);
    if (*found) {
        read_item(&r, item);
        item->session = (struct session_row){.session_id = item->message.session_id, .end_user = row_text(&r, 17), .collection_id = db_int(r.s, 18)};
        row_cstr(&r, 16, item->session.public_id, sizeof item->session.public_id);
    }
    return row_end(&r, status);
}

/* ---- sources ---- */

static void read_source(struct row_reader *r, struct source_found *source)
{
    bool alive = !db_is_null(r->s, 0) && db_int(r->s, 2) == 0;
    if (!db_is_null(r->s, 0))
        row_cstr(r, 0, source->document, sizeof source->document);
    if (alive)
        source->document_name = row_text(r, 1);
    source->page = db_int(r->s, 3);
    source->start = db_int(r->s, 4);
    source->end = db_int(r->s, 5);
    source->score_ppm = db_int(r->s, 6);
    source->removed = !alive || db_is_null(r->s, 8);
    source->heading = source->removed ? SPAN("") : row_text(r, 7);
    source->text = source->removed ? SPAN("") : row_text(r, 8);
}

enum db_status store_message_sources(const struct tenant *t, struct db_conn *c, int64_t message_id, struct arena *arena, struct source_found **sources,
                                     size_t *count)
{
    struct row_reader r = {.s = prepare(t, c, MESSAGE_SOURCES), .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof **sources};
    enum db_status status;
    db_bind_int(r.s, 2, message_id);
    while ((status = db_step(r.s)) == DB_ROW && !r.failed) {
        struct source_found *source = row_append(&array);
        r.failed = !source;
        if (source)
            read_source(&r, source);
    }
    *sources = (struct source_found *)(void *)array.p;
    *count = array.count;
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}
