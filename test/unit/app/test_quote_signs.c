/* Signs of a near miss: words scattered over the passage, a number or a negation that the quoted unit lacks; and what they do to the confidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app/asked.h"
#include "app/calibrate.h"
#include "app/fusion.h"
#include "app/quote.h"
#include "text/words.h"

enum { TERMS_MAX = 32, ARENA_BYTES = 4 << 20 };

/* The signs of a question on one passage; every word of the question weighs the same. */
static struct quote_signs signs_of(const char *question, const char *text)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    const struct language english = {"en"};
    struct term *words;
    size_t count;
    uint32_t length;
    struct question_term terms[TERMS_MAX];
    assert_true(words_terms(span_of(question), english, arena, &words, &count, &length) && count <= TERMS_MAX);
    for (size_t i = 0; i < count; i++)
        terms[i] = (struct question_term){words[i].word, 1};
    struct passage passage = {.document_name = SPAN("Note"), .chunk = {.heading = SPAN(""), .text = span_of(text)}};
    struct passage_match match = {.language = english, .fused = 0.6};
    struct passages passages = {.list = &passage, .matches = &match, .count = 1};
    struct quotes quotes;
    assert_true(quote_choose(span_of(question), terms, count, &passages, &quote_default_weights, NULL, arena, &quotes));
    struct quote_signs signs = quotes.signs;
    assert_true(quotes.count > 0);
    arena_free(arena);
    return signs;
}

static void words_together_and_scattered(void **state)
{
    (void)state;
    struct quote_signs together = signs_of("Who painted the harbour bridge?", "The harbour bridge was painted by Anna Berg. The tower is older.");
    struct quote_signs scattered =
        signs_of("Who painted the harbour tower?", "The harbour bridge was painted by Anna Berg. It has two lanes. The tower is older.");
    assert_true(together.scattered == 0 && together.distant == 0);
    assert_true(scattered.scattered > 0.3 && scattered.distant > 0.3);
    struct quote_signs before = signs_of("How many rooms has the tower?", "The tower is the oldest house here. There are forty rooms in all.");
    assert_true(before.distant == 0);
}

static void kinds_and_numbers(void **state)
{
    (void)state;
    struct quote_signs dated = signs_of("When did the ferry stop?", "The ferry stopped on 4 May 1931.");
    struct quote_signs undated = signs_of("When did the ferry stop?", "The ferry stopped for want of passengers.");
    assert_true(dated.asks_a_kind && dated.held == 1 && undated.held == 0);
    const char *price = "In 2021 a ticket to the museum cost 9 euros.";
    assert_false(signs_of("What did a museum ticket cost in 2021?", price).number_missing);
    assert_true(signs_of("What did a museum ticket cost in 2019?", price).number_missing);
}

static void negations(void **state)
{
    (void)state;
    const char *covered = "The plan covers dental care.", *excluded = "The plan excludes dental care.";
    assert_true(signs_of("What dental care does the plan not cover?", covered).negation_missing);
    assert_false(signs_of("What dental care does the plan not cover?", excluded).negation_missing);
    assert_false(signs_of("What dental care does the plan cover?", covered).negation_missing);
    assert_false(signs_of("Why can't I use the plan for dental care?", covered).negation_missing);
    const char *const denying[] = {"It isn't open.", "It isn’t open.", "Das ist nicht erlaubt.", "Closed except on Sundays."};
    for (size_t i = 0; i < sizeof denying / sizeof *denying; i++)
        assert_true(asked_negates(span_of(denying[i])));
    assert_false(asked_negates(SPAN("The note on the knot is noted at point T.")));
}

static void each_sign_lowers_the_confidence(void **state)
{
    (void)state;
    const struct quote_signs none = {0};
    const struct quote_signs signs[] = {
        {.scattered = 0.4}, {.distant = 0.4}, {.number_missing = true}, {.negation_missing = true}, {.asks_a_kind = true, .held = 0.2}};
    const double weights[] = {0, fusion_dense_weight / 2, fusion_dense_weight};
    for (size_t w = 0; w < sizeof weights / sizeof *weights; w++) {
        double plain = calibrate_confidence(0.5, weights[w], &none);
        assert_true(plain > answer_threshold && plain < 1);
        for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
            assert_true(calibrate_confidence(0.5, weights[w], &signs[i]) < plain);
        assert_true(calibrate_confidence(0.5, weights[w], &(struct quote_signs){.asks_a_kind = true, .held = 1}) > plain);
        assert_true(calibrate_confidence(0.1, weights[w], &none) < answer_threshold);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_together_and_scattered),
        cmocka_unit_test(kinds_and_numbers),
        cmocka_unit_test(negations),
        cmocka_unit_test(each_sign_lowers_the_confidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
