/* /chat and /chat/stream through a fake exchange: shapes, events, sessions, refusals, hang-up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chat_world.h"
#include "http/routes.h"
#include "http/sse.h"

static const char question[] = "{\"question\": \"How many days do I have to return items?\"}";
static const char sentence[] = "Items may be returned within 30 days of delivery.";

static int set_up(void **state)
{
    static struct company c;
    c = company_world();
    world_add(c.w, &c.p,
              &(struct world_document){.name = "Return \"policy\"\xE2\x80\xA8",
                                       .text = "We want you to be happy. Items may be returned within 30 days of delivery. Gift cards are final."});
    *state = &c;
    return 0;
}

static int tear_down(void **state)
{
    company_world_free(*state);
    return 0;
}

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

/* ---- /chat ---- */

static void assert_source(const json_t *source)
{
    static const char *const members[] = {"document_name", "similarity_score", "document_id", "page", "heading", "snippet", "start", "end"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        assert_non_null(json_object_get(source, members[i]));
    double score = json_real_value(json_object_get(source, "similarity_score"));
    assert_true(score > 0 && score <= 1);
    assert_true(json_is_null(json_object_get(source, "page")));
    assert_int_equal(strncmp(text(source, "document_id"), "doc_", 4), 0);
}

static void chat_answers(void **state)
{
    struct company *c = *state;
    json_t *reply = company_json(c, call_chat, question, 200);
    assert_string_equal(text(reply, "answer"), sentence);
    assert_int_equal(strncmp(text(reply, "session_id"), "sess-", 5), 0);
    assert_int_equal(strncmp(text(reply, "message_id"), "msg_", 4), 0);
    assert_true(json_is_true(json_object_get(reply, "answered")));
    assert_true(json_real_value(json_object_get(reply, "confidence")) > 0);
    assert_int_equal(json_array_size(json_object_get(reply, "sources")), 1);
    const json_t *source = json_array_get(json_object_get(reply, "sources"), 0);
    assert_source(source);
    assert_string_equal(text(source, "document_name"), "Return \"policy\"\xE2\x80\xA8");
    const json_t *citation = json_array_get(json_object_get(reply, "citations"), 0);
    assert_int_equal(json_integer_value(json_object_get(citation, "start")), 0);
    assert_int_equal(json_integer_value(json_object_get(citation, "end")), (long)strlen(sentence));
    assert_int_equal(json_integer_value(json_object_get(citation, "source")), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(reply, "usage"), "output_tokens")), 0);
    json_decref(reply);
}

static void chat_falls_back(void **state)
{
    struct company *c = *state;
    json_t *reply = company_json(c, call_chat, "{\"question\": \"Who painted the ceiling?\"}", 200);
    assert_true(json_is_false(json_object_get(reply, "answered")));
    assert_int_equal(json_array_size(json_object_get(reply, "sources")), 0);
    assert_int_equal(json_array_size(json_object_get(reply, "citations")), 0);
    assert_true(strlen(text(reply, "answer")) > 0);
    json_decref(reply);
}

static void refusals(void **state)
{
    struct company *c = *state;
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"{\"question\": \"\"}", 422},
        {"{}", 422},
        {"{\"question\": 7}", 422},
        {"{\"question\": \"x\", \"top_k\": 0}", 422},
        {"{\"question\": \"x\", \"top_k\": 21}", 422},
        {"{\"question\": \"x\", \"filters\": []}", 422},
        {"{\"question\": \"x\", \"filters\": {\"document_id\": \"doc\"}}", 422},
        {"{\"question\": \"x\", \"filters\": {\"document_id\": [7]}}", 422},
        {"{\"question\": \"x\", \"filters\": {\"metadata\": 7}}", 422},
        {"{\"question\": \"x\", \"collection\": \"none of that name\"}", 404},
        {"{\"question\": ", 400},
        {"{\"question\": \"x\", \"session_id\": null, \"user\": null, \"filters\": null, \"collection\": null, \"unknown\": 1}", 200},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_decref(company_json(c, call_chat, cases[i].body, cases[i].status));
        if (cases[i].status != 200)
            json_decref(company_json(c, call_chat_stream, cases[i].body, cases[i].status));
    }
    struct exchange *x = company_call(NULL, c->w, call_chat, question);
    assert_int_equal(fake_status(x), 401);
    fake_free(x);
}

/* The bodies but for the request id, which is the same in all fake exchanges. */
static void a_foreign_session_is_like_an_unknown_one(void **state)
{
    struct company *c = *state;
    struct company other = company_beside(c, "second@example.com");
    json_t *mine = company_json(c, call_chat, question, 200);
    char foreign[200];
    snprintf(foreign, sizeof foreign, "{\"question\": \"x\", \"session_id\": \"%s\"}", text(mine, "session_id"));
    http_handler *const handlers[] = {call_chat, call_chat_stream};
    for (size_t i = 0; i < 2; i++) {
        struct exchange *a = company_call(&other, c->w, handlers[i], foreign);
        struct exchange *b = company_call(&other, c->w, handlers[i], "{\"question\": \"x\", \"session_id\": \"sess-00\"}");
        assert_int_equal(fake_status(a), 404);
        assert_int_equal(fake_status(b), 404);
        assert_true(span_eq(fake_reply_body(a), fake_reply_body(b)));
        fake_free(a);
        fake_free(b);
    }
    json_decref(company_json(c, call_chat, foreign, 200));
    json_decref(mine);
}

/* ---- /chat/stream ---- */

struct stream {
    char order[4096]; /* first letters of the types */
    struct buf answer;
    json_t *start, *done;
    size_t sources;
    size_t id; /* of the last event */
};

static void read_event(struct stream *s, struct span event, size_t index)
{
    struct span first, json;
    int64_t id;
    assert_true(event.n <= SSE_EVENT_MAX && span_starts(event, SPAN("id: ")));
    assert_true(span_cut(event, '\n', &first, &json));
    assert_true(span_to_int(span_skip(first, 4), 1, INT64_MAX, &id) && span_starts(json, SPAN("data: ")));
    json = span_skip(json, 6);
    assert_ptr_equal(memchr(json.p, '\n', json.n), json.p + json.n - 2);
    char why[100];
    json_t *value = json_read(json, why, sizeof why);
    assert_non_null(value);
    const json_t *data = json_object_get(value, "data");
    if (span_eq(json_text(json_object_get(value, "type")), SPAN("source")))
        assert_source(data);
    s->order[index] = text(value, "type")[0];
    s->id += s->order[index] == 't' ? json_text(data).n : 1;
    assert_int_equal(id, s->id);
    if (s->order[index] == 't')
        buf_span(&s->answer, json_text(data));
    else if (s->order[index] == 's' && index == 0)
        s->start = json_deep_copy(data);
    else if (s->order[index] == 's')
        s->sources++;
    else if (s->order[index] == 'd')
        s->done = json_deep_copy(data);
    json_decref(value);
}

static struct stream read_stream(struct exchange *x)
{
    struct stream s = {0};
    buf_init(&s.answer, 1 << 20);
    assert_true(fake_events(x) < sizeof s.order);
    for (size_t i = 0; i < fake_events(x); i++)
        read_event(&s, fake_event(x, i), i);
    return s;
}

static void stream_free(struct stream *s)
{
    buf_free(&s->answer);
    json_decref(s->start);
    json_decref(s->done);
}

static void the_stream_says_what_chat_says(void **state)
{
    struct company *c = *state;
    struct exchange *x = company_call(c, c->w, call_chat_stream, question);
    assert_int_equal(fake_status(x), 200);
    assert_string_equal(fake_content_type(x), "text/event-stream");
    struct stream s = read_stream(x);
    assert_true(span_eq(buf_view(&s.answer), span_of(sentence)));
    assert_string_equal(s.order, "sstttttttttcd");
    assert_true(*text(s.start, "session_id") && *text(s.start, "message_id"));
    assert_true(json_is_true(json_object_get(s.done, "answered")));
    assert_non_null(json_object_get(s.done, "usage"));
    stream_free(&s);
    fake_free(x);
}

static void a_fallback_is_streamed_too(void **state)
{
    struct company *c = *state;
    struct exchange *x = company_call(c, c->w, call_chat_stream, "{\"question\": \"Who painted the ceiling?\"}");
    struct stream s = read_stream(x);
    assert_int_equal(s.sources, 0);
    assert_true(json_is_false(json_object_get(s.done, "answered")));
    stream_free(&s);
    fake_free(x);
}

static void long_sources_stay_small_events(void **state)
{
    struct company *c = *state;
    char name[256];
    struct buf body;
    memset(name, '\\', 255);
    name[255] = '\0';
    buf_init(&body, 1 << 20);
    buf_str(&body, "# ");
    while (body.n < 2000)
        buf_str(&body, "\\\"\\heading\\\"\\ ");
    buf_str(&body, "\nZebras sleep standing \\\"\\\"\\\"\\\" in the zoo.");
    world_add(c->w, &c->p, &(struct world_document){.name = name, .text = buf_cstr(&body)});
    struct exchange *x = company_call(c, c->w, call_chat_stream, "{\"question\": \"How do zebras sleep?\"}");
    struct stream s = read_stream(x);
    assert_true(s.sources >= 1 && s.done);
    stream_free(&s);
    fake_free(x);
    buf_free(&body);
}

static void a_hang_up_at_any_event_ends_well(void **state)
{
    struct company *c = *state;
    for (int sends = 0; sends < 13; sends++) {
        struct exchange *x = fake_new(HTTP_POST, "/api/v1/chat/stream", &c->w->app);
        fake_header(x, "X-API-Key", c->api_key);
        fake_json(x, question);
        fake_hang_up_after(x, sends);
        call_chat_stream(x);
        assert_true(fake_finished(x));
        fake_free(x);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(chat_answers),
        CASE(chat_falls_back),
        CASE(refusals),
        CASE(a_foreign_session_is_like_an_unknown_one),
        CASE(the_stream_says_what_chat_says),
        CASE(a_fallback_is_streamed_too),
        CASE(long_sources_stay_small_events),
        CASE(a_hang_up_at_any_event_ends_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
