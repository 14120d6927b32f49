/* Feeds: what a follower gets from where, who is left, and how long an answer goes on alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fake_exchange.h"
#include "http/feed.h"

static const char start[] = "{\"a\":1}", source[] = "{\"b\":2}", citation[] = "{\"c\":3}", end[] = "{\"d\":4}";

static struct exchange *exchange(void)
{
    return fake_new(HTTP_GET, "/", NULL);
}

static void tell_all(struct feed *f)
{
    assert_true(feed_tell(f, "start", span_of(start)));
    assert_true(feed_tell(f, "source", span_of(source)));
    assert_true(feed_say(f, SPAN("one ")));
    assert_true(feed_say(f, SPAN("two")));
    assert_true(feed_tell(f, "citation", span_of(citation)));
    assert_true(feed_tell(f, "done", span_of(end)));
}

static void assert_ends_with(struct exchange *x, const char *text)
{
    struct span body = fake_reply_body(x), tail = span_of(text);
    assert_true(body.n >= tail.n && span_eq(span_skip(body, body.n - tail.n), tail));
}

static const char all[] = "id: 1\ndata: {\"type\":\"start\",\"data\":{\"a\":1}}\n\n"
                          "id: 2\ndata: {\"type\":\"source\",\"data\":{\"b\":2}}\n\n"
                          "id: 9\ndata: {\"type\":\"token\",\"data\":\"one two\"}\n\n"
                          "id: 10\ndata: {\"type\":\"citation\",\"data\":{\"c\":3}}\n\n"
                          "id: 11\ndata: {\"type\":\"done\",\"data\":{\"d\":4}}\n\n";

static void the_past_is_told_from_any_event_on(void **state)
{
    (void)state;
    static const struct {
        uint64_t after;
        const char *from;
    } cases[] = {{0, "id: 1\n"}, {1, "id: 2\n"}, {2, "id: 9\n"}, {9, "id: 10\n"}, {10, "id: 11\n"}};
    struct feed *f = feed_new(NULL);
    tell_all(f);
    feed_end(f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange *x = exchange();
        feed_follow(f, x, cases[i].after);
        assert_true(fake_finished(x));
        assert_true(span_eq(fake_reply_body(x), span_of(strstr(all, cases[i].from))));
        fake_free(x);
    }
    for (uint64_t after = 11; after < 14; after++) {
        struct exchange *x = exchange();
        feed_follow(f, x, after);
        assert_int_equal(fake_status(x), 204);
        fake_free(x);
    }
    feed_release(f);
}

static void the_middle_of_a_text(void **state)
{
    (void)state;
    struct feed *f = feed_new(NULL);
    struct exchange *x = exchange();
    tell_all(f);
    feed_end(f);
    feed_follow(f, x, 6);
    assert_true(span_starts(fake_reply_body(x), SPAN("id: 9\ndata: {\"type\":\"token\",\"data\":\"two\"}")));
    fake_free(x);
    feed_release(f);
}

static void a_follower_takes_over(void **state)
{
    (void)state;
    struct exchange *first = exchange(), *second = exchange(), *third = exchange();
    struct feed *f = feed_new(first);
    feed_begin(f);
    assert_true(feed_tell(f, "start", span_of(start)));
    feed_follow(f, second, 0);
    assert_false(fake_finished(second));
    assert_true(feed_say(f, SPAN("one ")));
    feed_follow(f, third, 999); /* no such event yet: from now on */
    assert_true(fake_finished(second));
    assert_true(feed_say(f, SPAN("two")));
    assert_true(feed_tell(f, "done", span_of(end)));
    feed_end(f);
    assert_true(fake_finished(first) && fake_finished(third));
    assert_ends_with(first, "\"start\",\"data\":{\"a\":1}}\n\n");
    assert_ends_with(second, "\"data\":\"one \"}\n\n");
    assert_true(span_starts(fake_reply_body(third), SPAN("id: 8\ndata: {\"type\":\"token\",\"data\":\"two\"}\n\nid: 9\n")));
    fake_free(first);
    fake_free(second);
    fake_free(third);
    feed_release(f);
}

static void alone_it_goes_on_for_a_minute(void **state)
{
    (void)state;
    struct exchange *first = exchange(), *second = exchange();
    struct feed *f = feed_new(first);
    feed_begin(f);
    assert_true(feed_tell(f, "start", span_of(start)));
    assert_true(feed_look(f, sys_mono_ms() + 10 * FEED_ALONE_MS));
    fake_hang_up_after(first, 0);
    assert_true(feed_say(f, SPAN("one ")));
    int64_t left = sys_mono_ms();
    assert_true(feed_look(f, left + FEED_ALONE_MS - 1000));
    assert_false(feed_look(f, left + FEED_ALONE_MS));
    feed_follow(f, second, 1);
    assert_true(feed_look(f, left + 10 * FEED_ALONE_MS));
    feed_end(f);
    assert_ends_with(second, "\"data\":\"one \"}\n\n");
    fake_free(first);
    fake_free(second);
    feed_release(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_past_is_told_from_any_event_on),
        cmocka_unit_test(the_middle_of_a_text),
        cmocka_unit_test(a_follower_takes_over),
        cmocka_unit_test(alone_it_goes_on_for_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
