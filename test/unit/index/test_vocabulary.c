/* Words that are nearly another, against a plain recursive distance over every word; and which of several is chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/lexical.h"
#include "index/vocabulary.h"

/* Optimal string alignment by its definition; ASCII. */
static int plain_distance(const char *a, size_t i, const char *b, size_t j)
{
    if (i == 0 || j == 0)
        return (int)(i + j);
    int best = plain_distance(a, i - 1, b, j) + 1, other = plain_distance(a, i, b, j - 1) + 1;
    best = other < best ? other : best;
    other = plain_distance(a, i - 1, b, j - 1) + (a[i - 1] != b[j - 1]);
    best = other < best ? other : best;
    if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        other = plain_distance(a, i - 2, b, j - 2) + 1;
        best = other < best ? other : best;
    }
    return best;
}

enum { WORDS = 300, LETTERS = 6 };

struct found {
    int edits[WORDS]; /* of each word; -1: not found */
};

static void note(void *context, uint32_t number, int edits)
{
    struct found *f = context;
    assert_true(number < WORDS && f->edits[number] < 0); /* each once */
    f->edits[number] = edits;
}

static void equal_to_looking_at_every_word(void **state)
{
    (void)state;
    struct vocabulary v = {0};
    char words[WORDS][LETTERS + 1];
    uint32_t seed = 7;
    for (size_t i = 0; i < WORDS; i++) {
        size_t n = 1 + (seed = seed * 1664525u + 1013904223u) / 65536 % LETTERS;
        for (size_t k = 0; k < n; k++)
            words[i][k] = (char)('a' + (seed = seed * 1664525u + 1013904223u) / 65536 % 4);
        words[i][n] = '\0';
        assert_true(vocabulary_add(&v, span_of(words[i])));
        assert_true(span_eq(vocabulary_word(&v, (uint32_t)i), span_of(words[i])));
    }
    size_t hits = 0;
    for (size_t i = 0; i < WORDS; i += 3) {
        for (int edits = 1; edits <= 2; edits++) {
            struct found f;
            memset(&f, 0xFF, sizeof f);
            vocabulary_near(&v, span_of(words[i]), edits, note, &f);
            for (size_t k = 0; k < WORDS; k++) {
                int far = plain_distance(words[i], strlen(words[i]), words[k], strlen(words[k]));
                bool near = far <= (words[i][0] == words[k][0] ? edits : 1);
                assert_int_equal(f.edits[k], near ? far : -1);
                hits += near;
            }
        }
    }
    assert_true(hits > WORDS);
    vocabulary_clear(&v);
}

static void add(struct lexical *x, int64_t document, const char *word)
{
    const struct term term = {span_of(word), 1};
    assert_true(lexical_add(x, document, 0, &term, 1, 1));
}

static void assert_neighbour(const struct lexical *x, const char *word, int edits, const char *expected)
{
    struct span neighbour;
    bool found = lexical_neighbour(x, span_of(word), edits, &neighbour);
    assert_int_equal(found, expected != NULL);
    if (expected && !span_eq(neighbour, span_of(expected)))
        fail_msg("%s: %.*s", word, SPAN_ARG(neighbour));
}

static void the_most_likely_one_is_chosen(void **state)
{
    (void)state;
    struct lexical *x = lexical_new();
    static const char *const words[] = {"receiv", "accommod", "warranti", "house",
                                        "mouse",  "grouse",   "mouse",    "\xD0\xB2\xD0\xBE\xD0\xB7\xD0\xB2\xD1\x80\xD0\xB0\xD1\x82"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        add(x, (int64_t)i + 1, words[i]);
    assert_neighbour(x, "reciev", 1, "receiv"); /* exchanged */
    assert_neighbour(x, "accomod", 1, "accommod");
    assert_neighbour(x, "waranty", 1, NULL);
    assert_neighbour(x, "waranty", 2, "warranti");
    assert_neighbour(x, "douse", 1, "mouse"); /* of two, the more common one */
    assert_neighbour(x, "hous", 1, "house");  /* fewer edits before more chunks */
    assert_neighbour(x, "houze", 2, "house");
    assert_neighbour(x, "grousy", 2, "grouse");
    assert_neighbour(x, "zzzzz", 2, NULL);
    assert_neighbour(x, "", 2, NULL);
    assert_neighbour(x, "\xD0\xB2\xD0\xBE\xD0\xB7\xD1\x80\xD0\xB0\xD1\x82", 1, words[7]); /* a letter of two bytes */
    lexical_remove(x, 1);
    assert_neighbour(x, "reciev", 1, NULL); /* nobody holds it any more */
    assert_false(lexical_holds(x, SPAN("receiv")));
    for (int64_t d = 2; d <= 5; d++)
        lexical_remove(x, d); /* with compaction on the way */
    assert_neighbour(x, "hous", 1, NULL);
    assert_neighbour(x, "mous", 1, "mouse");
    assert_neighbour(x, "grousy", 1, "grouse");
    assert_true(lexical_holds(x, SPAN("mouse")));
    lexical_free(x);
}

static void long_words_have_none(void **state)
{
    (void)state;
    struct lexical *x = lexical_new();
    char longest[VOCABULARY_LETTERS_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[VOCABULARY_LETTERS_MAX] = '\0';
    add(x, 1, longest);
    longest[0] = 'y';
    assert_neighbour(x, longest + 1, 1, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    longest[VOCABULARY_LETTERS_MAX] = 'x';
    longest[VOCABULARY_LETTERS_MAX + 1] = '\0';
    assert_neighbour(x, longest, 2, NULL);
    lexical_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_looking_at_every_word),
        cmocka_unit_test(the_most_likely_one_is_chosen),
        cmocka_unit_test(long_words_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
