/* Tenants, users, logins, keys, settings, usage, idempotency and the server's state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static void the_servers_state_is_set_once(void **state)
{
    struct fixture *f = *state;
    struct span value;
    assert_ok(store_server_state(f->c, "secret", SPAN("\0first"), f->arena, &value));
    assert_text(value, "\0first");
    assert_ok(store_server_state(f->c, "secret", SPAN("second"), f->arena, &value));
    assert_text(value, "\0first");
    struct db_conn *reader = db_acquire(f->db, DB_READ);
    assert_ok(store_server_state(reader, "secret", SPAN("third"), f->arena, &value));
    assert_text(value, "\0first");
    db_release(reader);
}

static void a_tenant_is_read_back(void **state)
{
    struct fixture *f = *state;
    struct tenant_row row;
    bool found;
    assert_ok(store_tenant_get(&f->a, f->c, f->arena, &row, &found));
    assert_true(found);
    assert_string_equal(row.public_id, "ten_a");
    assert_text(row.name, "a");
    assert_string_equal(row.status, "active");
    assert_int_equal(row.created_at, NOW);
    assert_ok(store_tenant_get(&(struct tenant){.id = 77}, f->c, f->arena, &row, &found));
    assert_false(found);
}

static void the_index_seq_rises_for_its_tenant_alone(void **state)
{
    struct fixture *f = *state;
    int64_t seq;
    assert_ok(store_tenant_next_seq(&f->a, f->c, &seq));
    assert_int_equal(seq, 1);
    assert_ok(store_tenant_next_seq(&f->a, f->c, &seq));
    assert_int_equal(seq, 2);
    assert_ok(store_tenant_seq(&f->a, f->c, &seq));
    assert_int_equal(seq, 2);
    assert_ok(store_tenant_seq(&f->b, f->c, &seq));
    assert_int_equal(seq, 0);
    assert_int_equal(store_tenant_next_seq(&(struct tenant){.id = 77}, f->c, &seq), DB_ERROR);
}

static const struct user_row ann = {.user_id = 5,
                                    .public_id = "usr_1",
                                    .email = {"Ann@Example.com", 15},
                                    .name = {"Ann", 3},
                                    .role = "owner",
                                    .status = "active",
                                    .token_epoch = 3,
                                    .password_hash = {"$argon2id$", 10},
                                    .created_at = NOW};

static void a_user_is_read_back(void **state)
{
    struct fixture *f = *state;
    struct user_row row;
    struct user_access access;
    bool found;
    assert_ok(store_user_insert(&f->a, f->c, &ann));
    assert_ok(store_user_get(&f->a, f->c, 5, f->arena, &row, &found));
    assert_true(found);
    assert_int_equal(row.user_id, 5);
    assert_string_equal(row.public_id, "usr_1");
    assert_text(row.email, "Ann@Example.com");
    assert_text(row.name, "Ann");
    assert_string_equal(row.role, "owner");
    assert_int_equal(row.token_epoch, 3);
    assert_text(row.password_hash, "$argon2id$");
    assert_ok(store_user_access(&f->a, f->c, 5, &access, &found));
    assert_true(found);
    assert_string_equal(access.user_public_id, "usr_1");
    assert_string_equal(access.tenant_public_id, "ten_a");
    assert_string_equal(access.role, "owner");
    assert_string_equal(access.user_status, "active");
    assert_string_equal(access.tenant_status, "active");
    assert_int_equal(access.token_epoch, 3);
    assert_ok(store_user_access(&f->a, f->c, 6, &access, &found));
    assert_false(found);
}

static void an_address_is_taken_once(void **state)
{
    struct fixture *f = *state;
    int64_t tenant_id, user_id;
    bool found;
    assert_ok(store_login_insert(&f->a, f->c, SPAN("ann@example.com"), 5));
    assert_int_equal(store_login_insert(&f->a, f->c, SPAN("ann@example.com"), 6), DB_CONFLICT);
    assert_int_equal(store_login_insert(&f->b, f->c, SPAN("ann@example.com"), 5), DB_CONFLICT);
    assert_ok(store_login_find(f->c, SPAN("ann@example.com"), &tenant_id, &user_id, &found));
    assert_true(found && tenant_id == f->a.id && user_id == 5);
    assert_ok(store_login_find(f->c, SPAN("Ann@example.com"), &tenant_id, &user_id, &found));
    assert_false(found);
}

static void a_key_is_found_by_its_hash(void **state)
{
    struct fixture *f = *state;
    static const struct span hash = {"0123456789abcdef0123456789\0\1\2\3\4\5", 32};
    struct api_key_row key = {
        .key_id = 9, .public_id = "key_1", .name = SPAN("CI"), .prefix = "cfx_abc", .scopes = 7, .created_at = NOW, .expires_at = NOW + 5};
    struct api_key_access access;
    int64_t tenant_id, key_id;
    bool found;
    assert_ok(store_api_key_insert(&f->a, f->c, &key, hash));
    assert_ok(store_api_key_find(f->c, hash, &tenant_id, &key_id, &found));
    assert_true(found && tenant_id == f->a.id && key_id == 9);
    assert_ok(store_api_key_find(f->c, SPAN("0123456789abcdef0123456789abcdef"), &tenant_id, &key_id, &found));
    assert_false(found);
    assert_ok(store_api_key_access(&f->a, f->c, 9, &access, &found));
    assert_true(found);
    assert_string_equal(access.key_public_id, "key_1");
    assert_string_equal(access.tenant_public_id, "ten_a");
    assert_int_equal(access.scopes, 7);
    assert_int_equal(access.collection_id, 0);
    assert_int_equal(access.expires_at, NOW + 5);
    assert_int_equal(access.revoked_at, 0);
    assert_int_equal(access.last_used_at, 0);
    assert_ok(store_api_key_used(&f->a, f->c, 9, NOW + 2));
    assert_ok(store_api_key_used(&f->a, f->c, 9, NOW + 1)); /* an older note comes late */
    assert_ok(store_api_key_access(&f->a, f->c, 9, &access, &found));
    assert_int_equal(access.last_used_at, NOW + 2);
    assert_int_equal(store_api_key_insert(&f->b, f->c, &key, hash), DB_CONFLICT);
}

static void settings_are_replaced(void **state)
{
    struct fixture *f = *state;
    struct span value;
    bool found;
    assert_ok(store_setting_get(&f->a, f->c, "fallback", f->arena, &value, &found));
    assert_false(found);
    assert_ok(store_setting_put(&f->a, f->c, "fallback", SPAN("one")));
    assert_ok(store_setting_put(&f->a, f->c, "fallback", SPAN("")));
    assert_ok(store_setting_get(&f->a, f->c, "fallback", f->arena, &value, &found));
    assert_true(found && value.p && value.n == 0);
}

static int64_t used(struct fixture *f, const struct tenant *t, int64_t day)
{
    static const struct db_statement read = {"test.usage",
                                             "select coalesce(sum(amount), 0) from usage where tenant_id = $1 and day = $2 and metric = 'questions'"};
    struct db_stmt *s = db_prepare(f->c, &read);
    db_bind_int(s, 1, t->id);
    db_bind_int(s, 2, day);
    assert_int_equal(db_step(s), DB_ROW);
    int64_t amount = db_int(s, 0);
    db_end(s);
    return amount;
}

static void usage_adds_up_by_day(void **state)
{
    struct fixture *f = *state;
    const int64_t day = 86400000;
    assert_ok(store_usage_add(&f->a, f->c, "questions", 2, 10 * day));
    assert_ok(store_usage_add(&f->a, f->c, "questions", 3, 11 * day - 1));
    assert_ok(store_usage_add(&f->a, f->c, "searches", 50, 10 * day));
    assert_ok(store_usage_add(&f->a, f->c, "questions", 7, 11 * day));
    assert_ok(store_usage_add(&f->b, f->c, "questions", 100, 10 * day));
    assert_int_equal(used(f, &f->a, 10), 5);
    assert_int_equal(used(f, &f->a, 11), 7);
}

static void tokens_of_a_day_are_both_ways(void **state)
{
    struct fixture *f = *state;
    const int64_t day = 86400000;
    int64_t tokens = -1;
    assert_ok(store_usage_tokens(&f->a, f->c, 10 * day, &tokens));
    assert_int_equal(tokens, 0);
    assert_ok(store_usage_add(&f->a, f->c, "tokens_in", 20, 10 * day));
    assert_ok(store_usage_add(&f->a, f->c, "tokens_out", 3, 10 * day + 1));
    assert_ok(store_usage_add(&f->a, f->c, "questions", 1, 10 * day));
    assert_ok(store_usage_add(&f->a, f->c, "tokens_in", 500, 11 * day));
    assert_ok(store_usage_add(&f->b, f->c, "tokens_in", 900, 10 * day));
    assert_ok(store_usage_tokens(&f->a, f->c, 11 * day - 1, &tokens));
    assert_int_equal(tokens, 23);
}

static void audit_lines_are_written(void **state)
{
    struct fixture *f = *state;
    assert_ok(store_audit_insert(&f->a, f->c, "usr_1", "key.create", "key_1", NOW));
    assert_ok(store_audit_insert(&f->a, f->c, "usr_1", "key.create", "key_1", NOW));
    assert_int_equal(fixture_count(f, &f->a, IN_AUDIT), 2);
}

/* ---- idempotency ---- */

enum { RUN = 7, NEXT_RUN = 8 };
static const unsigned char hash_one[32] = {1}, hash_two[32] = {2};

static bool claim(struct fixture *f, const unsigned char hash[32], int64_t now, struct idempotency_row *row)
{
    bool claimed;
    assert_ok(store_idempotency_claim(&f->a, f->c, "POST /x", SPAN("k"), hash, RUN, now, now + 100, f->arena, &claimed, row));
    return claimed;
}

static void a_request_is_claimed_once(void **state)
{
    struct fixture *f = *state;
    struct idempotency_row row;
    assert_true(claim(f, hash_one, NOW, &row));
    assert_false(claim(f, hash_two, NOW + 1, &row));
    assert_memory_equal(row.body_hash, hash_one, 32);
    assert_int_equal(row.status, 0);
    assert_ok(store_idempotency_finish(&f->a, f->c, "POST /x", SPAN("k"), 201, SPAN("{}")));
    assert_false(claim(f, hash_one, NOW + 2, &row));
    assert_int_equal(row.status, 201);
    assert_text(row.reply, "{}");
}

static void a_claim_given_back_is_free(void **state)
{
    struct fixture *f = *state;
    struct idempotency_row row;
    assert_true(claim(f, hash_one, NOW, &row));
    assert_ok(store_idempotency_drop(&f->a, f->c, "POST /x", SPAN("k")));
    assert_true(claim(f, hash_two, NOW, &row));
}

static void an_expired_claim_is_free(void **state)
{
    struct fixture *f = *state;
    struct idempotency_row row;
    assert_true(claim(f, hash_one, NOW, &row));
    assert_false(claim(f, hash_two, NOW + 99, &row));
    assert_true(claim(f, hash_two, NOW + 100, &row));
    assert_false(claim(f, hash_one, NOW + 101, &row));
    assert_memory_equal(row.body_hash, hash_two, 32);
}

static void a_claim_of_an_earlier_run_is_free_until_it_is_finished(void **state)
{
    struct fixture *f = *state;
    struct idempotency_row row;
    bool claimed;
    assert_true(claim(f, hash_one, NOW, &row));
    assert_ok(store_idempotency_claim(&f->a, f->c, "POST /x", SPAN("k"), hash_two, NEXT_RUN, NOW, NOW + 100, f->arena, &claimed, &row));
    assert_true(claimed);
    assert_ok(store_idempotency_finish(&f->a, f->c, "POST /x", SPAN("k"), 201, SPAN("{}")));
    assert_false(claim(f, hash_two, NOW, &row));
    assert_int_equal(row.status, 201);
}

static void expired_claims_are_swept(void **state)
{
    struct fixture *f = *state;
    struct idempotency_row row;
    bool claimed;
    for (char key = 'a'; key < 'm'; key++)
        assert_ok(store_idempotency_claim(&f->a, f->c, "r", (struct span){&key, 1}, hash_one, RUN, NOW, NOW + 10, f->arena, &claimed, &row));
    assert_int_equal(fixture_count(f, &f->a, IN_IDEMPOTENCY), 12);
    assert_true(claim(f, hash_one, NOW + 10, &row));
    assert_int_equal(fixture_count(f, &f->a, IN_IDEMPOTENCY), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(the_servers_state_is_set_once),
        STORE_TEST(a_tenant_is_read_back),
        STORE_TEST(the_index_seq_rises_for_its_tenant_alone),
        STORE_TEST(a_user_is_read_back),
        STORE_TEST(an_address_is_taken_once),
        STORE_TEST(a_key_is_found_by_its_hash),
        STORE_TEST(settings_are_replaced),
        STORE_TEST(usage_adds_up_by_day),
        STORE_TEST(tokens_of_a_day_are_both_ways),
        STORE_TEST(audit_lines_are_written),
        STORE_TEST(a_request_is_claimed_once),
        STORE_TEST(a_claim_given_back_is_free),
        STORE_TEST(an_expired_claim_is_free),
        STORE_TEST(a_claim_of_an_earlier_run_is_free_until_it_is_finished),
        STORE_TEST(expired_claims_are_swept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
