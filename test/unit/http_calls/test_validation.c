/* Validation in FastAPI's form, and times of RFC 3339. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_exchange.h"
#include "http/call.h"
#include "http/rfc3339.h"

struct checked {
    struct exchange *x;
    json_t *body;
    struct validation v;
};

static struct checked begin(const char *body)
{
    char why[100];
    struct checked c = {.x = fake_new(HTTP_POST, "/", NULL), .body = json_read(span_of(body), why, sizeof why)};
    assert_non_null(c.body);
    validation_begin(&c.v, c.body);
    return c;
}

static void end_well(struct checked *c)
{
    assert_true(validation_end(&c->v, c->x));
    assert_int_equal(fake_status(c->x), 0);
    json_decref(c->body);
    fake_free(c->x);
}

/* The reply is 422 with exactly this detail. */
static void end_badly(struct checked *c, const char *detail)
{
    char expected[2000];
    assert_false(validation_end(&c->v, c->x));
    assert_int_equal(fake_status(c->x), 422);
    snprintf(expected, sizeof expected,
             "{\"detail\":%s,\"type\":\"/errors/validation\",\"title\":\"Unprocessable Content\",\"status\":422,\"request_id\":\"req-test\"}", detail);
    struct span body = fake_reply_body(c->x);
    if (!span_eq(body, span_of(expected)))
        fail_msg("%.*s", SPAN_ARG(body));
    json_decref(c->body);
    fake_free(c->x);
}

static void test_good(void **state)
{
    (void)state;
    struct checked c = begin("{\"t\":\"a\\n\\tb\",\"e\":\"\",\"i\":7,\"b\":true,\"at\":\"2026-11-23T10:30:00+01:00\",\"n\":null,\"tenant_id\":\"ten_x\"}");
    assert_true(span_eq(validation_text(&c.v, "t", true, 1, 4), SPAN("a\n\tb")));
    assert_non_null(validation_text(&c.v, "e", true, 0, 4).p);
    assert_null(validation_text(&c.v, "n", false, 1, 4).p);
    assert_null(validation_text(&c.v, "absent", false, 1, 4).p);
    assert_int_equal(validation_int(&c.v, "i", 1, 7, 7), 7);
    assert_int_equal(validation_int(&c.v, "absent", -5, 7, 7), -5);
    assert_true(validation_bool(&c.v, "b", false));
    assert_true(validation_bool(&c.v, "n", true));
    assert_int_equal(validation_time(&c.v, "at"), 1795426200000);
    assert_int_equal(validation_time(&c.v, "absent"), 0);
    end_well(&c);
}

static void test_missing(void **state)
{
    (void)state;
    struct checked c = begin("{\"password\":\"hunter2\",\"null\":null}");
    validation_text(&c.v, "email", true, 1, 9);
    validation_text(&c.v, "null", true, 1, 9);
    end_badly(&c, "[{\"type\":\"missing\",\"loc\":[\"body\",\"email\"],\"msg\":\"Field required\",\"input\":null},"
                  "{\"type\":\"missing\",\"loc\":[\"body\",\"null\"],\"msg\":\"Field required\",\"input\":null}]");
}

static void test_texts(void **state)
{
    (void)state;
    struct checked c = begin("{\"n\":5,\"s\":\"\xC3\xA4\",\"l\":\"abc\",\"c\":\"a\\u0007\"}");
    assert_null(validation_text(&c.v, "n", false, 1, 9).p);
    assert_null(validation_text(&c.v, "s", false, 2, 9).p);
    assert_null(validation_text(&c.v, "l", false, 0, 1).p);
    assert_null(validation_text(&c.v, "c", false, 0, 9).p);
    end_badly(&c, "[{\"type\":\"string_type\",\"loc\":[\"body\",\"n\"],\"msg\":\"Input should be a valid string\",\"input\":5},"
                  "{\"type\":\"string_too_short\",\"loc\":[\"body\",\"s\"],\"msg\":\"String should have at least 2 characters\",\"input\":\"\xC3\xA4\"},"
                  "{\"type\":\"string_too_long\",\"loc\":[\"body\",\"l\"],\"msg\":\"String should have at most 1 character\",\"input\":\"abc\"},"
                  "{\"type\":\"value_error\",\"loc\":[\"body\",\"c\"],\"msg\":\"String may hold no control characters but line breaks and tabs\","
                  "\"input\":\"a\\u0007\"}]");
}

static void test_numbers(void **state)
{
    (void)state;
    struct checked c = begin("{\"low\":0,\"high\":101,\"half\":1.5,\"text\":\"1\",\"flag\":1,\"list\":[1]}");
    assert_int_equal(validation_int(&c.v, "low", 5, 1, 100), 5);
    validation_int(&c.v, "high", 5, 1, 100);
    validation_int(&c.v, "half", 5, 1, 100);
    validation_int(&c.v, "text", 5, 1, 100);
    assert_true(validation_bool(&c.v, "flag", true));
    validation_int(&c.v, "list", 5, 1, 100);
    end_badly(&c, "[{\"type\":\"greater_than_equal\",\"loc\":[\"body\",\"low\"],\"msg\":\"Input should be greater than or equal to 1\",\"input\":0},"
                  "{\"type\":\"less_than_equal\",\"loc\":[\"body\",\"high\"],\"msg\":\"Input should be less than or equal to 100\",\"input\":101},"
                  "{\"type\":\"int_type\",\"loc\":[\"body\",\"half\"],\"msg\":\"Input should be a valid integer\",\"input\":1.5},"
                  "{\"type\":\"int_type\",\"loc\":[\"body\",\"text\"],\"msg\":\"Input should be a valid integer\",\"input\":\"1\"},"
                  "{\"type\":\"bool_type\",\"loc\":[\"body\",\"flag\"],\"msg\":\"Input should be a valid boolean\",\"input\":1},"
                  "{\"type\":\"int_type\",\"loc\":[\"body\",\"list\"],\"msg\":\"Input should be a valid integer\",\"input\":null}]");
}

static void test_secrets_are_not_echoed(void **state)
{
    (void)state;
    struct checked c = begin("{\"password\":\"hunter2\",\"api_key\":\"hunter2\",\"token\":\"hunter2\"}");
    validation_text(&c.v, "password", true, 8, 128);
    validation_text(&c.v, "api_key", true, 8, 128);
    validation_int(&c.v, "token", 1, 1, 2);
    assert_false(validation_end(&c.v, c.x));
    assert_int_equal(fake_status(c.x), 422);
    assert_true(span_find(fake_reply_body(c.x), SPAN("hunter2")) < 0);
    json_decref(c.body);
    fake_free(c.x);
}

static void test_long_input_is_clipped(void **state)
{
    (void)state;
    size_t n = 100000;
    char *body = malloc(n + 20);
    assert_non_null(body);
    memcpy(body, "{\"t\":\"", 6);
    memset(body + 6, 'x', n);
    memcpy(body + 6 + n, "\"}", 3);
    struct checked c = begin(body);
    validation_text(&c.v, "t", true, 1, 10);
    assert_false(validation_end(&c.v, c.x));
    assert_true(fake_reply_body(c.x).n < 600);
    json_decref(c.body);
    fake_free(c.x);
    free(body);
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.001z", 1},
        {"2026-11-23T09:30:00Z", 1795426200000},
        {"2026-11-23t09:30:00.25Z", 1795426200250},
        {"2026-11-23 09:30:00Z", 1795426200000},
        {"2026-11-23T11:15:00+01:45", 1795426200000},
        {"2026-11-23T01:30:00-08:00", 1795426200000},
        {"2000-02-29T00:00:00Z", 951782400000},
        {"2100-03-01T00:00:00Z", 4107542400000},
        {"9999-12-31T23:59:59.999999Z", 253402300799999},
        {"2016-12-31T23:59:60Z", 1483228799000},
        {"", -1},
        {"2026-11-23", -1},
        {"2026-11-23T09:30:00", -1},
        {"2026-11-23T09:30Z", -1},
        {"2026-11-23T09:30:00.Z", -1},
        {"2026-11-23T09:30:00Zx", -1},
        {"2026-13-01T00:00:00Z", -1},
        {"2026-00-01T00:00:00Z", -1},
        {"2026-02-29T00:00:00Z", -1},
        {"2100-02-29T00:00:00Z", -1},
        {"2026-04-31T00:00:00Z", -1},
        {"2026-11-23T24:00:00Z", -1},
        {"2026-11-23T23:60:00Z", -1},
        {"2026-11-23T23:00:61Z", -1},
        {"2026-11-23T09:30:00+0100", -1},
        {"2026-11-23T09:30:00+24:00", -1},
        {"1969-12-31T23:59:59Z", -1},
        {"1970-01-01T00:00:00+00:01", -1},
        {"-2026-11-23T09:30:00Z", -1},
        {"+026-11-23T09:30:00Z", -1},
        {"10000-01-01T00:00:00Z", -1},
        {"2026-1-23T09:30:00Z", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms = -1;
        bool read = rfc3339_read(span_of(cases[i].text), &ms);
        if (read != (cases[i].ms >= 0) || ms != cases[i].ms)
            fail_msg("%s gives %lld", cases[i].text, (long long)ms);
    }
    /* Every cut of a good one is refused, and nothing is read past its end. */
    const char *good = "2026-11-23T09:30:00.25+01:00";
    for (size_t n = 0; n < strlen(good); n++) {
        int64_t ms;
        char *copy = malloc(n + 1);
        assert_non_null(copy);
        memcpy(copy, good, n);
        assert_false(rfc3339_read((struct span){copy, n}, &ms));
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_secrets_are_not_echoed),
        cmocka_unit_test(test_long_input_is_clipped),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
