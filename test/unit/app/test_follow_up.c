/* Follow-ups: which questions lean on those before, and the forms they are searched for in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "app/follow_up.h"

enum { ARENA_BYTES = 1 << 20 };

static int set_up(void **state)
{
    *state = arena_new(ARENA_BYTES);
    return *state == NULL;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void questions_that_lean(void **state)
{
    static const struct {
        const char *question;
        size_t informative;
        bool leans;
    } cases[] = {{"And contractors?", 1, true},
                 {"and for the people who work in the office in Lisbon on Mondays?", 6, true},
                 {"What about Switzerland?", 1, true},
                 {"How long does it take?", 2, true},
                 {"What colours does it come in?", 3, true},
                 {"How much is an inspection there?", 2, true},
                 {"Why?", 0, true},
                 {"Und in Graz?", 1, true},
                 {"Wie lange gilt das?", 2, true},
                 {"Is there a discount for students?", 2, false},
                 {"Gibt es einen Rabatt?", 2, false},
                 {"When does the office in Vienna open?", 3, false},
                 {"Does the warranty of the frame cover it when the bicycle was used in races?", 7, false},
                 {"Andorra has which capital?", 2, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (follow_up_leans(span_of(cases[i].question), cases[i].informative, *state) != cases[i].leans)
            fail_msg("%s", cases[i].question);
    }
}

static const struct message_row talk[] = {{.question = {"When does the shop in Linz open?", 32}}, {.question = {"And in Graz?", 12}}};

static void expect(void **state, size_t past, const char *heading, const char *question, size_t informative, const char *const *texts, bool needs_a_word)
{
    struct follow_up_form forms[FOLLOW_UP_FORMS];
    struct follow_up_past p = {talk, past, span_of(heading)};
    size_t count = follow_up_forms(&p, span_of(question), informative, *state, forms);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(texts[i]);
        assert_true(span_eq(forms[i].text, span_of(texts[i])));
        if (!span_eq(forms[i].text, span_of(question)))
            assert_int_equal(forms[i].needs_a_word, needs_a_word);
    }
    assert_null(texts[count]);
}

static void without_a_past_a_question_is_itself(void **state)
{
    expect(state, 0, "", "And in Graz?", 1, (const char *const[]){"And in Graz?", NULL}, false);
}

static void the_last_whole_question_stands_in_front(void **state)
{
    expect(state, 2, "Hours", "And Wels?", 1, (const char *const[]){"When does the shop in Linz open? And Wels?", "Hours And Wels?", NULL}, true);
    expect(state, 1, "", "How long does it take?", 2, (const char *const[]){"When does the shop in Linz open? How long does it take?", NULL}, false);
}

static void a_short_question_may_leave_its_subject_out(void **state)
{
    expect(state, 1, "Expenses", "Are receipts needed?", 2, (const char *const[]){"Are receipts needed?", "Expenses Are receipts needed?", NULL}, true);
    expect(state, 1, "Expenses", "Are receipts needed for long journeys to foreign countries?", 6,
           (const char *const[]){"Are receipts needed for long journeys to foreign countries?", NULL}, true);
}

static void a_full_arena_gives_none(void **state)
{
    (void)state;
    struct arena *small = arena_new(64);
    struct follow_up_form forms[FOLLOW_UP_FORMS];
    struct follow_up_past p = {talk, 2, {"", 0}};
    assert_int_equal(follow_up_forms(&p, SPAN("And in Wels, in the big shop beside the station?"), 3, small, forms), 0);
    arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_that_lean),
        cmocka_unit_test(without_a_past_a_question_is_itself),
        cmocka_unit_test(the_last_whole_question_stands_in_front),
        cmocka_unit_test(a_short_question_may_leave_its_subject_out),
        cmocka_unit_test(a_full_arena_gives_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
