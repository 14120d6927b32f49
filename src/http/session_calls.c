/* Conversations: list, one, its messages, delete; and feedback on an answer. */
#include "base/utf8.h"
#include "http/chat_reply.h"
#include "http/list_query.h"
#include "http/routes.h"
#include "http/session_query.h"

enum {
    LIST_DEFAULT = 100,
    LIST_MAX = 1000,
    LIST_MEMORY = 64 << 20,
    USER_MAX = 200,
    BODY_MAX = 1 << 20,
    COMMENT_MAX = 2000,
    TITLE_CHARACTERS = 120,
    RATING_MAX = 16
};

/* ---- what is common ---- */

/* Absent and empty are the same. False: x has been finished. */
static bool read_user(struct exchange *x, struct span *user)
{
    struct problem problem;
    *user = (struct span){NULL, 0};
    if (!exchange_query_param(x, "user", user) || user->n == 0) {
        *user = (struct span){NULL, 0};
        return true;
    }
    if (utf8_valid(*user) && utf8_is_plain(*user) && utf8_length(*user) <= USER_MAX)
        return true;
    problem_field(&problem, "query.user", "user must have at most %d characters and no control characters.", USER_MAX);
    call_fail(x, &problem);
    return false;
}

bool session_call_begin(struct exchange *x, struct principal *by, struct span *user)
{
    return call_authenticate(x, SCOPE_CHAT, by) && read_user(x, user);
}

/* NULL: x has been finished. */
static struct arena *scratch_for(struct exchange *x)
{
    struct problem problem;
    struct arena *arena = arena_new(LIST_MEMORY);
    if (!arena) {
        problem_set(&problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory now; try again.");
        call_fail(x, &problem);
    }
    return arena;
}

/* Finishes x with the value when ok, else with the problem; frees the arena that either may point into. */
static void finish(struct exchange *x, bool ok, json_t *value, const struct problem *problem, struct arena *arena)
{
    if (ok)
        call_reply(x, 200, value);
    else
        call_fail(x, problem);
    arena_free(arena);
}

/* ---- sessions ---- */

static json_t *session_json(const struct session_item *item)
{
    const struct session_row *s = &item->session;
    struct span title = utf8_clip(item->title.p ? item->title : SPAN(""), 4 * TITLE_CHARACTERS);
    title.n = utf8_offset(title, TITLE_CHARACTERS);
    return json_pack("{s:s, s:o, s:o, s:I, s:o, s:o}", "id", s->public_id, "user", text_or_null(s->end_user), "title", json_from(title), "messages",
                     (json_int_t)item->messages, "created_at", call_time(s->created_at), "updated_at", call_time(s->updated_at));
}

static json_t *sessions_json(const struct session_page *page)
{
    json_t *list = json_array();
    for (size_t i = 0; i < page->count; i++)
        json_array_append_new(list, session_json(&page->items[i]));
    return json_pack("{s:o, s:I, s:o}", "sessions", list, "total", (json_int_t)page->total, "next_cursor", list_cursor_json(page->next_cursor));
}

void call_list_sessions(struct exchange *x)
{
    struct principal by;
    struct session_query query;
    struct session_page page;
    struct problem problem = {0};
    if (!session_call_begin(x, &by, &query.user) || !list_query_read(x, &query.limit, &query.cursor))
        return;
    struct arena *arena = scratch_for(x);
    if (!arena)
        return;
    bool ok = sessions_list(call_app(x), &by, &query, arena, &page, &problem);
    finish(x, ok, ok ? sessions_json(&page) : NULL, &problem, arena);
}

void call_get_session(struct exchange *x)
{
    struct principal by;
    struct span user;
    struct session_item item;
    struct problem problem = {0};
    if (!session_call_begin(x, &by, &user))
        return;
    bool ok = sessions_get(call_app(x), &by, exchange_path_param(x, "session_id"), user, exchange_arena(x), &item, &problem);
    finish(x, ok, ok ? session_json(&item) : NULL, &problem, NULL);
}

void call_delete_session(struct exchange *x)
{
    struct principal by;
    struct span user;
    struct problem problem = {0};
    if (!session_call_begin(x, &by, &user))
        return;
    if (sessions_delete(call_app(x), &by, exchange_path_param(x, "session_id"), user, &problem))
        exchange_reply(x, 204, NULL, SPAN(""));
    else
        call_fail(x, &problem);
}

/* ---- messages ---- */

json_t *shown_source_json(const struct shown_source *source, json_t *value)
{
    if (!source->source.passage.document_name.p)
        json_object_set_new(value, "document_name", json_null());
    json_object_set_new(value, "removed", json_boolean(source->removed));
    return value;
}

static json_t *sources_json(const struct shown_message *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->source_count; i++) {
        const struct shown_source *s = &m->sources[i];
        json_array_append_new(list, shown_source_json(s, chat_source_json(&s->source, s->source.passage.chunk.heading, s->source.snippet)));
    }
    return list;
}

struct answer_end shown_end(const struct shown_message *shown)
{
    const struct message_row *m = &shown->item.message;
    return (struct answer_end){.answered = m->answered,
                               .confidence = (double)m->confidence_ppm / 1e6,
                               .tokens_in = m->tokens_in,
                               .tokens_out = m->tokens_out,
                               .degraded = shown->item.detail.degraded};
}

static json_t *citations_json(const struct shown_message *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->citation_count; i++)
        json_array_append_new(list, chat_citation_json(&m->citations[i]));
    return list;
}

static json_t *feedback_json(const struct feedback_row *f)
{
    if (!f->rating[0])
        return json_null();
    return json_pack("{s:s, s:o, s:o}", "rating", f->rating, "comment", text_or_null(f->comment), "created_at", call_time(f->created_at));
}

static json_t *message_json(const struct shown_message *shown, const char *session_id)
{
    const struct message_row *m = &shown->item.message;
    json_t *value = json_pack("{s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "id", m->public_id, "session_id", session_id, "question", json_from(m->question),
                              "answer", json_from(m->answer), "status", m->status, "sources", sources_json(shown), "citations", citations_json(shown),
                              "feedback", feedback_json(&shown->item.feedback), "created_at", call_time(m->created_at));
    struct answer_end end = shown_end(shown);
    chat_set_end(value, &end);
    return value;
}

static json_t *messages_json(const struct shown_page *page)
{
    json_t *list = json_array();
    for (size_t i = 0; i < page->count; i++)
        json_array_append_new(list, message_json(&page->messages[i], page->session.public_id));
    return json_pack("{s:o, s:I, s:o}", "messages", list, "total", (json_int_t)page->total, "next_cursor", list_cursor_json(page->next_cursor));
}

void call_list_messages(struct exchange *x)
{
    struct principal by;
    struct session_query query;
    struct shown_page page;
    struct problem problem = {0};
    if (!session_call_begin(x, &by, &query.user) || !list_query_read(x, &query.limit, &query.cursor))
        return;
    struct arena *arena = scratch_for(x);
    if (!arena)
        return;
    bool ok = sessions_messages(call_app(x), &by, exchange_path_param(x, "session_id"), &query, arena, &page, &problem);
    finish(x, ok, ok ? messages_json(&page) : NULL, &problem, arena);
}

/* ---- feedback ---- */

static bool read_feedback(struct exchange *x, const json_t *body, struct feedback_row *feedback)
{
    struct validation v;
    validation_begin(&v, body);
    struct span rating = validation_text(&v, "rating", true, 1, RATING_MAX);
    if (rating.p && !span_eq(rating, SPAN("up")) && !span_eq(rating, SPAN("down")))
        validation_fault(&v, "rating", "enum", "Input should be 'up' or 'down'");
    feedback->comment = validation_text(&v, "comment", false, 0, COMMENT_MAX);
    span_to_cstr(rating, feedback->rating, sizeof feedback->rating);
    return validation_end(&v, x);
}

void call_give_feedback(struct exchange *x)
{
    struct principal by;
    struct span user;
    struct problem problem = {0};
    struct feedback_row feedback = {0};
    struct span id = exchange_path_param(x, "message_id");
    if (!session_call_begin(x, &by, &user))
        return;
    json_t *body = call_json(x, BODY_MAX);
    if (!body)
        return;
    if (read_feedback(x, body, &feedback)) {
        bool ok = sessions_feedback(call_app(x), &by, id, user, &feedback, &problem);
        finish(x, ok, ok ? feedback_json(&feedback) : NULL, &problem, NULL);
    }
    json_decref(body);
}
