/* Choosing quotes: cases as data (quote_cases.txt), kinds of questions, the composed text. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/answer_text.h"
#include "app/asked.h"
#include "app/quote.h"
#include "base/file.h"
#include "base/utf8.h"
#include "index/lexical.h"

enum { PASSAGES_MAX = 8, EXPECTED_MAX = 16, ARENA_BYTES = 16 << 20, FILE_BYTES = 1 << 20 };

/* ---- cases ---- */

struct quote_case {
    struct span name, question;
    struct language language;
    struct passage list[PASSAGES_MAX];
    struct passage_match matches[PASSAGES_MAX];
    size_t passages;
    struct span expected[EXPECTED_MAX];
    size_t expected_count;
    bool open; /* lines belong to the last passage */
};

static void read_line(struct quote_case *c, struct span line)
{
    struct span rest = span_skip(line, 2);
    struct chunk *chunk = c->passages ? &c->list[c->passages - 1].chunk : NULL;
    if (span_starts(line, SPAN("? "))) {
        c->question = rest;
    } else if (span_starts(line, SPAN("! "))) {
        span_to_cstr(rest, c->language.code, sizeof c->language.code);
    } else if (span_starts(line, SPAN("> "))) {
        assert_true(c->passages < PASSAGES_MAX);
        c->list[c->passages++] = (struct passage){.document_name = rest, .chunk = {.heading = SPAN(""), .text = SPAN("")}};
    } else if (span_starts(line, SPAN("# "))) {
        chunk->heading = rest;
    } else if (span_starts(line, SPAN("* "))) {
        assert_true(c->expected_count < EXPECTED_MAX);
        if (!span_eq(rest, SPAN("-")))
            c->expected[c->expected_count++] = rest;
    } else if (chunk && !c->expected_count && line.n) {
        const char *start = chunk->text.n ? chunk->text.p : line.p;
        chunk->text = (struct span){start, (size_t)(line.p + line.n - start)};
    }
}

/* idf over the passages of the case, as the index would give it. */
static struct question_term *terms_of(const struct quote_case *c, struct arena *arena, size_t *count)
{
    struct lexical *x = lexical_new();
    struct term *terms;
    size_t n;
    uint32_t length;
    for (size_t i = 0; i < c->passages; i++) {
        assert_true(words_terms(c->list[i].chunk.text, c->language, arena, &terms, &n, &length));
        assert_true(lexical_add(x, (int64_t)i + 1, 0, terms, n, length));
    }
    assert_true(words_terms(c->question, c->language, arena, &terms, count, &length));
    struct question_term *out = arena_array(arena, *count, sizeof *out);
    for (size_t i = 0; i < *count; i++)
        out[i] = (struct question_term){terms[i].word, lexical_idf(x, terms[i].word)};
    lexical_free(x);
    return out;
}

static struct passages passages_of(struct quote_case *c)
{
    for (size_t i = 0; i < c->passages; i++)
        c->matches[i] = (struct passage_match){.version = 1, .language = c->language, .lexical = 0.6 - 0.05 * (double)i};
    return (struct passages){.list = c->list, .matches = c->matches, .count = c->passages};
}

static bool check(struct quote_case *c)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct passages passages = passages_of(c);
    struct quotes quotes;
    size_t count;
    struct question_term *terms = terms_of(c, arena, &count);
    assert_true(quote_choose(c->question, terms, count, &passages, &quote_default_weights, NULL, arena, &quotes));
    bool same = quotes.count == c->expected_count;
    for (size_t i = 0; i < quotes.count; i++) {
        const struct quote *q = &quotes.list[i];
        struct span text = {c->list[q->passage].chunk.text.p + q->start, q->end - q->start};
        same = same && span_eq(text, c->expected[i]);
    }
    for (size_t i = 0; !same && i < quotes.count; i++) {
        const struct quote *q = &quotes.list[i];
        print_error("%.*s: quoted \"%.*s\"\n", SPAN_ARG(c->name), (int)(q->end - q->start), c->list[q->passage].chunk.text.p + q->start);
    }
    arena_free(arena);
    return same;
}

static void cases_as_data(void **state)
{
    (void)state;
    int fd = open(QUOTE_CASES, O_RDONLY | O_CLOEXEC), failed = 0, run = 0;
    struct buf file;
    struct quote_case c = {0};
    buf_init(&file, FILE_BYTES);
    assert_true(fd >= 0 && file_read_all(fd, &file));
    struct span line, rest = buf_view(&file);
    while (rest.n) {
        span_cut(rest, '\n', &line, &rest);
        bool begins = span_starts(line, SPAN("== "));
        if (!begins)
            read_line(&c, line);
        if (c.name.n && (begins || !rest.n)) {
            failed += !check(&c);
            run++;
        }
        if (begins)
            c = (struct quote_case){.name = span_skip(line, 3), .language = {"en"}};
    }
    assert_true(run >= 12);
    assert_int_equal(failed, 0);
    buf_free(&file);
    close(fd);
}

/* ---- what is asked for ---- */

static void questions_ask_for_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *question;
        enum asked_kind kind;
        const char *with, *without;
    } cases[] = {
        {"When does it open?", ASKED_TIME, "It opens on Monday.", "It opens again."},
        {"In what year was it built?", ASKED_TIME, "Built in 1911.", "Built long ago."},
        {"How many seats are there?", ASKED_AMOUNT, "There are twelve seats.", "There are seats."},
        {"How much is the 2024 pass?", ASKED_AMOUNT, "It is 15 EUR.", "The 2024 pass is cheap."},
        {"Who leads the team?", ASKED_NAME, "It is led by Ada Holm.", "It is led by an engineer."},
        {"Where is the office?", ASKED_PLACE, "It is in Lund.", "It is on a hill."},
        {"Why is it closed?", ASKED_REASON, "It is closed because of rain.", "It is closed."},
        {"Wie viele Plätze gibt es?", ASKED_AMOUNT, "Es gibt 40 Plätze.", "Es gibt Plätze."},
        {"What is a kettle?", ASKED_ANYTHING, NULL, "A kettle boils 2 litres."},
    };
    struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asked asked;
        assert_true(asked_read(span_of(cases[i].question), arena, &asked));
        assert_int_equal(asked.kind, cases[i].kind);
        assert_true(!cases[i].with || asked_held(&asked, span_of(cases[i].with)) >= 0.8);
        assert_true(asked_held(&asked, span_of(cases[i].without)) < 0.5);
    }
    arena_free(arena);
}

/* ---- the text of the answer ---- */

static void citations_are_exact_ranges(void **state)
{
    (void)state;
    struct arena *arena = arena_new(ARENA_BYTES);
    struct passage list[2] = {{.chunk = {.text = SPAN("Grüße. Zwölf Äpfel 🍎 kosten 3 €.")}}, {.chunk = {.text = SPAN("- ein Apfel\n- ein Ei")}}};
    struct passages passages = {.list = list, .count = 2};
    struct quote quotes[] = {{0, 9, 41, false}, {0, 0, 8, false}, {1, 0, 11, true}, {1, 12, 20, true}};
    struct answer_text out;
    assert_true(answer_compose(&passages, &(struct quotes){.list = quotes, .count = 4}, arena, &out));
    assert_true(span_eq(out.text, SPAN("Zwölf Äpfel 🍎 kosten 3 €. Grüße.\n- ein Apfel\n- ein Ei")));
    for (size_t i = 0; i < out.count; i++) {
        size_t start = utf8_offset(out.text, (size_t)out.citations[i].start), end = utf8_offset(out.text, (size_t)out.citations[i].end);
        struct span quoted = {list[quotes[i].passage].chunk.text.p + quotes[i].start, quotes[i].end - quotes[i].start};
        assert_true(span_eq((struct span){out.text.p + start, end - start}, quoted));
        assert_int_equal(out.citations[i].source, quotes[i].passage);
    }
    arena_free(arena);
}

static void pieces_join_to_the_text(void **state)
{
    (void)state;
    char long_word[1000];
    memset(long_word, 'x', sizeof long_word);
    const struct span texts[] = {SPAN("one two\nthree  four "), {long_word, sizeof long_word}, SPAN("日本語のテキスト"), SPAN("\xff\xfe broken"), SPAN("")};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct span rest = texts[i];
        size_t pieces = 0;
        while (rest.n) {
            struct span piece = answer_piece(rest);
            assert_true(piece.n > 0 && piece.n <= 256 && piece.p == rest.p);
            assert_true(!utf8_valid(texts[i]) || utf8_valid(piece));
            rest = span_skip(rest, piece.n);
            pieces++;
        }
        assert_true(i != 0 || pieces == 5);
    }
}

static void snippets_begin_at_the_quote(void **state)
{
    (void)state;
    char text[800];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "abcdefghi "[i % 10];
    struct passage list[1] = {{.chunk = {.text = {text, sizeof text}}}};
    struct passages passages = {.list = list, .count = 1};
    struct quote quote = {0, 300, 310, false};
    struct span snippet = answer_snippet(&passages, 0, &(struct quotes){.list = &quote, .count = 1});
    assert_ptr_equal(snippet.p, text + 300);
    assert_int_equal(snippet.n, 199);
    snippet = answer_snippet(&passages, 0, &(struct quotes){0});
    assert_ptr_equal(snippet.p, text);
    list[0].chunk.text.n = 150;
    assert_int_equal(answer_snippet(&passages, 0, &(struct quotes){0}).n, 150);
}

/* ---- meaning ---- */

/* Is near to what has an "x" in it, less so with a "z", and counts the texts it was asked for. */
static bool measure_x(void *context, const struct span *texts, size_t count, float *cosines)
{
    size_t *asked = context;
    *asked += count;
    for (size_t i = 0; i < count; i++)
        cosines[i] = memchr(texts[i].p, 'x', texts[i].n) ? 0.6F : memchr(texts[i].p, 'z', texts[i].n) ? 0.4F : 0.1F;
    return true;
}

/* What is quoted of one passage for a question; measured: texts whose meaning was asked for. */
static struct span quoted_by_meaning(const char *question, struct span text, struct arena *arena, struct quotes *quotes, size_t *measured)
{
    const struct language english = {"en"};
    struct passage passage = {.document_name = SPAN("Note"), .chunk = {.heading = SPAN(""), .text = text}};
    struct passage_match match = {.language = english, .fused = 0.4};
    struct passages passages = {.list = &passage, .matches = &match, .count = 1};
    struct term *words;
    struct question_term terms[8];
    size_t count;
    uint32_t length;
    assert_true(words_terms(span_of(question), english, arena, &words, &count, &length) && count <= 8);
    for (size_t i = 0; i < count; i++)
        terms[i] = (struct question_term){words[i].word, 1};
    *measured = 0;
    struct quote_meaning meaning = {measure_x, measured};
    assert_true(quote_choose(span_of(question), terms, count, &passages, &quote_default_weights, &meaning, arena, quotes));
    return quotes->count ? (struct span){text.p + quotes->list[0].start, quotes->list[0].end - quotes->list[0].start} : SPAN("");
}

static void meaning_finds_what_shares_no_word(void **state)
{
    (void)state;
    struct arena *arena = arena_new(ARENA_BYTES);
    struct span text = SPAN("Salaries come on the last day. Boxes are blue. A fez is red.");
    struct quotes quotes;
    size_t measured;
    assert_true(span_eq(quoted_by_meaning("Which colour have crates?", text, arena, &quotes, &measured), SPAN("Boxes are blue.")));
    assert_int_equal(measured, 3);
    assert_true(quotes.signs.cosine > 0.59 && quotes.count == 1);
    assert_true(span_eq(quoted_by_meaning("When do salaries come?", text, arena, &quotes, &measured), SPAN("Salaries come on the last day.")));
    assert_true(measured == 0 && quotes.signs.cosine == 0);
    quoted_by_meaning("Which colour have crates?", SPAN("Salaries come on the last day."), arena, &quotes, &measured);
    assert_true(measured == 1 && quotes.count == 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_as_data),           cmocka_unit_test(questions_ask_for_kinds),     cmocka_unit_test(citations_are_exact_ranges),
        cmocka_unit_test(pieces_join_to_the_text), cmocka_unit_test(snippets_begin_at_the_quote), cmocka_unit_test(meaning_finds_what_shares_no_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
