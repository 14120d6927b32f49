/* Numbers in square brackets: which words they cite, and whether the passages say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/citations.h"
#include "app/support.h"
#include "base/buf.h"
#include "base/utf8.h"

static struct passage list[] = {
    {.document_name = SPAN("Leave"),
     .chunk = {.text = SPAN(
                   "Full-time employees have 28 days of paid leave a year. Contractors have no paid leave. Leave is booked with the team lead. The harbour "
                   "opens at six in the morning.")}},
    {.document_name = SPAN("Pay"),
     .chunk = {.heading = SPAN("Salaries"),
               .text = SPAN("They are paid on the 25th of each month, to the account in Zurich. Bonuses over 1,000 euros are paid in March 2024 "
                            "by Ida Berg.")}},
    {.document_name = SPAN("Urlaub"),
     .chunk = {.text = SPAN("Vollzeitkr\xC3\xA4"
                            "fte haben 30 Tage Urlaub im Jahr. Der Urlaub wird mit der Leitung abgesprochen.")}},
};
static struct passage_match matches[] = {{.language = {"en"}}, {.language = {"en"}}, {.language = {"de"}}};
static const struct passages passages = {.list = list, .matches = matches, .count = 3};

/* ---- which words are cited ---- */

/* cited: "words|source" for each citation, joined by " ; ", a "-" behind it where the source does not say so, and the words flagged. "!": no source. */
static const struct {
    const char *answer, *cited;
} cases[] = {
    {"Leave is 28 days of paid leave [1].", "Leave is 28 days of paid leave|0"},
    {"Leave is booked with the lead. [1]", "Leave is booked with the lead.|0"},
    {"Employees have 28 days.[1] They are paid on the 25th.[2]", "Employees have 28 days.|0 ; They are paid on the 25th.|1"},
    {"Employees have 28 days of leave [1][3].", "Employees have 28 days of leave|0 ; Employees have 28 days of leave|2-"},
    {"Employees have 28 days of leave [1, 3].", "Employees have 28 days of leave|0 ; Employees have 28 days of leave|2-"},
    {"Employees have 28 days [1] and are paid on the 25th of the month [2].", "Employees have 28 days|0 ; and are paid on the 25th of the month|1"},
    {"Der Urlaub wird mit der Leitung abgesprochen [3].", "Der Urlaub wird mit der Leitung abgesprochen|2"},
    {"- Leave is booked [1]\n- Salaries are paid [2]\n", "- Leave is booked|0 ; - Salaries are paid|1"},
    {"Leave is booked [4]. Nor this [0], [9999].", ""},
    {"Leave is booked [4, 1].", "Leave is booked|0"},
    {"[1] stands first.", ""},
    {"Leave is booked [1] [1].", "Leave is booked|0"},
    {"See [note], a[i], [1.5], [-1], [1,], [], [ and [1", "See [note], a[i], [1.5], [-1], [1,], [], [ and [1|!-<1.5><1><1><1>"},
    {"", ""},
    /* what supports */
    {"People who work full time may take 28 days off [1].", "People who work full time may take 28 days off|0-"},
    {"Full-time employees get 28 days of paid leave each year [1].", "Full-time employees get 28 days of paid leave each year|0"},
    {"Full-time employees have 31 days of paid leave a year [1].", "Full-time employees have 31 days of paid leave a year|0-<31>"},
    {"Full-time employees have twenty-eight days of paid leave a year.", "Full-time employees have twenty-eight days of paid leave a year.|!-<twenty><eight>"},
    {"Contractors have paid leave [1].", "Contractors have paid leave|0-"},
    {"Contractors don't have paid leave [1].", "Contractors don't have paid leave|0"},
    {"The harbour opens at 6 in the morning [1].", "The harbour opens at 6 in the morning|0"},
    {"The team lead opens the harbour at six in the morning [1].", "The team lead opens the harbour at six in the morning|0-"},
    {"Bonuses over 1000 euros are paid in March 2024 by Ida Berg [2].", "Bonuses over 1000 euros are paid in March 2024 by Ida Berg|1"},
    {"Bonuses over 1000 euros are paid in April 2025 by Otto Berg [2].", "Bonuses over 1000 euros are paid in April 2025 by Otto Berg|1-<April><2025><Otto>"},
    {"Salaries are paid each month [1].", "Salaries are paid each month|0-"},
    {"Salaries are paid each month.", "Salaries are paid each month.|1"},
    {"Our chief executive is Max Muster.", "Our chief executive is Max Muster.|!-<Max><Muster>"},
    {"Vollzeitkr\xC3\xA4"
     "fte haben 31 Tage Urlaub im Jahr [3].",
     "Vollzeitkr\xC3\xA4"
     "fte haben 31 Tage Urlaub im Jahr|2-<31>"},
    {"Die Angestellten haben nach den Regeln der Firma 28 Tage im Jahr frei, und das ist so [1].",
     "Die Angestellten haben nach den Regeln der Firma 28 Tage im Jahr frei, und das ist so|0"},
    {"1. Leave is booked with the team lead.\n2) Salaries are paid each month.",
     "1. Leave is booked with the team lead.|0 ; 2) Salaries are paid each month.|1"},
    {"It is about leave leave leave leave leave leave leave with green cheese and moons [1].",
     "It is about leave leave leave leave leave leave leave with green cheese and moons|0-"},
    {"Pay and salaries are sent to Pay [2].", "Pay and salaries are sent to Pay|1-"},
    {"Hello! The documents do not answer this.", ""},
    {"I am sorry, I cannot help with that.", ""},
};

static void write_citation(struct buf *out, struct span answer, const struct answer_citation *c)
{
    size_t start = utf8_offset(answer, (size_t)c->start), end = utf8_offset(answer, (size_t)c->end);
    buf_printf(out, "%s%.*s|", out->n ? " ; " : "", (int)(end - start), answer.p + start);
    if (c->source == ANSWER_NO_SOURCE)
        buf_char(out, '!');
    else
        buf_printf(out, "%zu", c->source);
    buf_str(out, c->supported ? "" : "-");
    for (size_t i = 0; i < c->flag_count; i++) {
        size_t from = utf8_offset(answer, (size_t)c->flags[i].start), to = utf8_offset(answer, (size_t)c->flags[i].end);
        buf_printf(out, "<%.*s>", (int)(to - from), answer.p + from);
    }
}

static void words_and_sources(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct answer_citation *found;
        size_t count;
        struct citation_sum sum;
        struct span answer = span_of(cases[i].answer);
        struct buf cited;
        buf_init(&cited, 4096);
        assert_true(citations_check(answer, &(struct citation_check){.passages = &passages}, arena, &found, &count, &sum));
        for (size_t k = 0; k < count; k++)
            write_citation(&cited, answer, &found[k]);
        if (!span_eq(buf_view(&cited), span_of(cases[i].cited)))
            fail_msg("\"%s\" cites \"%.*s\"", cases[i].answer, SPAN_ARG(buf_view(&cited)));
        buf_free(&cited);
        arena_free(arena);
    }
}

/* ---- what it comes to ---- */

struct asked {
    size_t count;
    double answer;
};

static double likeness(void *context, struct span a, struct span b)
{
    struct asked *asked = context;
    assert_true(a.n && b.n);
    asked->count++;
    return asked->answer;
}

static struct citation_sum sum_of(const char *answer, struct asked *asked)
{
    struct arena *arena = arena_new(1 << 20);
    struct answer_citation *found;
    size_t count;
    struct citation_sum sum;
    struct citation_check check = {.passages = &passages, .likeness = asked ? likeness : NULL, .context = asked};
    assert_true(citations_check(span_of(answer), &check, arena, &found, &count, &sum));
    arena_free(arena);
    return sum;
}

static void refusals_and_inventions_count_for_nothing(void **state)
{
    (void)state;
    static const char *const none[] = {"The documents do not answer this.",
                                       "I'm sorry, but I do not know.",
                                       "The passages do not mention paternity leave [1].",
                                       "Die Dokumente enthalten dazu keine Angaben.",
                                       "Our chief executive is Max Muster [2].",
                                       "Hello!",
                                       ""};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(sum_of(none[i], NULL).supported, 0);
    struct citation_sum half = sum_of("Contractors have no paid leave [1]. The moon is made of green cheese.", NULL);
    assert_int_equal(half.claims, 2);
    assert_int_equal(half.supported, 1);
}

/* Meaning is asked only where words leave it open, and then it decides. */
static void meaning_decides_what_is_open(void **state)
{
    (void)state;
    static const char open[] = "People who work full time may take 28 days off [1].";
    static const char *const settled[] = {"Full-time employees have 28 days of paid leave a year [1].",
                                          "Full-time employees have 31 days of paid leave a year [1].", "Contractors have paid leave [1].",
                                          "The documents do not answer this."};
    struct asked yes = {.answer = 0.9}, no = {.answer = 0.6}, unasked = {.answer = 0.5};
    assert_int_equal(sum_of(open, &yes).supported, 1);
    assert_int_equal(sum_of(open, &no).supported, 0);
    assert_int_equal(yes.count, 1);
    for (size_t i = 0; i < sizeof settled / sizeof *settled; i++)
        sum_of(settled[i], &unasked);
    assert_int_equal(unasked.count, 0);
}

/* Long answers, odd ones, and little memory: no more than the bounds, no crash. */
static void bounds_hold(void **state)
{
    (void)state;
    struct buf answer;
    buf_init(&answer, 1 << 20);
    for (int i = 0; i < 2000; i++)
        buf_printf(&answer, "Salaries are paid %d times to Ida Berg [%d]. ", i, i % 5);
    struct asked never = {.answer = 0};
    struct arena *arena = arena_new(64 << 20);
    struct answer_citation *found;
    size_t count;
    struct citation_sum sum;
    struct citation_check check = {.passages = &passages, .likeness = likeness, .context = &never};
    assert_true(citations_check(buf_view(&answer), &check, arena, &found, &count, &sum));
    assert_true(count <= 100 && never.count <= 24);
    arena_free(arena);
    size_t refused = 0;
    for (size_t max = 1 << 10; max < 1 << 20; max *= 2) {
        arena = arena_new(max);
        refused += !citations_check((struct span){answer.p, 2000}, &check, arena, &found, &count, &sum);
        arena_free(arena);
    }
    assert_true(refused > 2);
    buf_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_and_sources), cmocka_unit_test(refusals_and_inventions_count_for_nothing),
                                       cmocka_unit_test(meaning_decides_what_is_open), cmocka_unit_test(bounds_hold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
