/* The two sinks of an answer: a reply object, and an event stream. */
#include "http/chat_reply.h"

#include <math.h>

#include "base/utf8.h"
#include "http/retrieve_request.h"
#include "http/sse.h"

enum { ANSWER_BYTES = 1 << 20, EVENT_JSON_BYTES = 64 << 10 };

/* ---- members ---- */

json_t *chat_source_json(const struct answer_source *source, struct span heading, struct span snippet)
{
    json_t *value = passage_json(&source->passage);
    json_object_set_new(value, "heading", json_from(heading));
    json_object_set_new(value, "snippet", json_from(snippet));
    return value;
}

static json_t *flags_json(const struct answer_citation *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->flag_count; i++) {
        const struct answer_flag *f = &c->flags[i];
        json_array_append_new(list, json_pack("{s:I, s:I, s:s}", "start", (json_int_t)f->start, "end", (json_int_t)f->end, "kind", answer_flag_names[f->kind]));
    }
    return list;
}

json_t *chat_citation_json(const struct answer_citation *c)
{
    json_t *source = c->source == ANSWER_NO_SOURCE ? json_null() : json_integer((json_int_t)c->source);
    return json_pack("{s:I, s:I, s:o, s:b, s:o}", "start", (json_int_t)c->start, "end", (json_int_t)c->end, "source", source, "supported", (int)c->supported,
                     "flags", flags_json(c));
}

static double four_digits(double share)
{
    return round(share * 1e4) / 1e4;
}

void chat_set_end(json_t *object, const struct answer_end *end)
{
    json_object_set_new(object, "answered", json_boolean(end->answered));
    json_object_set_new(object, "confidence", json_real(four_digits(end->confidence)));
    json_object_set_new(object, "degraded", json_boolean(end->degraded));
    if (end->interrupted)
        json_object_set_new(object, "interrupted", json_true());
    json_object_set_new(object, "usage", json_pack("{s:I, s:I}", "input_tokens", (json_int_t)end->tokens_in, "output_tokens", (json_int_t)end->tokens_out));
}

/* ---- one object ---- */

struct whole {
    struct exchange *x;
    struct buf answer;
    json_t *reply, *sources, *citations;
};

static bool whole_start(void *context, const char *session_id, const char *message_id)
{
    struct whole *w = context;
    json_object_set_new(w->reply, "session_id", json_string(session_id));
    json_object_set_new(w->reply, "message_id", json_string(message_id));
    return true;
}

static bool whole_source(void *context, const struct answer_source *source)
{
    struct whole *w = context;
    return json_array_append_new(w->sources, chat_source_json(source, source->passage.chunk.heading, source->snippet)) == 0;
}

static bool whole_token(void *context, struct span text)
{
    struct whole *w = context;
    buf_span(&w->answer, text);
    return !w->answer.failed;
}

static bool whole_citation(void *context, const struct answer_citation *citation)
{
    struct whole *w = context;
    return json_array_append_new(w->citations, chat_citation_json(citation)) == 0;
}

static bool whole_end(void *context, const struct answer_end *end)
{
    struct whole *w = context;
    chat_set_end(w->reply, end);
    return true;
}

static enum llm_look whole_look(void *context)
{
    const struct whole *w = context;
    return exchange_gone(w->x) ? LLM_GONE : LLM_LISTENS;
}

static bool whole_take_back(void *context)
{
    struct whole *w = context;
    buf_clear(&w->answer);
    return true;
}

static void whole_finished(void *context, const struct problem *problem)
{
    struct whole *w = context;
    struct exchange *x = w->x;
    json_t *reply = w->reply;
    json_object_set_new(reply, "answer", json_from(buf_view(&w->answer)));
    json_object_set_new(reply, "sources", w->sources);
    json_object_set_new(reply, "citations", w->citations);
    buf_free(&w->answer);
    if (json_object_get(reply, "answered")) {
        call_reply(x, 200, reply);
        return;
    }
    struct problem why = {0};
    json_decref(reply);
    if (!problem && exchange_gone(x))
        problem_set(&why, PROBLEM_UNAVAILABLE, "", "The connection was closed before the answer was complete; ask again.");
    else if (!problem)
        problem_db(&why, DB_ERROR);
    call_fail(x, problem ? problem : &why);
}

static const struct answer_sink whole_sink = {whole_start, whole_source, whole_token, whole_citation, whole_end, whole_look, whole_take_back, whole_finished};

static void fail_for_memory(struct exchange *x)
{
    struct problem problem;
    problem_db(&problem, DB_ERROR);
    call_fail(x, &problem);
}

void chat_reply_whole(struct exchange *x, const struct principal *by, const struct question *question)
{
    struct whole *w = arena_alloc(exchange_arena(x), sizeof *w);
    if (!w) {
        fail_for_memory(x);
        return;
    }
    *w = (struct whole){.x = x, .reply = json_object(), .sources = json_array(), .citations = json_array()};
    buf_init(&w->answer, ANSWER_BYTES);
    /* The answer comes first in the reply, for those who read it with their eyes. */
    json_object_set_new(w->reply, "answer", json_null());
    answer_question(call_app(x), by, question, exchange_arena(x), &whole_sink, w);
}

/* ---- events ---- */

struct events {
    struct exchange *x;
    struct sse stream;
    struct buf json;
    bool begun, gone;
};

/* Takes the reference. */
static bool send_json(struct events *e, const char *type, json_t *value)
{
    buf_clear(&e->json);
    json_write(&e->json, value);
    json_decref(value);
    e->gone = e->gone || e->json.failed || !sse_send(&e->stream, type, buf_view(&e->json));
    return !e->gone;
}

static bool events_start(void *context, const char *session_id, const char *message_id)
{
    struct events *e = context;
    e->begun = true;
    e->gone = !sse_begin(&e->stream, e->x);
    return !e->gone && send_json(e, "start", json_pack("{s:s, s:s}", "session_id", session_id, "message_id", message_id));
}

/* Long headings and snippets are shortened until the event is small enough; a name is at most 255 characters, which always is. */
json_t *chat_source_event(const struct answer_source *source, struct sse *stream)
{
    struct span heading = source->passage.chunk.heading, snippet = source->snippet;
    struct buf json;
    buf_init(&json, EVENT_JSON_BYTES);
    while (heading.n || snippet.n) {
        json_t *value = chat_source_json(source, heading, snippet);
        buf_clear(&json);
        json_write(&json, value);
        json_decref(value);
        if (!json.failed && sse_fits(stream, "source", buf_view(&json)))
            break;
        struct span *longer = heading.n > snippet.n ? &heading : &snippet;
        *longer = utf8_clip(*longer, longer->n / 2);
    }
    buf_free(&json);
    return chat_source_json(source, heading, snippet);
}

static bool events_source(void *context, const struct answer_source *source)
{
    struct events *e = context;
    return send_json(e, "source", chat_source_event(source, &e->stream));
}

static bool events_token(void *context, struct span text)
{
    struct events *e = context;
    e->gone = !sse_send_text(&e->stream, "token", text);
    return !e->gone;
}

static bool events_citation(void *context, const struct answer_citation *citation)
{
    return send_json(context, "citation", chat_citation_json(citation));
}

static bool events_end(void *context, const struct answer_end *end)
{
    json_t *value = json_object();
    chat_set_end(value, end);
    return send_json(context, "done", value);
}

static enum llm_look events_look(void *context)
{
    struct events *e = context;
    buf_free(&e->json); /* of the sources: a stream may be silent for long */
    if (exchange_gone(e->x))
        return LLM_GONE;
    if (!exchange_stream_has_room(e->x))
        return LLM_FULL;
    return sse_heartbeat(&e->stream) ? LLM_LISTENS : LLM_GONE;
}

static bool events_take_back(void *context)
{
    (void)context;
    return false;
}

json_t *chat_error_event(const struct problem *problem)
{
    const char *code = problem->kind == PROBLEM_UNAVAILABLE ? "unavailable" : problem->kind == PROBLEM_STORAGE ? "insufficient-storage" : "internal";
    if (*problem->slug)
        code = problem->slug;
    else if (problem->kind == PROBLEM_NOT_FOUND)
        code = "not-found";
    return json_pack("{s:s, s:s}", "code", code, "detail", problem->detail);
}

static void events_finished(void *context, const struct problem *problem)
{
    struct events *e = context;
    if (e->begun && problem && !e->gone)
        send_json(e, "error", chat_error_event(problem));
    buf_free(&e->json);
    if (e->begun)
        sse_end(&e->stream);
    else
        call_fail(e->x, problem);
}

static const struct answer_sink events_sink = {events_start, events_source, events_token,     events_citation,
                                               events_end,   events_look,   events_take_back, events_finished};

void chat_reply_events(struct exchange *x, const struct principal *by, const struct question *question)
{
    struct events *e = arena_alloc(exchange_arena(x), sizeof *e);
    if (!e) {
        fail_for_memory(x);
        return;
    }
    *e = (struct events){.x = x};
    buf_init(&e->json, EVENT_JSON_BYTES);
    answer_question(call_app(x), by, question, exchange_arena(x), &events_sink, e);
}
