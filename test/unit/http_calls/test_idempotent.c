/* Idempotency-Key: replays, conflicts, what is kept, and what the database shows of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_exchange.h"
#include "http/idempotent.h"
#include "http/routes.h"
#include "world.h"

static struct exchange *key_call(struct world *w, const struct grant *g, const char *idempotency_key, const char *body)
{
    char authorization[1100];
    snprintf(authorization, sizeof authorization, "Bearer %s", g->token);
    struct exchange *x = fake_new(HTTP_POST, "/api/v1/auth/api-keys", &w->app);
    fake_header(x, "Authorization", authorization);
    fake_header(x, "Idempotency-Key", idempotency_key);
    fake_json(x, body);
    call_create_api_key(x);
    return x;
}

static void expect(struct exchange *x, int status, const char *type)
{
    json_t *reply = fake_reply_json(x);
    assert_int_equal(fake_status(x), status);
    assert_string_equal(json_string_value(json_object_get(reply, "type")), type);
    json_decref(reply);
    fake_free(x);
}

static void same_reply(struct exchange *first, struct exchange *again)
{
    assert_int_equal(fake_status(again), fake_status(first));
    assert_true(span_eq(fake_reply_body(again), fake_reply_body(first)));
    assert_string_equal(fake_content_type(again), fake_content_type(first));
    assert_null(fake_reply_header(first, "Idempotent-Replayed"));
    assert_string_equal(fake_reply_header(again, "Idempotent-Replayed"), "true");
    fake_free(again);
}

static void test_replay(void **state)
{
    struct world *w = *state;
    struct grant g = world_register(w, "a@b.example");
    struct exchange *first = key_call(w, &g, "one", "{\"name\":\"k\"}");
    assert_int_equal(fake_status(first), 201);
    same_reply(first, key_call(w, &g, "one", "{\"name\":\"k\"}"));
    assert_int_equal(world_number(w, "select count(*) from api_key"), 1);
    expect(key_call(w, &g, "one", "{\"name\":\"K\"}"), 422, "/errors/idempotency-mismatch");
    struct exchange *other = key_call(w, &g, "two", "{\"name\":\"k\"}");
    assert_int_equal(fake_status(other), 201);
    assert_false(span_eq(fake_reply_body(other), fake_reply_body(first)));
    fake_free(other);
    assert_int_equal(world_number(w, "select count(*) from api_key"), 2);
    world_advance_ms(24 * 3600 * 1000 - 1000);
    struct grant later = g;
    same_reply(first, key_call(w, &later, "one", "{\"name\":\"k\"}"));
    fake_free(first);
}

static void test_forgotten_after_a_day(void **state)
{
    struct world *w = *state;
    w->config.token_ttl_s = 7 * 86400;
    struct grant g = world_register(w, "a@b.example");
    fake_free(key_call(w, &g, "one", "{\"name\":\"k\"}"));
    world_advance_ms(24 * 3600 * 1000);
    struct exchange *x = key_call(w, &g, "one", "{\"name\":\"another body\"}");
    assert_int_equal(fake_status(x), 201);
    assert_null(fake_reply_header(x, "Idempotent-Replayed"));
    fake_free(x);
    assert_int_equal(world_number(w, "select count(*) from api_key"), 2);
}

static void test_refusals_are_kept(void **state)
{
    struct world *w = *state;
    struct grant g = world_register(w, "a@b.example");
    struct exchange *first = key_call(w, &g, "one", "{\"name\":\"k\",\"expires_at\":\"2026-11-23T09:30:00Z\"}");
    assert_int_equal(fake_status(first), 422);
    same_reply(first, key_call(w, &g, "one", "{\"name\":\"k\",\"expires_at\":\"2026-11-23T09:30:00Z\"}"));
    fake_free(first);
}

/* A tenant cannot see, or be hindered by, the keys of another. */
static void test_tenants_are_apart(void **state)
{
    struct world *w = *state;
    struct grant a = world_register(w, "a@b.example"), b = world_register(w, "b@b.example");
    struct exchange *first = key_call(w, &a, "one", "{\"name\":\"k\"}"), *second = key_call(w, &b, "one", "{\"name\":\"other\"}");
    assert_int_equal(fake_status(second), 201);
    assert_null(fake_reply_header(second, "Idempotent-Replayed"));
    fake_free(first);
    fake_free(second);
}

static void test_key_length(void **state)
{
    struct world *w = *state;
    struct grant g = world_register(w, "a@b.example");
    char key[300];
    memset(key, 'k', sizeof key);
    key[255] = '\0';
    struct exchange *x = key_call(w, &g, key, "{\"name\":\"k\"}");
    assert_int_equal(fake_status(x), 201);
    fake_free(x);
    key[255] = 'k';
    key[256] = '\0';
    expect(key_call(w, &g, key, "{\"name\":\"k\"}"), 422, "/errors/validation");
    expect(key_call(w, &g, "", "{\"name\":\"k\"}"), 422, "/errors/validation");
}

/* ---- claims by hand ---- */

static const unsigned char body_hash[32] = {7};

/* Begins under the key "one"; the exchange when it goes on, NULL when it was finished with that status. */
static struct exchange *begin(struct world *w, const struct grant *g, struct idempotent **claim, int status)
{
    struct principal by;
    struct exchange *x = fake_new(HTTP_POST, "/", &w->app);
    fake_header(x, "Idempotency-Key", "one");
    assert_true(world_bearer(w, g->token, &by));
    bool goes_on = idempotent_begin(x, &by, "POST /test", body_hash, claim);
    assert_int_equal(fake_status(x), goes_on ? 0 : status);
    if (goes_on)
        return x;
    fake_free(x);
    return NULL;
}

static void test_still_running(void **state)
{
    struct world *w = *state;
    struct idempotent *claim, *none;
    struct grant g = world_register(w, "a@b.example");
    struct exchange *first = begin(w, &g, &claim, 0);
    assert_non_null(first);
    assert_non_null(claim);
    assert_null(begin(w, &g, &none, 409));
    idempotent_reply(first, claim, 200, json_pack("{s:i}", "n", 1));
    fake_free(first);
    assert_null(begin(w, &g, &none, 200));
}

/* A claim whose owner died must not stand in the way for a day. */
static void test_abandoned(void **state)
{
    struct world *w = *state;
    struct idempotent *claim;
    struct grant g = world_register(w, "a@b.example");
    fake_free(begin(w, &g, &claim, 0));
    world_advance_ms(5 * 60 * 1000 - 1);
    assert_null(begin(w, &g, &claim, 409));
    world_advance_ms(1);
    struct exchange *second = begin(w, &g, &claim, 0);
    assert_non_null(second);
    fake_free(second);
}

/* A server that was killed does not make the next one wait for it; what it finished is played again. */
static void test_abandoned_by_an_earlier_run(void **state)
{
    struct world *w = *state;
    struct idempotent *claim, *none;
    struct grant g = world_register(w, "a@b.example");
    fake_free(begin(w, &g, &claim, 0));
    world_restart(w);
    struct exchange *second = begin(w, &g, &claim, 0);
    assert_non_null(second);
    assert_null(begin(w, &g, &none, 409));
    idempotent_reply(second, claim, 200, json_pack("{s:i}", "n", 1));
    fake_free(second);
    world_restart(w);
    assert_null(begin(w, &g, &none, 200));
}

static void test_failures_are_dropped(void **state)
{
    static const enum problem_kind kinds[] = {PROBLEM_INTERNAL, PROBLEM_UNAVAILABLE, PROBLEM_STORAGE, PROBLEM_TOO_MANY};
    struct world *w = *state;
    struct idempotent *claim;
    struct problem problem;
    struct grant g = world_register(w, "a@b.example");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct exchange *x = begin(w, &g, &claim, 0);
        assert_non_null(x);
        problem_set(&problem, kinds[i], "", "Not now.");
        idempotent_fail(x, claim, &problem);
        fake_free(x);
    }
    struct exchange *x = begin(w, &g, &claim, 0);
    assert_non_null(x);
    idempotent_reply(x, claim, 200, NULL);
    assert_int_equal(fake_status(x), 500);
    fake_free(x);
    assert_int_equal(world_number(w, "select count(*) from idempotency"), 0);
}

static void test_without_key(void **state)
{
    struct world *w = *state;
    struct idempotent *claim;
    struct principal by;
    struct grant g = world_register(w, "a@b.example");
    assert_true(world_bearer(w, g.token, &by));
    struct exchange *x = fake_new(HTTP_POST, "/", &w->app);
    assert_true(idempotent_begin(x, &by, "POST /test", body_hash, &claim));
    assert_null(claim);
    idempotent_reply(x, claim, 200, json_object());
    assert_int_equal(fake_status(x), 200);
    fake_free(x);
    assert_int_equal(world_number(w, "select count(*) from idempotency"), 0);
}

/* Neither the key nor the reply can be read in the database, and a reply that was changed there is not played. */
static void test_at_rest(void **state)
{
    struct world *w = *state;
    struct grant g = world_register(w, "a@b.example");
    fake_free(key_call(w, &g, "my-secret-order-number", "{\"name\":\"k\"}"));
    assert_int_equal(world_number(w, "select count(*) from idempotency where status = 201"), 1);
    assert_int_equal(
        world_number(
            w, "select count(*) from idempotency where instr(key, 'order') or instr(reply, cast('cfx_' as blob)) or instr(reply, cast('api_key' as blob))"),
        0);
    world_sql(w, "update idempotency set reply = cast(substr(reply, 1, length(reply) - 1) || iif(substr(reply, -1) = x'78', 'y', 'x') as blob)");
    expect(key_call(w, &g, "my-secret-order-number", "{\"name\":\"k\"}"), 500, "/errors/internal");
}

int main(void)
{
#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_replay),
        WITH_WORLD(test_forgotten_after_a_day),
        WITH_WORLD(test_refusals_are_kept),
        WITH_WORLD(test_tenants_are_apart),
        WITH_WORLD(test_key_length),
        WITH_WORLD(test_still_running),
        WITH_WORLD(test_abandoned),
        WITH_WORLD(test_abandoned_by_an_earlier_run),
        WITH_WORLD(test_failures_are_dropped),
        WITH_WORLD(test_without_key),
        WITH_WORLD(test_at_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
