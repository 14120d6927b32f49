/* Registration, login, keys and authentication on a real database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/health.h"
#include "world.h"

static const char owner_email[] = "Owner@Example.com";
static const struct span password = {"secure_password_123", 19};

static enum problem_kind registration(struct world *w, const char *name, const char *email, const char *with, struct problem *problem)
{
    struct grant grant;
    *problem = (struct problem){0};
    bool ok = accounts_register(&w->app, span_of(name), span_of(email), span_of(with), w->arena, &grant, problem);
    assert_true(ok == (problem->kind == PROBLEM_NONE));
    return problem->kind;
}

static enum problem_kind login(struct world *w, const char *email, const char *with, struct grant *grant, struct problem *problem)
{
    *problem = (struct problem){0};
    bool ok = accounts_login(&w->app, span_of(email), span_of(with), "192.0.2.1", w->arena, grant, problem);
    assert_true(ok == (problem->kind == PROBLEM_NONE));
    return problem->kind;
}

static void test_register(void **state)
{
    struct world *w = *state;
    struct grant g = world_register(w, "  Owner@Example.com ");
    struct principal by;
    assert_true(world_bearer(w, g.token, &by));
    assert_true(by.is_person);
    assert_int_equal(by.scopes, SCOPE_DEFAULT | SCOPE_ADMIN);
    assert_string_equal(by.actor, g.user_id);
    assert_string_equal(by.tenant_public_id, g.tenant_id);
    assert_true(by.tenant.id > 0 && by.user_id > 0 && !by.key_id && !by.collection_id);
    assert_true(span_eq(g.email, SPAN("Owner@Example.com")));
    assert_true(span_eq(g.name, SPAN("My Company")));
    assert_string_equal(g.role, "owner");
    assert_int_equal(g.expires_in_s, 86400);
    assert_int_equal(strncmp(g.tenant_id, "ten_", 4), 0);
    assert_int_equal(strncmp(g.user_id, "usr_", 4), 0);
    assert_int_equal(world_number(w, "select count(*) from audit where action = 'tenant.register'"), 1);
    assert_int_equal(world_number(w, "select count(*) from collection where name = 'default'"), 1);
    assert_int_equal(world_number(w, "select count(*) from tenant_user where password_hash like '$argon2id$v=19$m=19456,t=2,p=1$%'"), 1);
}

static void test_register_refusals(void **state)
{
    struct world *w = *state;
    struct problem problem;
    static const struct {
        const char *name, *email, *password, *field;
    } cases[] = {
        {"", "a@b.example", "secure_password_123", "name"},
        {"   ", "a@b.example", "secure_password_123", "name"},
        {"a\tb", "a@b.example", "secure_password_123", "name"},
        {"a\xC2\x85z", "a@b.example", "secure_password_123", "name"},
        {"a\xE2\x80\xA8z", "a@b.example", "secure_password_123", "name"},
        {"a\xffz", "a@b.example", "secure_password_123", "name"},
        {"Acme", "[email\xC2\xA0protected]", "secure_password_123", "email"},
        {"Acme", "nobody", "secure_password_123", "email"},
        {"Acme", "a@b.example", "password123", "password"},
        {"Acme", "a@b.example", "short", "password"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(registration(w, cases[i].name, cases[i].email, cases[i].password, &problem), PROBLEM_INVALID);
        assert_string_equal(problem.field, cases[i].field);
    }
    assert_int_equal(world_number(w, "select count(*) from tenant"), 0);
}

static void test_register_closed(void **state)
{
    struct world *w = *state;
    struct problem problem;
    w->config.registration_open = false;
    assert_int_equal(registration(w, "Acme", "a@b.example", "secure_password_123", &problem), PROBLEM_FORBIDDEN);
    assert_string_equal(problem.slug, "registration-closed");
}

static void test_register_twice(void **state)
{
    struct world *w = *state;
    struct problem problem;
    world_register(w, owner_email);
    assert_int_equal(registration(w, "Other", "OWNER@example.COM", "another_password_1", &problem), PROBLEM_CONFLICT);
    assert_string_equal(problem.slug, "email-taken");
    assert_int_equal(world_number(w, "select count(*) from tenant"), 1);
    assert_int_equal(world_number(w, "select count(*) from login"), 1);
}

static void test_login(void **state)
{
    struct world *w = *state;
    struct grant g;
    struct problem wrong, unknown;
    struct grant first = world_register(w, owner_email);
    assert_int_equal(login(w, " owner@EXAMPLE.com", "secure_password_123", &g, &wrong), PROBLEM_NONE);
    assert_string_equal(g.tenant_id, first.tenant_id);
    assert_string_equal(g.user_id, first.user_id);
    assert_true(world_bearer(w, g.token, NULL));
    assert_int_equal(login(w, owner_email, "Secure_password_123", &g, &wrong), PROBLEM_UNAUTHORIZED);
    assert_int_equal(login(w, "nobody@example.com", "secure_password_123", &g, &unknown), PROBLEM_UNAUTHORIZED);
    assert_memory_equal(&wrong, &unknown, sizeof wrong);
    world_sql(w, "update tenant_user set status = 'disabled'");
    assert_int_equal(login(w, owner_email, "secure_password_123", &g, &unknown), PROBLEM_UNAUTHORIZED);
    assert_memory_equal(&wrong, &unknown, sizeof wrong);
}

static void test_login_limit(void **state)
{
    struct world *w = *state;
    struct grant g;
    struct problem problem;
    world_register(w, owner_email);
    for (int i = 0; i < 9; i++)
        assert_int_equal(login(w, owner_email, "wrong password", &g, &problem), PROBLEM_UNAUTHORIZED);
    assert_int_equal(login(w, owner_email, "secure_password_123", &g, &problem), PROBLEM_NONE);
    for (int i = 0; i < 10; i++)
        assert_int_equal(login(w, i % 2 ? owner_email : "OWNER@example.com", "wrong password", &g, &problem), PROBLEM_UNAUTHORIZED);
    assert_int_equal(login(w, owner_email, "secure_password_123", &g, &problem), PROBLEM_TOO_MANY);
    assert_true(problem.retry_after_s > 0 && problem.retry_after_s <= 300);
    assert_true(accounts_login(&w->app, span_of(owner_email), password, "192.0.2.2", w->arena, &g, &problem));
}

static void test_token_ends(void **state)
{
    struct world *w = *state;
    struct grant g = world_register(w, owner_email);
    world_advance_ms(86399 * 1000);
    assert_true(world_bearer(w, g.token, NULL));
    world_advance_ms(1000);
    assert_false(world_bearer(w, g.token, NULL));
}

static void test_token_revoked(void **state)
{
    static const char *const changes[][2] = {
        {"update tenant_user set token_epoch = token_epoch + 1", "update tenant_user set token_epoch = token_epoch - 1"},
        {"update tenant_user set status = 'disabled'", "update tenant_user set status = 'active'"},
        {"update tenant set status = 'suspended'", "update tenant set status = 'active'"},
        {"update tenant set status = 'erased'", "update tenant set status = 'active'"},
        {"update tenant_user set public_id = 'usr_other'", NULL},
    };
    struct world *w = *state;
    struct grant g = world_register(w, owner_email);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        assert_true(world_bearer(w, g.token, NULL));
        world_sql(w, changes[i][0]);
        assert_false(world_bearer(w, g.token, NULL));
        if (changes[i][1])
            world_sql(w, changes[i][1]);
    }
}

/* The secret is in the database: a restart changes nothing, another database does not know the token. */
static void test_restart(void **state)
{
    struct world *w = *state;
    struct principal before, after;
    struct grant g = world_register(w, owner_email);
    assert_true(world_bearer(w, g.token, &before));
    world_restart(w);
    assert_true(world_bearer(w, g.token, &after));
    assert_int_equal(before.tenant.index_epoch, after.tenant.index_epoch);
    world_sql(w, "update server_state set value = x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' where name = 'signing_secret'");
    world_restart(w);
    assert_false(world_bearer(w, g.token, NULL));
    world_sql(w, "update server_state set value = x'00' where name = 'signing_secret'");
    char why[200] = "";
    assert_null(accounts_new(w->db, &w->config, why, sizeof why));
    assert_non_null(strstr(why, "signing secret"));
}

static void test_roles(void **state)
{
    struct world *w = *state;
    struct principal by;
    struct new_key key;
    struct problem problem;
    struct grant g = world_register(w, owner_email);
    world_sql(w, "update tenant_user set role = 'agent'");
    assert_true(world_bearer(w, g.token, &by));
    assert_int_equal(by.scopes, SCOPE_DEFAULT);
    assert_false(accounts_create_key(&w->app, &by, SPAN("k"), SCOPE_CHAT, 0, &key, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    world_sql(w, "update tenant_user set role = 'admin'");
    assert_true(world_bearer(w, g.token, &by));
    assert_int_equal(by.scopes, SCOPE_DEFAULT | SCOPE_ADMIN);
}

static void test_key(void **state)
{
    struct world *w = *state;
    struct principal owner, by;
    struct grant g = world_register(w, owner_email);
    struct new_key key = world_key(w, &g, SCOPE_CHAT | SCOPE_KNOWLEDGE_READ);
    assert_int_equal(strlen(key.api_key), 47);
    assert_int_equal(strncmp(key.api_key, "cfx_", 4), 0);
    assert_int_equal(strlen(key.prefix), 12);
    assert_int_equal(strncmp(key.prefix, key.api_key, 12), 0);
    assert_true(world_bearer(w, g.token, &owner));
    assert_true(world_bearer(w, key.api_key, &by));
    assert_false(by.is_person);
    assert_int_equal(by.scopes, SCOPE_CHAT | SCOPE_KNOWLEDGE_READ);
    assert_int_equal(by.tenant.id, owner.tenant.id);
    assert_int_equal(by.tenant.index_epoch, owner.tenant.index_epoch);
    assert_string_equal(by.actor, key.id);
    assert_string_equal(by.tenant_public_id, g.tenant_id);
    assert_int_equal(world_number(w, "select count(*) from audit where action = 'api-key.create'"), 1);
    /* Nothing of the key but its first characters is anywhere in the database. */
    char sql[200];
    snprintf(sql, sizeof sql, "select count(*) from api_key where instr(cast(key_hash as text), '%s') or prefix = '%s'", key.api_key, key.api_key);
    assert_int_equal(world_number(w, sql), 0);
}

static void test_key_creation_bounds(void **state)
{
    struct world *w = *state;
    struct principal owner, by;
    struct new_key made;
    struct problem problem;
    struct grant g = world_register(w, owner_email);
    assert_true(world_bearer(w, g.token, &owner));
    assert_false(accounts_create_key(&w->app, &owner, SPAN(""), SCOPE_CHAT, 0, &made, &problem));
    assert_string_equal(problem.field, "name");
    assert_false(accounts_create_key(&w->app, &owner, SPAN("a\nb"), SCOPE_CHAT, 0, &made, &problem));
    assert_string_equal(problem.field, "name");
    assert_false(accounts_create_key(&w->app, &owner, SPAN("k"), 0, 0, &made, &problem));
    assert_string_equal(problem.field, "scopes");
    assert_false(accounts_create_key(&w->app, &owner, SPAN("k"), SCOPE_CHAT, sys_wall_ms(), &made, &problem));
    assert_string_equal(problem.field, "expires_at");
    struct new_key chat_only = world_key(w, &g, SCOPE_CHAT), admin = world_key(w, &g, SCOPE_CHAT | SCOPE_ADMIN);
    assert_true(world_bearer(w, chat_only.api_key, &by));
    assert_false(accounts_create_key(&w->app, &by, SPAN("k"), SCOPE_CHAT, 0, &made, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    assert_true(world_bearer(w, admin.api_key, &by));
    assert_true(accounts_create_key(&w->app, &by, SPAN("k"), SCOPE_CHAT, 0, &made, &problem));
    assert_false(accounts_create_key(&w->app, &by, SPAN("k"), SCOPE_CHAT | SCOPE_KNOWLEDGE_WRITE, 0, &made, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    assert_non_null(strstr(problem.detail, "knowledge:write"));
}

/* A key bound to a collection cannot make one that sees more. */
static void test_key_keeps_collection(void **state)
{
    struct world *w = *state;
    struct principal by;
    struct new_key made;
    struct problem problem;
    struct grant g = world_register(w, owner_email);
    struct new_key admin = world_key(w, &g, SCOPE_CHAT | SCOPE_ADMIN);
    world_sql(w, "update api_key set collection_id = (select collection_id from collection)");
    assert_true(world_bearer(w, admin.api_key, &by));
    assert_true(by.collection_id > 0);
    assert_true(accounts_create_key(&w->app, &by, SPAN("k"), SCOPE_CHAT, 0, &made, &problem));
    int64_t collection_id = by.collection_id;
    assert_true(world_bearer(w, made.api_key, &by));
    assert_int_equal(by.collection_id, collection_id);
}

static void test_key_ends(void **state)
{
    struct world *w = *state;
    struct principal owner;
    struct new_key key;
    struct problem problem;
    struct grant g = world_register(w, owner_email);
    assert_true(world_bearer(w, g.token, &owner));
    assert_true(accounts_create_key(&w->app, &owner, SPAN("k"), SCOPE_CHAT, sys_wall_ms() + 1000, &key, &problem));
    assert_true(world_bearer(w, key.api_key, NULL));
    world_advance_ms(1000);
    assert_false(world_bearer(w, key.api_key, NULL));
    struct new_key other = world_key(w, &g, SCOPE_CHAT);
    world_sql(w, "update tenant set status = 'suspended'");
    assert_false(world_bearer(w, other.api_key, NULL));
    world_sql(w, "update tenant set status = 'active'");
    assert_true(world_bearer(w, other.api_key, NULL));
    world_sql(w, "update api_key set revoked_at = 1");
    assert_false(world_bearer(w, other.api_key, NULL));
}

static void test_last_use(void **state)
{
    struct world *w = *state;
    struct grant g = world_register(w, owner_email);
    struct new_key key = world_key(w, &g, SCOPE_CHAT);
    int64_t first = sys_wall_ms();
    assert_int_equal(world_number(w, "select count(*) from api_key where last_used_at is null"), 1);
    assert_true(world_bearer(w, key.api_key, NULL));
    world_advance_ms(59999);
    assert_true(world_bearer(w, key.api_key, NULL));
    world_restart(w); /* writes what is queued */
    assert_int_equal(world_number(w, "select last_used_at from api_key"), first);
    assert_true(world_bearer(w, key.api_key, NULL)); /* a new process knows nothing, the row does */
    world_restart(w);
    assert_int_equal(world_number(w, "select last_used_at from api_key"), first);
    world_advance_ms(1);
    assert_true(world_bearer(w, key.api_key, NULL));
    world_restart(w);
    assert_int_equal(world_number(w, "select last_used_at from api_key"), first + 60000);
}

static void test_headers(void **state)
{
    struct world *w = *state;
    struct principal by;
    struct grant g = world_register(w, owner_email);
    struct new_key key = world_key(w, &g, SCOPE_CHAT);
    char bearer[1100], shouted[1100], basic[1100], doubled[200];
    snprintf(bearer, sizeof bearer, "Bearer %s", g.token);
    snprintf(shouted, sizeof shouted, "bEARER   %s", g.token);
    snprintf(basic, sizeof basic, "Basic %s", g.token);
    snprintf(doubled, sizeof doubled, "%s, %s", key.api_key, key.api_key);
    char changed[64];
    memcpy(changed, key.api_key, sizeof changed);
    changed[20] = changed[20] == 'x' ? 'y' : 'x';
    const struct {
        const char *authorization, *api_key;
        bool holds, person;
    } cases[] = {
        {bearer, NULL, true, true},
        {shouted, NULL, true, true},
        {NULL, key.api_key, true, false},
        {bearer, key.api_key, true, false},
        {"Bearer x", key.api_key, true, false},
        {NULL, NULL, false, false},
        {bearer, "", false, false},
        {bearer, changed, false, false},
        {bearer, "cfx_", false, false},
        {NULL, g.token, false, false},
        {NULL, doubled, false, false},
        {basic, NULL, false, false},
        {g.token, NULL, false, false},
        {"Bearer", NULL, false, false},
        {"Bearer ", NULL, false, false},
        {"", NULL, false, false},
        {"Bearer cfx_", NULL, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct problem problem = {0};
        struct credential c = {{NULL, 0}, {NULL, 0}};
        if (cases[i].authorization)
            c.authorization = span_of(cases[i].authorization);
        if (cases[i].api_key)
            c.api_key = span_of(cases[i].api_key);
        bool holds = authenticate(&w->app, &c, &by, &problem);
        if (holds != cases[i].holds || (holds && by.is_person != cases[i].person))
            fail_msg("case %zu", i);
        assert_int_equal(problem.kind, holds ? PROBLEM_NONE : PROBLEM_UNAUTHORIZED);
        assert_true(holds || by.tenant.id == 0);
    }
}

static void test_scopes(void **state)
{
    (void)state;
    struct principal key = {.scopes = SCOPE_CHAT};
    struct problem problem;
    unsigned scope = 0;
    assert_true(require_scope(&key, 0, NULL));
    assert_true(require_scope(&key, SCOPE_CHAT, NULL));
    assert_false(require_scope(&key, SCOPE_CHAT | SCOPE_KNOWLEDGE_WRITE, &problem));
    assert_non_null(strstr(problem.detail, "knowledge:write"));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    assert_true(scope_from_name(SPAN("knowledge:read"), &scope));
    assert_int_equal(scope, SCOPE_KNOWLEDGE_READ);
    assert_false(scope_from_name(SPAN("knowledge"), &scope));
    assert_false(scope_from_name(SPAN("Chat"), &scope));
    assert_false(scope_from_name(SPAN(""), &scope));
}

static void test_health(void **state)
{
    struct world *w = *state;
    assert_true(health_database(&w->app));
    world_sql(w, "drop table login");
    assert_false(health_database(&w->app));
}

int main(void)
{
#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_register),
        WITH_WORLD(test_register_refusals),
        WITH_WORLD(test_register_closed),
        WITH_WORLD(test_register_twice),
        WITH_WORLD(test_login),
        WITH_WORLD(test_login_limit),
        WITH_WORLD(test_token_ends),
        WITH_WORLD(test_token_revoked),
        WITH_WORLD(test_restart),
        WITH_WORLD(test_roles),
        WITH_WORLD(test_key),
        WITH_WORLD(test_key_creation_bounds),
        WITH_WORLD(test_key_ends),
        WITH_WORLD(test_key_keeps_collection),
        WITH_WORLD(test_last_use),
        WITH_WORLD(test_headers),
        WITH_WORLD(test_health),
        cmocka_unit_test(test_scopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
