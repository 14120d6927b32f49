/* What every call needs: bodies, problems as replies, authentication. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_exchange.h"
#include "http/call.h"
#include "http/call_body.h"
#include "world.h"

static struct exchange *post(const char *content_type, const char *body)
{
    struct exchange *x = fake_new(HTTP_POST, "/api/v1/anything", NULL);
    fake_body(x, content_type, span_of(body));
    return x;
}

/* The member of the reply at a path like "detail.0.loc.1"; borrowed. */
static const json_t *at(const json_t *value, const char *path)
{
    struct span rest = span_of(path), name;
    while (rest.n) {
        int64_t index = 0;
        span_cut(rest, '.', &name, &rest);
        value = span_to_int(name, 0, 1000, &index) ? json_array_get(value, (size_t)index) : json_object_getn(value, name.p, name.n);
    }
    return value;
}

static void expect(struct exchange *x, int status, const char *path, const char *text)
{
    json_t *reply = fake_reply_json(x);
    assert_int_equal(fake_status(x), status);
    assert_non_null(reply);
    const char *found = json_string_value(at(reply, path));
    if (!found || strcmp(found, text) != 0)
        fail_msg("%s is %s, not %s", path, found ? found : "nothing", text);
    json_decref(reply);
    fake_free(x);
}

static void test_content_types(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool taken;
    } cases[] = {
        {NULL, true},
        {"", true},
        {"application/json", true},
        {"Application/JSON; charset=utf-8", true},
        {"application/merge-patch+json", true},
        {"application/json ;charset=utf-8", true},
        {"text/plain", false},
        {"application/x-www-form-urlencoded", false},
        {"multipart/form-data; boundary=x", false},
        {"application/jsonp", false},
        {"+json", false},
        {"text/json5", false},
        {"application/json, text/plain", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange *x = post(cases[i].type, "{\"a\":1}");
        json_t *body = call_json(x, 100);
        if ((body != NULL) != cases[i].taken)
            fail_msg("%s", cases[i].type);
        if (body)
            fake_free(x);
        else
            expect(x, 415, "type", "/errors/unsupported-format");
        json_decref(body);
    }
}

static void test_bodies(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int status;
        const char *path, *text;
    } cases[] = {
        {"{", 400, "type", "/errors/malformed-json"},
        {"{\"a\":1} x", 400, "type", "/errors/malformed-json"},
        {"{'a':1}", 400, "type", "/errors/malformed-json"},
        {"{\"a\":\"\xff\"}", 400, "type", "/errors/malformed-json"},
        {"{\"a\":\"\\u0000\"}", 400, "type", "/errors/malformed-json"},
        {"[1]", 422, "detail.0.type", "model_attributes_type"},
        {"\"text\"", 422, "detail.0.loc.0", "body"},
        {"null", 422, "type", "/errors/validation"},
        {"", 422, "detail.0.type", "missing"},
        {" \n", 422, "detail.0.msg", "Field required"},
        {"{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}", 413, "type", "/errors/content-too-large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange *x = post("application/json", cases[i].body);
        assert_null(call_json(x, 100));
        assert_string_equal(fake_content_type(x), "application/problem+json");
        expect(x, cases[i].status, cases[i].path, cases[i].text);
    }
}

/* The parser's messages quote what they stumble over. */
static void test_body_is_not_quoted(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{\"password\": hunter2}",
                                         "{\"password\": \"hunter2",
                                         "{\"password\": \"hunter2\" \"x\"}",
                                         "{\"password\": \"hunter2\n\"}",
                                         "hunter2",
                                         "{\"password\": 'hunter2' near 'hunter2' (line hunter2}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct exchange *x = post("application/json", bodies[i]);
        assert_null(call_json(x, 1000));
        assert_int_equal(fake_status(x), 400);
        assert_true(span_find(fake_reply_body(x), SPAN("hunter2")) < 0);
        fake_free(x);
    }
}

static void fail_with(enum problem_kind kind, int status, const char *slug)
{
    char type[60];
    struct problem problem;
    struct exchange *x = fake_new(HTTP_GET, "/", NULL);
    problem_set(&problem, kind, "", "A sentence with \"quotes\".");
    call_fail(x, &problem);
    snprintf(type, sizeof type, "/errors/%s", slug);
    json_t *reply = fake_reply_json(x);
    assert_int_equal(fake_status(x), status);
    assert_int_equal(json_integer_value(at(reply, "status")), status);
    assert_string_equal(json_string_value(at(reply, "type")), type);
    assert_string_equal(json_string_value(at(reply, "request_id")), "req-test");
    assert_string_equal(json_string_value(at(reply, kind == PROBLEM_INVALID ? "detail.0.msg" : "detail")), "A sentence with \"quotes\".");
    assert_true(json_string_length(at(reply, "title")) > 0);
    json_decref(reply);
    fake_free(x);
}

static void test_problems(void **state)
{
    (void)state;
    fail_with(PROBLEM_BAD_REQUEST, 400, "bad-request");
    fail_with(PROBLEM_UNAUTHORIZED, 401, "unauthorized");
    fail_with(PROBLEM_FORBIDDEN, 403, "forbidden");
    fail_with(PROBLEM_NOT_FOUND, 404, "not-found");
    fail_with(PROBLEM_CONFLICT, 409, "conflict");
    fail_with(PROBLEM_TOO_LARGE, 413, "content-too-large");
    fail_with(PROBLEM_UNSUPPORTED, 415, "unsupported-format");
    fail_with(PROBLEM_INVALID, 422, "validation");
    fail_with(PROBLEM_TOO_MANY, 429, "too-many-requests");
    fail_with(PROBLEM_INTERNAL, 500, "internal");
    fail_with(PROBLEM_UNAVAILABLE, 503, "unavailable");
    fail_with(PROBLEM_STORAGE, 507, "insufficient-storage");
}

static void test_problem_headers(void **state)
{
    (void)state;
    struct problem problem;
    struct exchange *x = fake_new(HTTP_GET, "/", NULL);
    problem_set(&problem, PROBLEM_TOO_MANY, "", "Slowly.");
    problem.retry_after_s = 42;
    call_fail(x, &problem);
    assert_string_equal(fake_reply_header(x, "Retry-After"), "42");
    assert_null(fake_reply_header(x, "WWW-Authenticate"));
    fake_free(x);
    x = fake_new(HTTP_GET, "/", NULL);
    problem_set(&problem, PROBLEM_UNAUTHORIZED, "", "Who?");
    call_fail(x, &problem);
    assert_string_equal(fake_reply_header(x, "WWW-Authenticate"), "Bearer realm=\"chatifix\"");
    fake_free(x);
    x = fake_new(HTTP_GET, "/", NULL);
    problem_field(&problem, "query.limit", "Too large.");
    call_fail(x, &problem);
    json_t *reply = fake_reply_json(x);
    assert_string_equal(json_string_value(at(reply, "detail.0.loc.0")), "query");
    assert_string_equal(json_string_value(at(reply, "detail.0.loc.1")), "limit");
    json_decref(reply);
    fake_free(x);
}

static void test_reply(void **state)
{
    (void)state;
    struct exchange *x = fake_new(HTTP_GET, "/", NULL);
    call_reply(x, 201, json_pack("{s:o, s:o}", "at", call_time(1795426200999), "never", call_time(0)));
    assert_int_equal(fake_status(x), 201);
    assert_string_equal(fake_content_type(x), "application/json");
    assert_true(span_eq(fake_reply_body(x), SPAN("{\"at\":\"2026-11-23T09:30:00Z\",\"never\":null}")));
    fake_free(x);
    x = fake_new(HTTP_GET, "/", NULL);
    call_reply(x, 200, NULL);
    expect(x, 500, "type", "/errors/internal");
}

static struct exchange *bearing(struct world *w, const char *name, const char *value)
{
    struct exchange *x = fake_new(HTTP_POST, "/api/v1/knowledge/text", &w->app);
    if (name)
        fake_header(x, name, value);
    return x;
}

static void test_authenticate(void **state)
{
    struct world *w = *state;
    struct principal by;
    struct grant g = world_register(w, "a@b.example");
    struct new_key key = world_key(w, &g, SCOPE_CHAT);
    struct exchange *x = bearing(w, "X-API-Key", key.api_key);
    assert_true(call_authenticate(x, SCOPE_CHAT, &by));
    assert_string_equal(by.actor, key.id);
    /* The second asking is answered from the exchange: the key is revoked only for the next request. */
    world_sql(w, "update api_key set revoked_at = 1");
    assert_true(call_authenticate(x, 0, &by));
    assert_false(call_authenticate(x, SCOPE_KNOWLEDGE_WRITE, &by));
    expect(x, 403, "type", "/errors/missing-scope");
    x = bearing(w, "X-API-Key", key.api_key);
    assert_false(call_authenticate(x, 0, &by));
    assert_string_equal(fake_reply_header(x, "WWW-Authenticate"), "Bearer realm=\"chatifix\"");
    expect(x, 401, "type", "/errors/unauthorized");
    x = bearing(w, NULL, NULL);
    assert_false(call_authenticate(x, 0, &by));
    expect(x, 401, "type", "/errors/unauthorized");
}

static void test_admit(void **state)
{
    struct world *w = *state;
    struct grant g = world_register(w, "a@b.example");
    struct new_key chat = world_key(w, &g, SCOPE_CHAT), write = world_key(w, &g, SCOPE_KNOWLEDGE_WRITE);
    struct exchange *x = bearing(w, "X-API-Key", write.api_key);
    call_admit_knowledge_write(x);
    assert_true(fake_continued(x));
    assert_int_equal(fake_status(x), 0);
    fake_free(x);
    x = bearing(w, "X-API-Key", chat.api_key);
    call_admit_knowledge_write(x);
    assert_false(fake_continued(x));
    expect(x, 403, "type", "/errors/missing-scope");
    x = bearing(w, "X-API-Key", "cfx_nonsense");
    call_admit_knowledge_write(x);
    assert_false(fake_continued(x));
    expect(x, 401, "type", "/errors/unauthorized");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content_types),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_body_is_not_quoted),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_problem_headers),
        cmocka_unit_test(test_reply),
        cmocka_unit_test_setup_teardown(test_authenticate, world_open, world_close),
        cmocka_unit_test_setup_teardown(test_admit, world_open, world_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
