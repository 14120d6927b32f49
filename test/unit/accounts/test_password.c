/* Passwords: the rules by table, the hashes; and e-mail addresses. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/email.h"
#include "app/password.h"

static bool accepted(const char *password)
{
    struct problem problem = {0};
    bool yes = password_accepted(span_of(password), SPAN("Acme Fictitious Ltd"), SPAN("Jane.Doe-Smith@example.com"), &problem);
    assert_int_equal(problem.kind, yes ? PROBLEM_NONE : PROBLEM_INVALID);
    if (!yes) {
        assert_string_equal(problem.field, "password");
    }
    return yes;
}

static void test_rules(void **state)
{
    (void)state;
    static const struct {
        const char *password;
        bool yes;
    } cases[] = {
        {"secure_password_123", true},
        {"correct horse battery", true},
        {"x7#kQ2!p", true},
        {"\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F-\xE4\xB8\xAD\xE6\x96\x87-", true},
        {"", false},
        {"x7#kQ2!", false},
        {"\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xC3\xA4\xC3\xB6\xC3\xBC", false} /* seven characters in fourteen bytes */,
        {"password", false},
        {"PASSWORD", false},
        {"Password1", false},
        {"password123", false},
        {"P@ssw0rd", false},
        {"iloveyou", false},
        {"qwerty123", false},
        {"chatifix", false},
        {"letmein123", false},
        {"zxcvbnm,", false},
        {"aaaaaaaa", false},
        {"abababab", false},
        {"abcabcabc", false},
        {"12341234", false},
        {"        ", false},
        {"12345678", false},
        {"123456789", false},
        {"1234567890", false},
        {"0987654321", false},
        {"87654321", false},
        {"abcdefgh", false},
        {"STUVWXYZ", false},
        {"hgfedcba", false},
        {"qwertyui", false},
        {"poiuytrewq", false},
        {"asdfghjkl", false},
        {"1qaz2wsx", false},
        {"!@#$%^&*", false},
        {"acme fictitious ltd", false},
        {"jane.doe-smith@EXAMPLE.com", false},
        {"Jane.Doe-Smith", false},
        {"bad utf-8 \xff\xfe", false},
        {"12345678x", true},
        {"acme fictitious ltd!", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (accepted(cases[i].password) != cases[i].yes)
            fail_msg("%s: %s", cases[i].yes ? "refused" : "accepted", cases[i].password);
    }
}

static void test_longest(void **state)
{
    (void)state;
    char password[600];
    size_t n = 0;
    for (int i = 0; i < 128; i++)
        n += (size_t)snprintf(password + n, sizeof password - n, "%s", i % 7 ? "\xE4\xB8\xAD" : "q");
    assert_true(accepted(password));
    snprintf(password + n, sizeof password - n, "z");
    assert_false(accepted(password));
    assert_false(password_accepted((struct span){"before\0after", 12}, SPAN("n"), SPAN("a@b.example"), NULL));
}

static void test_never_quoted(void **state)
{
    (void)state;
    static const char *const refused[] = {"zyxzyxzyx", "trustno1", "z7#kQ2!", "Jane.Doe-Smith"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct problem problem = {0};
        assert_false(password_accepted(span_of(refused[i]), SPAN("n"), SPAN("Jane.Doe-Smith@example.com"), &problem));
        assert_null(strstr(problem.detail, refused[i]));
    }
}

static void test_hash(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
    assert_true(password_hash(SPAN("secure_password_123"), hash));
    assert_true(password_hash(SPAN("secure_password_123"), again));
    assert_string_not_equal(hash, again);
    assert_true(password_verify(span_of(hash), SPAN("secure_password_123")));
    assert_false(password_verify(span_of(hash), SPAN("secure_password_124")));
    assert_false(password_verify(span_of(hash), SPAN("")));
    assert_false(password_verify(SPAN(""), SPAN("secure_password_123")));
    assert_false(password_verify(SPAN("$argon2id$v=19$m=19456,t=2,p=1$"), SPAN("secure_password_123")));
}

/* An unknown address must cost what a known one costs: the same algorithm and figures, and a hash that is well-formed to its end. */
static void test_dummy_costs_the_same(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_SIZE];
    struct span figures = SPAN("$argon2id$v=19$m=19456,t=2,p=1$");
    struct span dummy = password_dummy_hash();
    assert_true(password_hash(SPAN("secure_password_123"), hash));
    assert_true(span_starts(span_of(hash), figures));
    assert_true(span_starts(dummy, figures));
    assert_int_equal(dummy.n, strlen(hash));
    char text[PASSWORD_HASH_SIZE];
    assert_true(span_to_cstr(dummy, text, sizeof text));
    assert_int_equal(crypto_pwhash_str_needs_rehash(text, 2, 19456 * 1024), 0);
    assert_false(password_verify(dummy, SPAN("secure_password_123")));
}

static void test_email(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a@b.example", "jane.doe+tag@mail.example.com", "root@localhost", "j\xC3\xB6rg@b\xC3\xBCro.example", "o'neil@a-b.example", "1@2.3"};
    static const char *const bad[] = {"",
                                      "a",
                                      "a@b",
                                      "@b.example",
                                      "a@",
                                      "a@b@c.example",
                                      "a b@c.example",
                                      "a@b .example",
                                      "a@.example",
                                      "a@b..example",
                                      "a@b.example.",
                                      "a@-b.example",
                                      "a@b-.example",
                                      ".a@b.example",
                                      "a.@b.example",
                                      "a..b@c.example",
                                      "a\n@b.example",
                                      "a@b.example\r\nBcc: x",
                                      "<a@b.example>",
                                      "\"a\"@b.example",
                                      "a,b@c.example",
                                      "a@[127.0.0.1]",
                                      "[email\xC2\xA0protected]",
                                      "a\xE2\x80\x8B@b.example",
                                      "a@b.ex\xffmple",
                                      "a@\xE2\x80\xAE.example"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!email_valid(span_of(good[i])))
            fail_msg("refused: %s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (email_valid(span_of(bad[i])))
            fail_msg("accepted: %s", bad[i]);
    }
    char longest[300];
    snprintf(longest, sizeof longest, "a@%063d.%063d.%063d.%060d", 1, 2, 3, 4);
    assert_int_equal(strlen(longest), 254);
    assert_true(email_valid(span_of(longest)));
    snprintf(longest, sizeof longest, "a@%063d.%063d.%063d.%061d", 1, 2, 3, 4);
    assert_false(email_valid(span_of(longest)));
}

static void test_email_folded(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    assert_true(span_eq(email_folded(SPAN("Jane@EXAMPLE.com"), arena), SPAN("jane@example.com")));
    assert_true(span_eq(email_folded(SPAN("STRA\xC3\x9F\x45@b.example"), arena), email_folded(SPAN("strasse@B.example"), arena)));
    assert_true(span_eq(email_folded(SPAN("A\xCC\x88@b.example"), arena), SPAN("\xC3\xA4@b.example")));
    assert_null(email_folded(SPAN("\xff@b.example"), arena).p);
    arena_free(arena);
}

static int set_up(void **state)
{
    (void)state;
    return sodium_init() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_never_quoted),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_dummy_costs_the_same),
        cmocka_unit_test(test_email),
        cmocka_unit_test(test_email_folded),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
