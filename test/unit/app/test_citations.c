/* Numbers in square brackets: which words they cite, and which point nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/citations.h"
#include "base/buf.h"
#include "base/utf8.h"

/* cited: "words|source" for each citation, joined by " ; ". Three sources. */
static const struct {
    const char *answer, *cited;
} cases[] = {
    {"Leave is 28 days [1].", "Leave is 28 days|0"},
    {"Leave is 28 days. [1]", "Leave is 28 days.|0"},
    {"Leave is 28 days.[1] Pay is monthly.[2]", "Leave is 28 days.|0 ; Pay is monthly.|1"},
    {"Leave is 28 days [1][3].", "Leave is 28 days|0 ; Leave is 28 days|2"},
    {"Leave is 28 days [1, 3].", "Leave is 28 days|0 ; Leave is 28 days|2"},
    {"Leave is 28 days [1] and pay is monthly [2].", "Leave is 28 days|0 ; and pay is monthly|1"},
    {"Ja. \xC3\x9C"
     "berstunden z\xC3\xA4hlen [2].",
     "\xC3\x9C"
     "berstunden z\xC3\xA4hlen|1"},
    {"- Bikes [1]\n- Boats [2]\n", "- Bikes|0 ; - Boats|1"},
    {"Nobody says so [4]. Nor this [0], [9999].", ""},
    {"One is right [4, 2].", "One is right|1"},
    {"[1] stands first.", ""},
    {"Twice [1] [1].", "Twice|0"},
    {"See [note], a[i], [1.5], [-1], [1,], [], [ and [1", ""},
    {"[1,1,1,1,1,1,1,1,1] is no marker", ""},
    {"", ""},
};

static void words_and_sources(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct answer_citation *list;
        size_t count;
        struct span answer = span_of(cases[i].answer);
        struct buf cited;
        buf_init(&cited, 4096);
        assert_true(citations_read(answer, 3, arena, &list, &count));
        for (size_t k = 0; k < count; k++) {
            size_t start = utf8_offset(answer, (size_t)list[k].start), end = utf8_offset(answer, (size_t)list[k].end);
            buf_printf(&cited, "%s%.*s|%zu", k ? " ; " : "", (int)(end - start), answer.p + start, list[k].source);
        }
        if (!span_eq(buf_view(&cited), span_of(cases[i].cited)))
            fail_msg("\"%s\" cites \"%.*s\"", cases[i].answer, SPAN_ARG(buf_view(&cited)));
        buf_free(&cited);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_and_sources)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
