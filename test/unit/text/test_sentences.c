/* Sentences: a table of texts with | where they are to be cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/sentences.h"

/* The text is the case without its bars; a bar stands where white space may be. */
static const char *const cases[] = {
    "One. |Two! |Three? |Four",
    "Dr. Smith met Mrs. Jones at 5 p.m. on Monday. |They left.",
    "It costs 3.50 dollars. |That is 1.000,50 in Bonn.",
    "He works for J. R. Smith. |She does not.",
    "See e.g. the manual, i.e. Section 3. |Then go on.",
    "Use foods, drinks etc. when hungry. |Pay Acme Inc. |Next one.",
    "He said \"Stop!\" and left. |She said \"Go.\" |Nobody moved.",
    "(This is one.) |This is another.",
    "1. First do this. |2. Then do that.",
    "What?! |Really... |Yes. |Wait... and see.",
    "Am 3. Oktober wird gefeiert. |Das ist z.B. in Berlin so. |Nr. 5 lebt.",
    "M. Dupont est là. |Il part.",
    "黑豹队赢了。|他们输了！|为什么？|好",
    "これは「テスト。」|はい。",
    "ما هذا؟ |هذا كتاب.",
    "यह एक वाक्य है। |यह दूसरा है।",
    "Line one\n|line two\n\n|line three",
    "Visit example.com or v2.0 today. |Bye.",
    "a slipstream . |an experimental study .",
    "Is it true? |No. |It is Plan 9. |Good",
    "\xC2\xBFQu\xC3\xA9? |\xC2\xA1Vaya! |S\xC3\xAD.",
    "The U.S. Army came. |The end.",
    "She moved to the U.S. |They took vitamin C. |It helped.",
    "",
    "   ",
    "...",
    "No",
};

static void cut_as_marked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(1 << 16);
        struct buf text, got, expected;
        buf_init(&text, 1 << 16);
        buf_init(&got, 1 << 16);
        buf_init(&expected, 1 << 16);
        struct span rest = span_of(cases[i]), part;
        for (bool more = true; more;) {
            more = span_cut(rest, '|', &part, &rest);
            buf_span(&text, part);
            part = span_trim(part);
            if (expected.n && part.n)
                buf_char(&expected, '|');
            buf_span(&expected, part);
        }
        struct span *sentences;
        size_t count;
        assert_true(sentences_split(buf_view(&text), arena, &sentences, &count));
        for (size_t k = 0; k < count; k++) {
            buf_str(&got, k ? "|" : "");
            buf_span(&got, sentences[k]);
            assert_true(sentences[k].n > 0 && sentences[k].p >= text.p && sentences[k].p + sentences[k].n <= text.p + text.n);
        }
        assert_string_equal(buf_cstr(&got), buf_cstr(&expected));
        buf_free(&text);
        buf_free(&got);
        buf_free(&expected);
        arena_free(arena);
    }
}

/* Whatever the bytes: sentences come in order, do not overlap, and leave out nothing but white space. */
static void nothing_is_lost(void **state)
{
    (void)state;
    static const char alphabet[] = "aB.!? \n\t\"')(1\xE3\x80\x82\xC3\xA9\xE2\x80\x9D";
    unsigned seed = 3;
    char text[200];
    for (int round = 0; round < 3000; round++) {
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1103515245 + 12345;
            text[i] = round % 2 ? (char)(seed >> 16) : alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        struct arena *arena = arena_new(1 << 16);
        struct span *sentences;
        size_t count, at = 0;
        assert_true(sentences_split((struct span){text, sizeof text}, arena, &sentences, &count));
        for (size_t k = 0; k <= count; k++) {
            size_t start = k < count ? (size_t)(sentences[k].p - text) : sizeof text;
            assert_true(start >= at && start <= sizeof text);
            for (; at < start; at++) /* ASCII white space, or part of a wider space */
                assert_true(text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r') || (unsigned char)text[at] >= 0x80);
            at = k < count ? start + sentences[k].n : at;
        }
        arena_free(arena);
    }
}

static void a_full_arena_is_reported(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64);
    struct span *sentences;
    size_t count;
    assert_false(sentences_split(SPAN("One. Two. Three."), arena, &sentences, &count));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cut_as_marked), cmocka_unit_test(nothing_is_lost), cmocka_unit_test(a_full_arena_is_reported)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
