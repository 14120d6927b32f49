/* Server-sent events: what any reader makes of them is the text that was sent. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "fake_exchange.h"
#include "http/sse.h"

enum { STRINGS = 10000, TEXT_MAX = 3000 };

/* ---- a stream of random text ---- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void random_text(uint64_t *state, struct buf *out)
{
    static const char *const pieces[] = {
        "\r",       "\n",   "\r\n",         "data:", "\n\ndata: {}", "id: 7\n", ": ",     "\"",    "\\",   "\xF0\x9F\x8D\x8E", "\xE2\x80\xA8", "\xE2\x80\xA9",
        "\xC2\x85", "\x0B", "\x0C\x1C\x1D", "\t",    "[DONE]",       "é",       "日本語", "word ", "\x7F", "</script>",        "\\u2028",      "a"};
    size_t target = next_random(state) % (next_random(state) % 8 ? 60 : TEXT_MAX - 20);
    buf_clear(out);
    while (out->n < target) {
        uint64_t r = next_random(state);
        if (r % 29 == 0)
            buf_char(out, '\0');
        else
            buf_str(out, pieces[r / 32 % (sizeof pieces / sizeof *pieces)]);
    }
}

/* ---- readers ---- */

/* Length of the line break at the start of s, 0 when there is none. strict: by the standard (CR, LF, CRLF); else everything Python's str.splitlines takes
 * for one. */
static size_t line_break(struct span s, bool strict)
{
    uint32_t c;
    size_t n = utf8_next(s, &c);
    if (c == '\r')
        return s.n > 1 && s.p[1] == '\n' ? 2 : 1;
    if (c == '\n')
        return 1;
    bool other = c == 0x0B || c == 0x0C || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    return other && !strict ? n : 0;
}

struct reader {
    bool strict;
    struct buf text; /* of the data of all events */
    int64_t id;      /* of the event under way */
    bool sane;
};

static void read_line(struct reader *r, struct span line)
{
    if (span_starts(line, SPAN("id: "))) {
        int64_t last = r->id;
        r->sane = r->sane && span_to_int(span_skip(line, 4), 1, INT64_MAX, &r->id) && r->id > last;
    } else if (span_starts(line, SPAN("data: "))) {
        json_t *event = json_loadb(line.p + 6, line.n - 6, JSON_ALLOW_NUL, NULL);
        r->sane = r->sane && event && span_eq(json_text(json_object_get(event, "type")), SPAN("token"));
        buf_span(&r->text, json_text(json_object_get(event, "data")));
        r->sane = r->sane && (uint64_t)r->id == r->text.n;
        json_decref(event);
    } else {
        r->sane = r->sane && line.n == 0;
    }
}

static bool reads_as(struct span stream, bool strict, struct span text)
{
    struct reader r = {.strict = strict, .sane = true};
    buf_init(&r.text, 1 << 20);
    size_t start = 0;
    for (size_t i = 0; i < stream.n;) {
        uint32_t c;
        size_t n = line_break(span_skip(stream, i), strict);
        if (n) {
            read_line(&r, (struct span){stream.p + start, i - start});
            start = i + n;
        }
        i += n ? n : utf8_next(span_skip(stream, i), &c);
    }
    bool same = r.sane && start == stream.n && span_eq(buf_view(&r.text), text);
    buf_free(&r.text);
    return same;
}

static void random_strings_come_back(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    struct buf text;
    buf_init(&text, TEXT_MAX);
    for (int i = 0; i < STRINGS; i++) {
        struct exchange *x = fake_new(HTTP_POST, "/", NULL);
        struct sse s;
        random_text(&seed, &text);
        assert_false(text.failed);
        assert_true(sse_begin(&s, x));
        assert_true(sse_send_text(&s, "token", buf_view(&text)));
        for (size_t k = 0; k < fake_events(x); k++) {
            struct span event = fake_event(x, k);
            assert_true(event.n <= SSE_EVENT_MAX && event.p[event.n - 1] == '\n' && event.p[event.n - 2] == '\n');
        }
        sse_end(&s);
        assert_true(reads_as(fake_reply_body(x), true, buf_view(&text)));
        assert_true(reads_as(fake_reply_body(x), false, buf_view(&text)));
        fake_free(x);
    }
    buf_free(&text);
}

static void frames_are_exact(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, SSE_EVENT_MAX);
    sse_frame(&out, 3, "token", SPAN("\"a\xE2\x80\xA8\""));
    assert_string_equal(buf_cstr(&out), "id: 3\ndata: {\"type\":\"token\",\"data\":\"a\\u2028\"}\n\n");
    buf_clear(&out);
    sse_frame_comment(&out);
    assert_string_equal(buf_cstr(&out), ":\n\n");
    buf_free(&out);
}

static void what_is_too_large_is_not_sent(void **state)
{
    (void)state;
    static char json[SSE_EVENT_MAX];
    struct exchange *x = fake_new(HTTP_POST, "/", NULL);
    struct sse s;
    memset(json, 'x', sizeof json);
    json[0] = json[sizeof json - 1] = '"';
    assert_true(sse_begin(&s, x));
    assert_false(sse_fits(&s, "token", (struct span){json, sizeof json}));
    assert_false(sse_send(&s, "token", (struct span){json, sizeof json}));
    assert_int_equal(fake_events(x), 0);
    assert_true(sse_heartbeat(&s));
    assert_true(sse_send(&s, "token", SPAN("\"\"")));
    assert_string_equal(fake_reply_header(x, "Cache-Control"), "no-cache, no-transform");
    assert_string_equal(fake_reply_header(x, "X-Accel-Buffering"), "no");
    sse_end(&s);
    assert_string_equal(fake_content_type(x), "text/event-stream");
    fake_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_strings_come_back), cmocka_unit_test(frames_are_exact),
                                       cmocka_unit_test(what_is_too_large_is_not_sent)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
