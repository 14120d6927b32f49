/* Sessions over store/conversation.h. */
#include "app/sessions.h"

#include <string.h>

#include "app/answer_text.h"
#include "base/json.h"
#include "store/account.h"

enum { PAGE_BYTES = 8 << 20, ONE_BYTES = 1 << 20 };

/* ---- who sees what ---- */

bool sessions_of_all(const struct principal *by, struct problem *problem)
{
    if (by->is_person || by->scopes & (SCOPE_KNOWLEDGE_READ | SCOPE_ADMIN))
        return true;
    return problem_set(problem, PROBLEM_FORBIDDEN, "missing-scope",
                       "A key that may only chat sees the conversations of one person at a time; name the user, or use a key with \"knowledge:read\".");
}

bool session_visible(const struct principal *by, const struct session_row *session, struct span user)
{
    if (by->collection_id && by->collection_id != session->collection_id)
        return false;
    if (user.p)
        return session->end_user.p && span_eq(session->end_user, user);
    return !session->end_user.p || sessions_of_all(by, NULL);
}

static bool no_such_session(struct problem *problem)
{
    return problem_set(problem, PROBLEM_NOT_FOUND, "", "There is no session with that id; list them with GET /api/v1/chat/sessions.");
}

static bool no_such_message(struct problem *problem)
{
    return problem_set(problem, PROBLEM_NOT_FOUND, "", "There is no message with that id; a session's are at GET /api/v1/chat/sessions/{session_id}/messages.");
}

/* ---- sessions ---- */

struct listing {
    const struct principal *by;
    struct session_filter filter;
    struct arena *arena;
    struct session_page *page;
};

static enum db_status list(struct db_conn *c, void *context)
{
    struct listing *l = context;
    const struct tenant *t = &l->by->tenant;
    enum db_status status = store_session_count(t, c, &l->filter, &l->page->total);
    return status == DB_OK ? store_session_list(t, c, &l->filter, l->arena, &l->page->items, &l->page->count) : status;
}

bool sessions_list(struct app *app, const struct principal *by, const struct session_query *query, struct arena *arena, struct session_page *page,
                   struct problem *problem)
{
    struct listing l = {.by = by, .arena = arena, .page = page};
    l.filter = (struct session_filter){.end_user = query->user, .collection_id = by->collection_id, .limit = query->limit + 1};
    *page = (struct session_page){0};
    if (!query->user.p && !sessions_of_all(by, problem))
        return false;
    if (!cursor_read(query->cursor, "sess-", arena, &l.filter.before, problem))
        return false;
    enum db_status status = db_snapshot(app->db, list, &l);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (cursor_has_more(&page->count, query->limit))
        cursor_write(page->next_cursor, page->items[page->count - 1].session.public_id);
    return true;
}

struct lookup {
    const struct principal *by;
    struct span id, user;
    struct arena *arena;
    struct session_item *item; /* title and number of messages of sessions_get */
    bool found;
};

static enum db_status look_up(struct db_conn *c, void *context)
{
    struct lookup *l = context;
    enum db_status status = store_session_by_public_id(&l->by->tenant, c, l->id, l->arena, &l->item->session, &l->found);
    l->found = l->found && session_visible(l->by, &l->item->session, l->user);
    return status;
}

/* The first message gives the title. */
static enum db_status look_closer(struct db_conn *c, void *context)
{
    struct lookup *l = context;
    struct message_page first = {.limit = 1, .bytes = ONE_BYTES};
    enum db_status status = look_up(c, l);
    if (status != DB_OK || !l->found)
        return status;
    status = store_message_list(&l->by->tenant, c, l->item->session.session_id, l->arena, &first);
    if (status == DB_OK && first.count)
        l->item->title = first.items[0].message.question;
    return status == DB_OK ? store_message_count(&l->by->tenant, c, l->item->session.session_id, &l->item->messages) : status;
}

bool sessions_get(struct app *app, const struct principal *by, struct span id, struct span user, struct arena *arena, struct session_item *item,
                  struct problem *problem)
{
    *item = (struct session_item){0};
    struct lookup l = {by, id, user, arena, item, false};
    enum db_status status = db_snapshot(app->db, look_closer, &l);
    if (status != DB_OK)
        return problem_db(problem, status);
    return l.found || no_such_session(problem);
}

static enum db_status delete_session(struct db_conn *c, void *context)
{
    struct lookup *l = context;
    const struct tenant *t = &l->by->tenant;
    enum db_status status = look_up(c, l);
    if (status == DB_OK && l->found)
        status = store_session_delete(t, c, l->item->session.session_id, &l->found);
    if (status == DB_OK && l->found)
        status = store_audit_insert(t, c, l->by->actor, "session.delete", l->item->session.public_id, sys_wall_ms());
    return status;
}

bool sessions_delete(struct app *app, const struct principal *by, struct span id, struct span user, struct problem *problem)
{
    struct session_item item = {0};
    struct lookup l = {by, id, user, arena_new(ONE_BYTES), &item, false};
    enum db_status status = l.arena ? db_transact(app->db, delete_session, &l) : DB_ERROR;
    arena_free(l.arena);
    if (status != DB_OK)
        return problem_db(problem, status);
    return l.found || no_such_session(problem);
}

/* ---- messages ---- */

/* A member of an array of numbers; 0 for anything else. */
static int64_t number_at(const json_t *array, size_t i)
{
    int64_t number = json_integer_value(json_array_get(array, i));
    return number > 0 ? number : 0;
}

static json_t *read_array(struct span text)
{
    char why[80];
    return text.p ? json_read(text, why, sizeof why) : NULL;
}

static enum answer_flag_kind flag_kind(const char *name)
{
    size_t kind = 0;
    while (kind + 1 < FLAG_KINDS && strcmp(name, answer_flag_names[kind]) != 0)
        kind++;
    return (enum answer_flag_kind)kind;
}

/* The rows of flags follow that of the citation they lie in. */
static bool show_citations(struct shown_message *m, const struct citation_row *rows, size_t count, struct arena *arena)
{
    struct answer_flag *flags = arena_array(arena, count, sizeof *flags);
    m->citations = arena_array(arena, count, sizeof *m->citations);
    for (size_t i = 0; flags && m->citations && i < count; i++) {
        const struct citation_row *row = &rows[i];
        if (strcmp(row->kind, "citation") == 0) {
            size_t source = row->source >= 0 && (size_t)row->source < m->source_count ? (size_t)row->source : ANSWER_NO_SOURCE;
            m->citations[m->citation_count++] =
                (struct answer_citation){.start = row->start, .end = row->end, .source = source, .supported = row->supported, .flags = flags};
        } else if (m->citation_count) {
            *flags++ = (struct answer_flag){flag_kind(row->kind), row->start, row->end};
            m->citations[m->citation_count - 1].flag_count++;
        }
    }
    return flags && m->citations;
}

static void show_source(struct shown_source *out, const struct source_found *found, int64_t snippet_at)
{
    struct passage *p = &out->source.passage;
    *out = (struct shown_source){.removed = found->removed};
    memcpy(p->document, found->document, sizeof p->document);
    p->document_name = found->document_name;
    p->chunk = (struct chunk){.page = (int32_t)found->page, .start = found->start, .end = found->end, .heading = found->heading, .text = found->text};
    p->score = ((double)found->score_ppm + 0.5) / 1e6; /* replies round down */
    out->source.snippet = answer_snippet_at(found->text, (size_t)snippet_at < found->text.n ? (size_t)snippet_at : 0);
}

static enum db_status show(const struct tenant *t, struct db_conn *c, const struct message_item *item, struct arena *arena, struct shown_message *m)
{
    struct source_found *found;
    struct citation_row *rows;
    size_t count;
    *m = (struct shown_message){.item = *item};
    enum db_status status = store_message_sources(t, c, item->message.message_id, arena, &found, &m->source_count);
    if (status != DB_OK)
        return status;
    m->sources = arena_array(arena, m->source_count, sizeof *m->sources);
    if (!m->sources)
        return DB_ERROR;
    json_t *snippets = read_array(item->detail.snippets);
    for (size_t i = 0; i < m->source_count; i++)
        show_source(&m->sources[i], &found[i], number_at(snippets, i));
    json_decref(snippets);
    status = store_citation_list(t, c, item->message.message_id, arena, &rows, &count);
    return status == DB_OK && !show_citations(m, rows, count, arena) ? DB_ERROR : status;
}

struct reading {
    struct lookup session;
    struct message_page rows;
    struct shown_page *page;
};

static enum db_status read_messages(struct db_conn *c, void *context)
{
    struct reading *r = context;
    struct lookup *l = &r->session;
    const struct tenant *t = &l->by->tenant;
    struct shown_page *page = r->page;
    enum db_status status = look_up(c, l);
    if (status != DB_OK || !l->found)
        return status;
    page->session = l->item->session;
    status = store_message_count(t, c, page->session.session_id, &page->total);
    if (status == DB_OK)
        status = store_message_list(t, c, page->session.session_id, l->arena, &r->rows);
    page->messages = status == DB_OK ? arena_array(l->arena, r->rows.count, sizeof *page->messages) : NULL;
    while (status == DB_OK && page->messages && page->count < r->rows.count) {
        if (page->count && arena_used(l->arena) > 3 * r->rows.bytes) {
            r->rows.more = true;
            break;
        }
        status = show(t, c, &r->rows.items[page->count], l->arena, &page->messages[page->count]);
        page->count++;
    }
    return status == DB_OK && !page->messages ? DB_ERROR : status;
}

bool sessions_messages(struct app *app, const struct principal *by, struct span id, const struct session_query *query, struct arena *arena,
                       struct shown_page *page, struct problem *problem)
{
    struct session_item item = {0};
    struct reading r = {.session = {by, id, query->user, arena, &item, false}, .rows = {.limit = query->limit, .bytes = PAGE_BYTES}, .page = page};
    *page = (struct shown_page){0};
    if (!cursor_read(query->cursor, "msg_", arena, &r.rows.after, problem))
        return false;
    enum db_status status = db_snapshot(app->db, read_messages, &r);
    if (status != DB_OK)
        return problem_db(problem, status);
    if (!r.session.found)
        return no_such_session(problem);
    if (r.rows.more && page->count)
        cursor_write(page->next_cursor, page->messages[page->count - 1].item.message.public_id);
    return true;
}

/* ---- one message ---- */

struct message_lookup {
    const struct principal *by;
    struct span id, user;
    struct arena *arena;
    struct shown_message *message; /* NULL: only its item is wanted */
    struct message_item item;
    struct feedback_row *feedback; /* to be put */
    bool found;
};

static enum db_status find_message(struct db_conn *c, struct message_lookup *l)
{
    enum db_status status = store_message_by_public_id(&l->by->tenant, c, l->id, l->arena, &l->item, &l->found);
    l->found = l->found && session_visible(l->by, &l->item.session, l->user);
    return status;
}

static enum db_status show_message(struct db_conn *c, void *context)
{
    struct message_lookup *l = context;
    enum db_status status = find_message(c, l);
    return status == DB_OK && l->found ? show(&l->by->tenant, c, &l->item, l->arena, l->message) : status;
}

bool sessions_message(struct app *app, const struct principal *by, struct span id, struct span user, struct arena *arena, struct shown_message *message,
                      struct problem *problem)
{
    struct message_lookup l = {.by = by, .id = id, .user = user, .arena = arena, .message = message};
    enum db_status status = db_snapshot(app->db, show_message, &l);
    if (status != DB_OK)
        return problem_db(problem, status);
    return l.found || no_such_message(problem);
}

static enum db_status put_feedback(struct db_conn *c, void *context)
{
    struct message_lookup *l = context;
    enum db_status status = find_message(c, l);
    return status == DB_OK && l->found ? store_feedback_put(&l->by->tenant, c, l->item.message.message_id, l->feedback) : status;
}

bool sessions_feedback(struct app *app, const struct principal *by, struct span message_id, struct span user, struct feedback_row *feedback,
                       struct problem *problem)
{
    struct message_lookup l = {.by = by, .id = message_id, .user = user, .arena = arena_new(ONE_BYTES), .feedback = feedback};
    feedback->created_at = sys_wall_ms();
    enum db_status status = l.arena ? db_transact(app->db, put_feedback, &l) : DB_ERROR;
    arena_free(l.arena);
    if (status != DB_OK)
        return problem_db(problem, status);
    return l.found || no_such_message(problem);
}
