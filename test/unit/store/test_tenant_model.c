/* Whose vectors answer for a tenant: what is recorded and what follows without a record, the lease, and the tenants that are left after a change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "store/model.h"

enum { ME = 11, OTHER = 12, LEASE = 100 };

static const char *answering(struct fixture *f, const struct tenant *t)
{
    static struct model_name model;
    assert_ok(store_tenant_model(t, f->c, &model));
    return model.text;
}

static bool claim(struct fixture *f, const struct tenant *t, const char *model, int64_t owner, int64_t now)
{
    bool held;
    assert_ok(store_tenant_model_claim(t, f->c, span_of(model), owner, now, now + LEASE, &held));
    return held;
}

static bool hold(struct fixture *f, int64_t owner, int64_t until)
{
    bool held;
    assert_ok(store_tenant_model_hold(&f->a, f->c, owner, until, &held));
    return held;
}

static bool change_over(struct fixture *f, const char *model, int64_t owner)
{
    bool held;
    assert_ok(store_tenant_model_switch(&f->a, f->c, span_of(model), owner, &held));
    return held;
}

static bool settle(struct fixture *f, const struct tenant *t, int64_t owner)
{
    bool held;
    assert_ok(store_tenant_model_settle(t, f->c, owner, &held));
    return held;
}

static void add_vector(struct fixture *f, const struct tenant *t, int64_t document, int32_t ordinal, const char *model)
{
    assert_ok(store_embedding_insert(t, f->c, document, 1, ordinal, span_of(model), SPAN("v")));
}

static void what_is_not_recorded_follows_from_the_vectors(void **state)
{
    struct fixture *f = *state;
    fixture_insert_document(f, &f->a, 1);
    assert_string_equal(answering(f, &f->a), "");
    add_vector(f, &f->a, 1, 0, "old");
    assert_string_equal(answering(f, &f->a), "old");
    assert_string_equal(answering(f, &f->b), "");
    assert_ok(store_tenant_model_note(&f->b, f->c, &(struct model_name){"noted"}));
    assert_string_equal(answering(f, &f->b), "noted");
    assert_ok(store_tenant_model_note(&f->b, f->c, &(struct model_name){"late"}));
    assert_string_equal(answering(f, &f->b), "noted");
    assert_true(claim(f, &f->a, "recorded", ME, NOW));
    assert_string_equal(answering(f, &f->a), "recorded");
    assert_true(claim(f, &f->a, "late", ME, NOW)); /* a record stays */
    assert_string_equal(answering(f, &f->a), "recorded");
    assert_string_equal(answering(f, &f->b), "noted");
}

static void one_node_at_a_time_has_a_tenant(void **state)
{
    struct fixture *f = *state;
    assert_true(claim(f, &f->a, "m", ME, NOW));
    assert_false(claim(f, &f->a, "m", OTHER, NOW + LEASE - 1));
    assert_true(claim(f, &f->b, "m", OTHER, NOW)); /* another tenant is another matter */
    assert_true(hold(f, ME, NOW + 2 * LEASE));
    assert_false(hold(f, OTHER, NOW + 9 * LEASE));
    assert_false(claim(f, &f->a, "m", OTHER, NOW + LEASE));
    assert_true(claim(f, &f->a, "m", OTHER, NOW + 2 * LEASE));
    assert_false(hold(f, ME, NOW + 9 * LEASE));
    assert_false(change_over(f, "n", ME));
    assert_string_equal(answering(f, &f->a), "m");
    assert_false(settle(f, &f->a, ME));
    assert_true(change_over(f, "n", OTHER));
    assert_string_equal(answering(f, &f->a), "n");
    assert_string_equal(answering(f, &f->b), "m");
    assert_true(settle(f, &f->a, OTHER));
    assert_true(claim(f, &f->a, "m", ME, NOW)); /* the lease went with it */
}

/* The letters of the tenants that are left; each one's successor is asked for. */
static const char *left(struct fixture *f, const char *model)
{
    static const char *const texts[] = {"", "a", "b", "ab"};
    int64_t after = 0, id = 0;
    size_t which = 0, count;
    do {
        assert_ok(store_tenants_unsettled(f->c, after, span_of(model), &id, 1, &count));
        assert_true(!count || (id > after && (id == f->a.id || id == f->b.id)));
        which |= !count ? 0 : id == f->a.id ? 1 : 2;
        after = id;
    } while (count);
    return texts[which];
}

static void tenants_are_left_until_they_are_settled(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(left(f, "m"), ""); /* without a login there is no tenant */
    assert_ok(store_login_insert(&f->a, f->c, SPAN("a"), 1));
    assert_ok(store_login_insert(&f->a, f->c, SPAN("a, too"), 2));
    assert_ok(store_login_insert(&f->b, f->c, SPAN("b"), 1));
    assert_string_equal(left(f, "m"), "ab");
    assert_true(claim(f, &f->a, "m", ME, NOW));
    assert_string_equal(left(f, "m"), "ab");
    assert_true(settle(f, &f->a, ME));
    assert_string_equal(left(f, "m"), "b");
    assert_true(claim(f, &f->b, "m", ME, NOW) && settle(f, &f->b, ME));
    assert_string_equal(left(f, "m"), "");
    assert_string_equal(left(f, "n"), "ab");
    assert_ok(store_tenant_model_unsettle(&f->b, f->c));
    assert_string_equal(left(f, "m"), "b");
}

static void vectors_that_others_made_go(void **state)
{
    struct fixture *f = *state;
    bool has;
    for (int i = 1; i <= 2; i++) {
        fixture_insert_document(f, &f->a, i);
        add_vector(f, &f->a, i, 0, "m");
    }
    fixture_insert_document(f, &f->b, 1);
    add_vector(f, &f->b, 1, 0, "old");
    assert_ok(store_embedding_has_other(&f->a, f->c, 1, SPAN("m"), &has));
    assert_false(has);
    add_vector(f, &f->a, 1, 0, "old");
    add_vector(f, &f->a, 2, 0, "old");
    assert_ok(store_embedding_has_other(&f->a, f->c, 1, SPAN("m"), &has));
    assert_true(has);
    assert_ok(store_embedding_delete_other(&f->a, f->c, 1, SPAN("m")));
    assert_ok(store_embedding_has_other(&f->a, f->c, 1, SPAN("m"), &has));
    assert_false(has);
    assert_int_equal(fixture_count(f, &f->a, IN_EMBEDDING), 3);
    assert_int_equal(fixture_count(f, &f->b, IN_EMBEDDING), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_is_not_recorded_follows_from_the_vectors),
        STORE_TEST(one_node_at_a_time_has_a_tenant),
        STORE_TEST(tenants_are_left_until_they_are_settled),
        STORE_TEST(vectors_that_others_made_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
