/* Prompts against the fixtures of test/golden/prompt: each file says what goes in and, behind "== prompt", what comes out. */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/prompt.h"
#include "base/file.h"

enum { ARENA_BYTES = 4 << 20, PASSAGES_MAX = 8, PAST_MAX = 8, FILE_BYTES = 1 << 20 };

/* Sections: "== budget CONTEXT ANSWER", "== passage NAME | PAGE | HEADING", "== asked" and "== answered" in turn, "== persona", "== question", "== prompt".
 * Text is repeated by "== repeat N" in front of a passage's section. Escapes: put_escaped. */
struct fixture {
    struct arena *arena;
    struct prompt_input in;
    struct passages passages;
    struct passage list[PASSAGES_MAX];
    struct message_row recent[PAST_MAX];
    size_t past, repeat;
    struct span wanted;
};

static const char mark[] = "mark0123456789abcdef";

/* \M is the mark, \H characters that show nothing. */
static void put_escaped(struct buf *b, struct span text)
{
    ptrdiff_t at;
    while ((at = span_find(text, SPAN("\\"))) >= 0) {
        buf_put(b, text.p, (size_t)at);
        bool is_mark = span_starts(span_skip(text, (size_t)at), SPAN("\\M"));
        assert_true(is_mark || span_starts(span_skip(text, (size_t)at), SPAN("\\H")));
        buf_str(b, is_mark ? mark : "\xE2\x80\x8B\xE2\x80\xAE\xF3\xA0\x81\x81");
        text = span_skip(text, (size_t)at + 2);
    }
    buf_span(b, text);
}

static struct span repeated(struct fixture *f, struct span text, size_t times)
{
    struct buf b;
    buf_init(&b, FILE_BYTES);
    for (size_t i = 0; i < times; i++)
        put_escaped(&b, text);
    struct span copy = arena_copy(f->arena, buf_view(&b));
    buf_free(&b);
    assert_non_null(copy.p);
    return copy;
}

static void take_passage(struct fixture *f, struct span arguments, struct span text)
{
    struct span name, page, heading;
    int64_t number;
    span_cut(arguments, '|', &name, &heading);
    span_cut(heading, '|', &page, &heading);
    assert_true(span_to_int(span_trim(page), 0, 9999, &number) && f->passages.count < PASSAGES_MAX);
    struct passage *p = &f->list[f->passages.count++];
    p->document_name = repeated(f, span_trim(name), 1);
    p->chunk = (struct chunk){.page = (int32_t)number, .heading = repeated(f, span_trim(heading), 1), .text = repeated(f, text, f->repeat)};
    f->repeat = 1;
}

static void take_section(struct fixture *f, struct span head, struct span text)
{
    struct span name, arguments, first, second;
    span_cut(head, ' ', &name, &arguments);
    if (span_eq(name, SPAN("budget"))) {
        span_cut(arguments, ' ', &first, &second);
        assert_true(span_to_int(first, 0, 1 << 20, &f->in.context_tokens) && span_to_int(second, 0, 1 << 20, &f->in.answer_tokens));
    } else if (span_eq(name, SPAN("persona"))) {
        f->in.persona = repeated(f, text, 1);
    } else if (span_eq(name, SPAN("repeat"))) {
        int64_t times;
        assert_true(span_to_int(arguments, 1, 10000, &times));
        f->repeat = (size_t)times;
    } else if (span_eq(name, SPAN("passage"))) {
        take_passage(f, arguments, text);
    } else if (span_eq(name, SPAN("asked"))) {
        assert_true(f->past < PAST_MAX);
        f->recent[f->past].question = repeated(f, text, f->repeat);
    } else if (span_eq(name, SPAN("answered"))) {
        f->recent[f->past++].answer = repeated(f, text, f->repeat);
        f->repeat = 1;
    } else {
        assert_true(span_eq(name, SPAN("question")));
        f->in.question = repeated(f, text, 1);
    }
}

static void take_file(struct fixture *f, struct span all)
{
    while (all.n) {
        struct span head, text;
        assert_true(span_starts(all, SPAN("== ")));
        span_cut(span_skip(all, 3), '\n', &head, &text);
        if (span_eq(head, SPAN("prompt"))) {
            f->wanted = text;
            return;
        }
        ptrdiff_t end = span_starts(text, SPAN("== ")) ? 0 : span_find(text, SPAN("\n== "));
        assert_true(end >= 0);
        take_section(f, head, (struct span){text.p, (size_t)end});
        all = span_starts(text, SPAN("== ")) ? text : span_skip(text, (size_t)end + 1);
    }
    fail_msg("there is no == prompt");
}

static void render(const struct prompt *p, struct buf *out)
{
    static const char *const roles[] = {[LLM_SYSTEM] = "system", [LLM_USER] = "user", [LLM_ASSISTANT] = "assistant"};
    buf_printf(out, "passages: %zu\n", p->passages);
    for (size_t i = 0; p->passages && i < p->count; i++) {
        buf_printf(out, "-- %s\n", roles[p->turns[i].role]);
        buf_span(out, p->turns[i].text);
        buf_char(out, '\n');
    }
}

static void check(const char *path)
{
    struct fixture f = {.arena = arena_new(ARENA_BYTES), .repeat = 1};
    struct buf file, out;
    struct prompt prompt;
    buf_init(&file, FILE_BYTES);
    buf_init(&out, FILE_BYTES);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && f.arena && file_read_all(fd, &file));
    close(fd);
    take_file(&f, buf_view(&file));
    f.passages.list = f.list;
    f.in.mark = mark;
    f.in.passages = &f.passages;
    f.in.recent = f.recent;
    f.in.recent_count = f.past;
    assert_true(prompt_build(&f.in, f.arena, &prompt));
    assert_true(!prompt.passages || prompt.tokens + f.in.answer_tokens <= f.in.context_tokens);
    render(&prompt, &out);
    if (!span_eq(buf_view(&out), f.wanted)) {
        print_error("%s\n", path);
        fwrite(out.p, 1, out.n, stdout);
        fflush(stdout);
        fail_msg("the prompt of this file is now the one above");
    }
    buf_free(&file);
    buf_free(&out);
    arena_free(f.arena);
}

static void fixtures_hold(void **state)
{
    (void)state;
    glob_t found;
    assert_int_equal(glob(PROMPT_FIXTURES "/*.txt", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 5);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check(found.gl_pathv[i]);
    globfree(&found);
}

static void marks_differ(void **state)
{
    (void)state;
    char a[PROMPT_MARK_SIZE], b[PROMPT_MARK_SIZE];
    prompt_new_mark(a);
    prompt_new_mark(b);
    assert_int_equal(strlen(a), strlen(mark));
    assert_string_not_equal(a, b);
}

static void a_full_arena_is_told(void **state)
{
    (void)state;
    struct passage p = {.document_name = SPAN("n"), .chunk = {.text = SPAN("text")}};
    struct passages all = {.list = &p, .count = 1};
    struct prompt_input in = {.mark = mark, .question = SPAN("q"), .passages = &all, .context_tokens = 4096, .answer_tokens = 512};
    struct prompt prompt;
    size_t refused = 0, built = 0;
    for (size_t max = 64; max < 4096; max += 64) {
        struct arena *arena = arena_new(max);
        assert_non_null(arena);
        if (prompt_build(&in, arena, &prompt))
            built++;
        else
            refused++;
        assert_true(built == 0 || prompt.passages == 1);
        arena_free(arena);
    }
    assert_true(refused > 10 && built > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fixtures_hold), cmocka_unit_test(marks_differ), cmocka_unit_test(a_full_arena_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
