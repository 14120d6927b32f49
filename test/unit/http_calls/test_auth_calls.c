/* The calls of accounts, end to end through a fake exchange. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_exchange.h"
#include "http/routes.h"
#include "world.h"

static const char registration[] = "{\"name\":\"My Company\",\"email\":\"owner@example.com\",\"password\":\"secure_password_123\"}";
static const char credentials[] = "{\"email\":\"Owner@Example.com\",\"password\":\"secure_password_123\"}";

/* The reply as JSON; the caller's json_decref. */
static json_t *call(struct world *w, void (*handler)(struct exchange *), const char *token, const char *body, int status)
{
    char authorization[1100];
    struct exchange *x = fake_new(HTTP_POST, "/api/v1/auth", &w->app);
    if (token) {
        snprintf(authorization, sizeof authorization, "Bearer %s", token);
        fake_header(x, "Authorization", authorization);
    }
    fake_json(x, body);
    handler(x);
    if (fake_status(x) != status)
        fail_msg("%d instead of %d: %.*s", fake_status(x), status, SPAN_ARG(fake_reply_body(x)));
    if (status < 300)
        assert_string_equal(fake_reply_header(x, "Cache-Control"), "no-store");
    json_t *reply = fake_reply_json(x);
    assert_non_null(reply);
    fake_free(x);
    return reply;
}

static const char *text(const json_t *reply, const char *name)
{
    const char *value = json_string_value(json_object_get(reply, name));
    return value ? value : "";
}

static void test_register_and_login(void **state)
{
    struct world *w = *state;
    json_t *first = call(w, call_register, NULL, registration, 201);
    assert_string_equal(text(first, "token_type"), "bearer");
    assert_int_equal(json_integer_value(json_object_get(first, "expires_in")), 86400);
    const json_t *user = json_object_get(first, "user");
    assert_string_equal(text(user, "name"), "My Company");
    assert_string_equal(text(user, "email"), "owner@example.com");
    assert_string_equal(text(user, "role"), "owner");
    assert_string_equal(text(user, "created_at"), "2026-11-23T09:30:00Z");
    assert_true(world_bearer(w, text(first, "access_token"), NULL));
    json_t *second = call(w, call_login, NULL, credentials, 200);
    assert_string_equal(text(second, "tenant_id"), text(first, "tenant_id"));
    assert_string_equal(text(json_object_get(second, "user"), "id"), text(user, "id"));
    assert_true(world_bearer(w, text(second, "access_token"), NULL));
    json_t *taken = call(w, call_register, NULL, registration, 409);
    assert_string_equal(text(taken, "type"), "/errors/email-taken");
    json_decref(taken);
    json_decref(second);
    json_decref(first);
}

/* Members that are not the caller's to set change nothing. */
static void test_mass_assignment(void **state)
{
    struct world *w = *state;
    json_t *other = call(w, call_register, NULL, registration, 201);
    char body[600];
    snprintf(body, sizeof body,
             "{\"name\":\"B\",\"email\":\"b@example.com\",\"password\":\"secure_password_123\",\"tenant_id\":\"%s\",\"id\":\"usr_x\",\"role\":\"admin\","
             "\"status\":\"x\","
             "\"user\":{\"role\":\"admin\"}}",
             text(other, "tenant_id"));
    json_t *reply = call(w, call_register, NULL, body, 201);
    assert_string_not_equal(text(reply, "tenant_id"), text(other, "tenant_id"));
    assert_string_equal(text(json_object_get(reply, "user"), "role"), "owner");
    assert_string_not_equal(text(json_object_get(reply, "user"), "id"), "usr_x");
    json_decref(reply);
    json_decref(other);
}

static void test_faults(void **state)
{
    struct world *w = *state;
    json_t *reply = call(w, call_register, NULL, "{\"name\":\"\",\"password\":\"short\"}", 422);
    assert_int_equal(json_array_size(json_object_get(reply, "detail")), 3);
    json_decref(reply);
    reply = call(w, call_register, NULL, "{\"name\":\"A\",\"email\":\"nobody\",\"password\":\"secure_password_123\"}", 422);
    json_decref(reply);
    reply = call(w, call_register, NULL, "{\"name\":\"A\",\"email\":\"a@b.example\",\"password\":\"password123\"}", 422);
    json_decref(reply);
    json_decref(call(w, call_login, NULL, "{\"email\":\"owner@example.com\"}", 422));
    json_decref(call(w, call_login, NULL, "{\"email\":\"owner@example.com\",\"password\":\"secure_password_123\"}", 401));
    w->config.registration_open = false;
    json_decref(call(w, call_register, NULL, registration, 403));
}

static void test_login_limit(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 10; i++)
        json_decref(call(w, call_login, NULL, credentials, 401));
    struct exchange *x = fake_new(HTTP_POST, "/api/v1/auth/login", &w->app);
    fake_json(x, credentials);
    call_login(x);
    assert_int_equal(fake_status(x), 429);
    assert_non_null(fake_reply_header(x, "Retry-After"));
    fake_free(x);
    x = fake_new(HTTP_POST, "/api/v1/auth/login", &w->app);
    fake_json(x, credentials);
    fake_peer(x, "192.0.2.7");
    call_login(x);
    assert_int_equal(fake_status(x), 401);
    fake_free(x);
}

static void scopes_are(const json_t *reply, const char *expected)
{
    struct buf b;
    buf_init(&b, 1000);
    json_write(&b, json_object_get(reply, "scopes"));
    assert_string_equal(buf_cstr(&b), expected);
    buf_free(&b);
}

static void test_create_key(void **state)
{
    struct world *w = *state;
    struct principal by;
    json_t *grant = call(w, call_register, NULL, registration, 201);
    const char *token = text(grant, "access_token");
    json_t *key = call(w, call_create_api_key, token, "{\"name\":\" Production Key \",\"id\":\"key_x\",\"tenant_id\":\"ten_x\"}", 201);
    assert_string_equal(text(key, "name"), "Production Key");
    assert_string_equal(text(key, "created_at"), "2026-11-23T09:30:00Z");
    assert_true(json_is_null(json_object_get(key, "expires_at")));
    scopes_are(key, "[\"chat\",\"knowledge:read\",\"knowledge:write\"]");
    assert_true(world_bearer(w, text(key, "api_key"), &by));
    assert_string_equal(by.actor, text(key, "id"));
    assert_string_equal(by.tenant_public_id, text(grant, "tenant_id"));
    json_decref(call(w, call_create_api_key, text(key, "api_key"), "{\"name\":\"k\"}", 403));
    json_decref(key);
    key = call(w, call_create_api_key, token, "{\"name\":\"k\",\"scopes\":[\"admin\",\"chat\",\"chat\"],\"expires_at\":\"2026-11-23T10:00:00Z\"}", 201);
    scopes_are(key, "[\"chat\",\"admin\"]");
    assert_string_equal(text(key, "expires_at"), "2026-11-23T10:00:00Z");
    json_t *child = call(w, call_create_api_key, text(key, "api_key"), "{\"name\":\"child\"}", 201);
    scopes_are(child, "[\"chat\"]");
    json_decref(child);
    json_decref(call(w, call_create_api_key, text(key, "api_key"), "{\"name\":\"child\",\"scopes\":[\"knowledge:read\"]}", 403));
    json_decref(key);
    json_decref(call(w, call_create_api_key, NULL, "{\"name\":\"k\"}", 401));
    json_decref(grant);
}

static void test_key_faults(void **state)
{
    static const char *const bodies[] = {"{}",
                                         "{\"name\":\"\"}",
                                         "{\"name\":7}",
                                         "{\"name\":\"a\\nb\"}",
                                         "{\"name\":\"k\",\"scopes\":[]}",
                                         "{\"name\":\"k\",\"scopes\":[\"root\"]}",
                                         "{\"name\":\"k\",\"scopes\":\"chat\"}",
                                         "{\"name\":\"k\",\"scopes\":[1]}",
                                         "{\"name\":\"k\",\"expires_at\":\"tomorrow\"}",
                                         "{\"name\":\"k\",\"expires_at\":\"2026-11-23T09:30:00Z\"}",
                                         "{\"name\":\"k\",\"expires_at\":1795426200}"};
    struct world *w = *state;
    struct grant g = world_register(w, "a@b.example");
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        json_decref(call(w, call_create_api_key, g.token, bodies[i], 422));
    assert_int_equal(world_number(w, "select count(*) from api_key"), 0);
}

int main(void)
{
#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_register_and_login), WITH_WORLD(test_mass_assignment), WITH_WORLD(test_faults),
        WITH_WORLD(test_login_limit),        WITH_WORLD(test_create_key),      WITH_WORLD(test_key_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
