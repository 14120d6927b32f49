/* The decoder, fed whole, byte by byte, and in two parts cut at every place: always the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "llm/decoder.h"

#define DELTA(text) "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text "\"},\"finish_reason\":null}]}\n\n"
#define STOP "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

struct decoded {
    char text[512];
    size_t pieces;
    enum llm_decoding state;
    bool finished;
    int64_t in, out;
};

static bool on_text(void *context, struct span text)
{
    struct decoded *d = context;
    size_t n = strlen(d->text);
    assert_true(text.n > 0 && n + text.n < sizeof d->text);
    memcpy(d->text + n, text.p, text.n);
    d->pieces++;
    return span_find(text, SPAN("HALT")) < 0;
}

/* Each part from a block of its own, so that a read past it is seen. */
static void feed(struct llm_decoder *d, struct span part, struct decoded *out)
{
    char *copy = malloc(part.n + 1);
    assert_non_null(copy);
    memcpy(copy, part.p, part.n);
    out->state = llm_decoder_feed(d, (struct span){copy, part.n}, on_text, out);
    free(copy);
}

static struct decoded decode(struct span all, size_t cut, size_t step)
{
    struct llm_decoder d;
    struct decoded out = {0};
    llm_decoder_init(&d);
    feed(&d, (struct span){all.p, cut}, &out);
    for (size_t at = cut; at < all.n; at += step)
        feed(&d, (struct span){all.p + at, all.n - at < step ? all.n - at : step}, &out);
    out.finished = d.finished;
    out.in = d.tokens_in;
    out.out = d.tokens_out;
    llm_decoder_free(&d);
    return out;
}

static void assert_same(const struct decoded *a, const struct decoded *b)
{
    assert_string_equal(a->text, b->text);
    assert_int_equal(a->pieces, b->pieces);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->finished, b->finished);
    assert_int_equal(a->in, b->in);
    assert_int_equal(a->out, b->out);
}

static const struct {
    const char *bytes, *text;
    enum llm_decoding state;
    bool finished;
    int64_t in, out;
} cases[] = {
    {DELTA("Hel") DELTA("lo") STOP "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":2}}\n\n" DONE, "Hello", LLM_COMPLETE, true, 12,
     2},
    {"data:{\"choices\":[{\"delta\":{\"content\":\"\\ud83d\\udc3c\\u00e4\\n\"}}]}\r\n\r\n" DONE, "\xF0\x9F\x90\xBC\xC3\xA4\n", LLM_COMPLETE, false, -1, -1},
    {"\xEF\xBB\xBF" DELTA("bom") DONE, "bom", LLM_COMPLETE, false, -1, -1},
    {": ping\n\nevent: message\nid: 1\nretry: 5\n" DELTA("x"), "x", LLM_MORE, false, -1, -1},
    {"data: {\"choices\":[\rdata: {\"delta\":\rdata: {\"content\":\"cr\"}}]}\r\r" DONE, "cr", LLM_COMPLETE, false, -1, -1},
    {"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n" DELTA("y"), "y", LLM_MORE, false, -1, -1},
    {"data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\ndata:\n\ndata\n\n" DELTA("z"), "z", LLM_MORE, false, -1, -1},
    {DELTA("no end yet") "data: {\"choices\":[{\"delta\":{\"content\":\"unfinished", "no end yet", LLM_MORE, false, -1, -1},
    {DELTA("a") DONE DELTA("after the end"), "a", LLM_COMPLETE, false, -1, -1},
    {DELTA("a") DELTA("HALT") DELTA("b"), "aHALT", LLM_STOPPED, false, -1, -1},
    {DELTA("a") "data: {\"error\":{\"message\":\"x\"}}\n\n", "a", LLM_TOLD_FAILURE, false, -1, -1},
    {DELTA("a") "data: {]\n\n" DELTA("b"), "a", LLM_UNREADABLE, false, -1, -1},
    {"data: 7\n\n", "", LLM_UNREADABLE, false, -1, -1},
    {"data: {\"choices\":\"none\"}\n\n", "", LLM_UNREADABLE, false, -1, -1},
    {"data: {\"choices\":[{\"delta\":{\"content\":\"\xC3\"}}]}\n\n", "", LLM_UNREADABLE, false, -1, -1},
    {"data: {\"choices\":[{\"delta\":{\"content\":\"\\ud83d\"}}]}\n\n", "", LLM_UNREADABLE, false, -1, -1},
    {"data: {\"choices\":[{\"delta\":{\"content\":\"\\u0000\"}}]}\n\n", "", LLM_MORE, false, -1, -1},
    {"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":99999999999}}\n\n", "", LLM_MORE, false, -1, -1},
    {"data: {\"choices\":[7]}\n\ndata: {\"choices\":[{\"delta\":[]}]}\n\n" DONE, "", LLM_COMPLETE, false, -1, -1},
};

static void the_same_wherever_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span all = span_of(cases[i].bytes);
        struct decoded whole = decode(all, all.n, 1);
        struct decoded wanted = {.pieces = whole.pieces, .state = cases[i].state, .finished = cases[i].finished, .in = cases[i].in, .out = cases[i].out};
        memcpy(wanted.text, cases[i].text, strlen(cases[i].text) + 1);
        assert_same(&whole, &wanted);
        for (size_t cut = 0; cut <= all.n; cut++) {
            struct decoded two = decode(all, cut, all.n), bytes = decode(all, cut, 1);
            assert_same(&two, &whole);
            assert_same(&bytes, &whole);
        }
    }
}

/* Comments may go on for ever, but no line and no event is larger than the bound. */
static void sizes_are_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t times;
        enum llm_decoding state;
    } loads[] = {
        {"x", LLM_EVENT_MAX + 1, LLM_UNREADABLE}, {"data: xxxxxxxxx\n", LLM_EVENT_MAX / 10 + 1, LLM_UNREADABLE}, {": comment\n\n", LLM_EVENT_MAX, LLM_MORE}};
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        struct llm_decoder d;
        struct decoded out = {0};
        llm_decoder_init(&d);
        for (size_t n = 0; n < loads[i].times; n++)
            out.state = llm_decoder_feed(&d, span_of(loads[i].line), on_text, &out);
        assert_int_equal(out.state, loads[i].state);
        llm_decoder_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_wherever_it_is_cut), cmocka_unit_test(sizes_are_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
