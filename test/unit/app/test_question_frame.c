/* The frame of a question: what is left of it when the frame is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/question_frame.h"

static void frames_are_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *language, *question, *rest;
    } cases[] = {
        {"en", "Tell me about pricing", "pricing"},
        {"en", "tell me more about the refunds, please", "refunds, please"},
        {"en", "Could you please explain how billing works?", "billing works?"},
        {"en", "I would like to know about your opening hours", "opening hours"},
        {"en", "Please describe the warranty", "warranty"},
        {"en", "Show me the invoices of May", "invoices of May"},
        {"en", "show times on Sunday", "show times on Sunday"},
        {"en", "What does the teller tell me?", "What does the teller tell me?"},
        {"en", "Tell me", "Tell me"},
        {"en", "Please explain", "Please explain"},
        {"en", "Pricing", "Pricing"},
        {"en", "", ""},
        {"de", "Bitte erkl\303\244ren Sie mir die R\303\274ckgabe", "R\303\274ckgabe"},
        {"de", "ERKL\303\204RE den Vertrag", "Vertrag"},
        {"fr", "Parlez-moi des tarifs", "tarifs"},
        {"es", "H\303\241blame de los precios", "precios"},
        {"ru", "\320\240\320\260\321\201\321\201\320\272\320\260\320\266\320\270\321\202\320\265 \320\276 \321\206\320\265\320\275\320\260\321\205",
         "\321\206\320\265\320\275\320\260\321\205"},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct word *words;
        size_t count;
        struct language language = {""};
        snprintf(language.code, sizeof language.code, "%s", cases[i].language);
        struct span question = span_of(cases[i].question);
        assert_true(words_split(question, language, arena, &words, &count));
        size_t frame = question_frame(question, words, count);
        struct span rest = frame ? span_skip(question, words[frame].start) : question;
        if (!span_eq(rest, span_of(cases[i].rest)))
            fail_msg("%s: %.*s", cases[i].question, SPAN_ARG(rest));
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(frames_are_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
