/* Streams that can be resumed: an answer told to a feed, and GET /api/v1/chat/messages/{message_id}/stream, which follows a feed or an answer of the past. */
#include "app/live.h"
#include "app/sessions.h"
#include "http/call.h"
#include "http/chat_reply.h"
#include "http/feed.h"
#include "http/routes.h"
#include "http/session_query.h"

enum { JSON_BYTES = 64 << 10 };

/* Takes the reference of the value. */
static bool tell(struct feed *f, const char *type, json_t *value)
{
    struct buf json;
    buf_init(&json, JSON_BYTES);
    json_write(&json, value);
    json_decref(value);
    bool ok = !json.failed && feed_tell(f, type, buf_view(&json));
    buf_free(&json);
    return ok;
}

static bool tell_start(struct feed *f, const char *session_id, const char *message_id)
{
    return tell(f, "start", json_pack("{s:s, s:s}", "session_id", session_id, "message_id", message_id));
}

/* So that it fits whatever its id is, and with what shown_source_json adds. */
static json_t *source_event(const struct answer_source *source)
{
    enum { ADDED = 24 };
    struct sse any = {.id = UINT32_MAX};
    buf_init(&any.event, SSE_EVENT_MAX - ADDED);
    json_t *value = chat_source_event(source, &any);
    buf_free(&any.event);
    return value;
}

/* ---- an answer that is being given ---- */

static bool on_start(void *context, const char *session_id, const char *message_id)
{
    feed_begin(context);
    return tell_start(context, session_id, message_id);
}

static bool on_source(void *context, const struct answer_source *source)
{
    return tell(context, "source", source_event(source));
}

static bool on_token(void *context, struct span text)
{
    return feed_say(context, text);
}

static bool on_citation(void *context, const struct answer_citation *citation)
{
    return tell(context, "citation", chat_citation_json(citation));
}

static bool tell_end(struct feed *f, const struct answer_end *end)
{
    json_t *value = json_object();
    chat_set_end(value, end);
    return tell(f, "done", value);
}

static bool on_end(void *context, const struct answer_end *end)
{
    return tell_end(context, end);
}

static enum llm_look on_look(void *context)
{
    return feed_look(context, sys_mono_ms()) ? LLM_LISTENS : LLM_GONE;
}

static bool on_take_back(void *context)
{
    (void)context;
    return false;
}

static void on_finished(void *context, const struct problem *problem)
{
    struct feed *f = context;
    if (problem && !feed_begun(f)) {
        call_fail(feed_exchange(f), problem);
    } else {
        if (problem)
            tell(f, "error", chat_error_event(problem));
        feed_end(f);
    }
    feed_release(f);
}

void chat_reply_resumable(struct exchange *x, const struct principal *by, const struct question *question)
{
    static const struct answer_sink sink = {on_start, on_source, on_token, on_citation, on_end, on_look, on_take_back, on_finished};
    struct question asked = *question;
    struct problem problem;
    asked.feed = feed_new(x);
    if (asked.feed) {
        answer_question(call_app(x), by, &asked, exchange_arena(x), &sink, asked.feed);
        return;
    }
    problem_db(&problem, DB_ERROR);
    call_fail(x, &problem);
}

/* ---- an answer of the past ---- */

static bool tell_message(struct feed *f, const struct shown_message *m)
{
    const struct message_row *row = &m->item.message;
    bool ok = tell_start(f, m->item.session.public_id, row->public_id);
    for (size_t i = 0; ok && i < m->source_count; i++)
        ok = tell(f, "source", shown_source_json(&m->sources[i], source_event(&m->sources[i].source)));
    ok = ok && feed_say(f, row->answer);
    for (size_t i = 0; ok && i < m->citation_count; i++)
        ok = tell(f, "citation", chat_citation_json(&m->citations[i]));
    struct answer_end end = shown_end(m);
    end.interrupted = !span_eq(span_of(row->status), SPAN("complete"));
    return ok && tell_end(f, &end);
}

/* One reference; NULL with a problem. */
static struct feed *feed_of_past(struct exchange *x, const struct principal *by, struct span id, struct span user, struct problem *problem)
{
    struct shown_message message;
    struct feed *f = NULL;
    if (!sessions_message(call_app(x), by, id, user, exchange_arena(x), &message, problem))
        return NULL;
    f = feed_new(NULL);
    if (f && tell_message(f, &message)) {
        feed_end(f);
        return f;
    }
    if (f)
        feed_release(f);
    problem_db(problem, DB_ERROR);
    return NULL;
}

/* 0 when absent. */
static bool read_last_id(struct exchange *x, uint64_t *after, struct problem *problem)
{
    struct span value;
    int64_t id = 0;
    bool ok = !exchange_header(x, "Last-Event-ID", &value) || !value.n || span_to_int(value, 0, INT64_MAX, &id);
    *after = (uint64_t)id;
    return ok || problem_field(problem, "header.Last-Event-ID", "Last-Event-ID must be the id of an event of this stream; leave it out to get all.");
}

void call_follow_message(struct exchange *x)
{
    struct principal by;
    struct span user, id = exchange_path_param(x, "message_id");
    struct problem problem = {0};
    uint64_t after;
    if (!session_call_begin(x, &by, &user))
        return;
    struct feed *f = NULL;
    if (read_last_id(x, &after, &problem)) {
        f = live_feed(call_app(x)->live, &by, id, user, feed_retain);
        if (!f)
            f = feed_of_past(x, &by, id, user, &problem);
    }
    if (!f) {
        call_fail(x, &problem);
        return;
    }
    feed_follow(f, x, after);
    feed_release(f);
}

/* ---- stopping ---- */

void call_stop_message(struct exchange *x)
{
    struct principal by;
    struct span user, id = exchange_path_param(x, "message_id");
    struct problem problem = {0};
    struct shown_message message;
    if (!session_call_begin(x, &by, &user))
        return;
    if (live_stop(call_app(x)->live, &by, id, user))
        call_reply(x, 202, json_pack("{s:o, s:s}", "id", json_from(id), "status", "stopping"));
    else if (sessions_message(call_app(x), &by, id, user, exchange_arena(x), &message, &problem))
        call_reply(x, 200, json_pack("{s:o, s:s}", "id", json_from(id), "status", message.item.message.status));
    else
        call_fail(x, &problem);
}
