/* The tokenizer against ids that Hugging Face's tokenizers 0.23 gives with the same vocab.txt, and against llama.cpp's golden ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "embed/wordpiece.h"
#include "model_world.h"

/* Ids without [CLS] and [SEP], in decimal, separated by spaces. */
static void spell_ids(const struct vocabulary *v, struct span text, struct buf *out)
{
    struct wordpiece at = {.rest = text};
    struct wordpiece_word word;
    uint32_t ids[WORD_CHARACTERS_MAX];
    buf_clear(out);
    while (wordpiece_next(&at, &word)) {
        size_t n = wordpiece_split(v, &word, ids);
        for (size_t i = 0; i < n; i++)
            buf_printf(out, "%s%u", out->n ? " " : "", ids[i]);
    }
}

static void same_ids(const struct vocabulary *v, struct span text, struct span expected)
{
    struct buf ids;
    buf_init(&ids, 1 << 20);
    spell_ids(v, text, &ids);
    if (!span_eq(buf_view(&ids), expected))
        fail_msg("\"%.*s\" gives %.*s, not %.*s", SPAN_ARG(text), SPAN_ARG(buf_view(&ids)), SPAN_ARG(expected));
    buf_free(&ids);
}

/* clang-format off */
static const struct {
    struct span text;
    const char *ids;
} cases[] = {
    {SPAN("Hello, World!"), "7592 1010 2088 999"},
    {SPAN("don't"), "2123 1005 1056"},
    {SPAN("re-embedding's e.g. U.S.A."), "2128 1011 7861 8270 4667 1005 1055 1041 1012 1043 1012 1057 1012 1055 1012 1037 1012"},
    {SPAN("Caf\xc3\xa9 \xc3\x85ngstr\xc3\xb6m na\xc3\xafve"), "7668 17076 15687 15743"},
    {SPAN("Stra\xc3\x9f" "e GR\xc3\x96SSE \xc3\x9f"), "2358 27807 7977 2063 1096"},
    {SPAN("\xc4\xb0stanbul \xce\xa3\xce\x8a\xce\xa3\xce\xa5\xce\xa6\xce\x9f\xce\xa3"), "9960 1173 18199 29733 29735 29736 29730 29733"},
    {SPAN("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe3\x83\x86\xe3\x82\xad\xe3\x82\xb9\xe3\x83\x88"), "1864 1876 1950 1671 30239 30227 30233 30240"},
    {SPAN("\xe5\x8c\x97\xe4\xba\xac" "2024\xe5\xb9\xb4"), "1781 1755 16798 2549 1840"},
    {SPAN("\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4 \xeb\xac\xb8\xec\x9e\xa5"), "1469 30006 30021 29991 30014 30020 29999 30008 1459 30014 30021 30000 30006 30025"},
    {SPAN("\xef\xac\x81ne \xc2\xbd \xc2\xb2 \xe2\x91\xa0"), "1984 2638 1092 1082 100"},
    {SPAN("a\xe2\x80\x8b" "b"), "11113"},
    {SPAN("a\xc2\xa0" "b\xe2\x80\xa8" "c\xe3\x80\x80" "d"), "1037 1038 1039 1040"},
    {SPAN("x\x01y\x0bz\xc2\x85w"), "1060 2100 2480 2860"},
    {SPAN("\xe2\x80\x9cquotes\xe2\x80\x9d \xe2\x80\x94 and\xe2\x80\xa6 \xc2\xabthese\xc2\xbb"), "1523 16614 1524 1517 1998 1529 1077 2122 1090"},
    {SPAN("$100 \xe2\x82\xac" "5 ^caret `tick` a_b"), "1002 2531 1574 2629 1034 2729 2102 1036 16356 1036 1037 1035 1038"},
    {SPAN("\xc3\xa9 e\xcc\x81 \xcc\x81"), "1041 1041"},
    {SPAN("\xe0\xa4\x85\xe0\xa4\xa8\xe0\xa5\x81\xe0\xa4\xb5\xe0\xa4\xbe\xe0\xa4\xa6 \xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d\xe0\xa4\xa6\xe0\xa5\x80"), "1311 29863 29871 29876 29861 1339 29877 29863 29861 29878"},
    {SPAN("\xe0\xb9\x84\xe0\xb8\x97\xe0\xb8\xa2"), "100"},
    {SPAN("[CLSX] [MASKED]"), "1031 18856 2015 2595 1033 1031 16520 1033"},
    {SPAN("\xf0\x9f\x99\x82 ok \xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd"), "100 7929 100"},
    {SPAN("\xef\xbb\xbf" "bom \xef\xbf\xbd"), "8945 2213"},
    {SPAN("C++ C# .NET"), "1039 1009 1009 1039 1001 1012 5658"},
    {SPAN("http://example.com/a?b=c&d=1"), "8299 1024 1013 1013 2742 1012 4012 1013 1037 1029 1038 1027 1039 1004 1040 1027 1015"},
    {SPAN("ab\xc2\xad" "cd"), "5925 2094"},
    {SPAN("wordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordword"), "2773 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351 18351"},
    {SPAN("wordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwords"), "100"},
    {SPAN("\xcd\xb8x"), "100"},
    {SPAN("\xe8\xb1\x88"), "100"},
    {SPAN("\xc7\x85 \xc7\x84 \xe3\x8e\x8f"), "100 100 100"},
    {SPAN("\xe1\xbf\xaf\xcd\xbe"), "1036 1025"},
};
/* clang-format on */

static void ids_are_those_of_bert(void **state)
{
    (void)state;
    struct embed_model *m = world_model("scalar");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        same_ids(&m->weights.vocabulary, cases[i].text, span_of(cases[i].ids));
    embed_close(m);
}

/* What is not UTF-8 is dropped byte by byte; the names of special tokens are plain text. */
static void hostile_text_is_text(void **state)
{
    (void)state;
    struct embed_model *m = world_model("scalar");
    same_ids(&m->weights.vocabulary, SPAN("ca\xfft"), SPAN("4937"));
    same_ids(&m->weights.vocabulary, SPAN("\xe2\x80"), SPAN(""));
    same_ids(&m->weights.vocabulary, SPAN("cat\0cat"), SPAN("4937 11266"));
    same_ids(&m->weights.vocabulary, SPAN("[SEP]"), SPAN("1031 19802 1033"));
    embed_close(m);
}

static bool read_whole(const char *name, struct buf *to)
{
    FILE *f = fopen(name, "rb");
    if (!f)
        return false;
    char *at;
    size_t n = 0;
    while ((at = buf_reserve(to, 4096)) && (n = fread(at, 1, 4096, f)) > 0)
        to->n += n;
    fclose(f);
    return at != NULL;
}

/* Texts are parted by lines of their own that say __ggml_vocab_test__; the ids of text i stand on line i. */
static void golden_ids_of_the_corpus(void **state)
{
    (void)state;
    const struct span mark = SPAN("\n__ggml_vocab_test__\n");
    struct embed_model *m = world_model("scalar");
    struct buf texts, ids;
    size_t count = 0;
    buf_init(&texts, 1 << 20);
    buf_init(&ids, 1 << 20);
    bool there = read_whole(VOCABULARY_CORPUS "/ggml-vocab-bert-bge.gguf.inp", &texts) && read_whole(VOCABULARY_CORPUS "/ggml-vocab-bert-bge.gguf.out", &ids);
    struct span rest = buf_view(&texts), lines = buf_view(&ids), line;
    for (ptrdiff_t end; there && (end = span_find(rest, mark)) >= 0; rest = span_skip(rest, (size_t)end + mark.n), count++) {
        assert_true(span_cut(lines, '\n', &line, &lines));
        same_ids(&m->weights.vocabulary, (struct span){rest.p, (size_t)end}, span_trim(line));
    }
    buf_free(&texts);
    buf_free(&ids);
    embed_close(m);
    if (!there) {
        print_message("skipped: there are no golden ids at " VOCABULARY_CORPUS "\n");
        skip();
    }
    assert_int_equal(count, 46);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_those_of_bert),
        cmocka_unit_test(hostile_text_is_text),
        cmocka_unit_test(golden_ids_of_the_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
