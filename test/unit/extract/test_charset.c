/* Character sets: text or not, and what each encoding becomes in UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extract/charset.h"

static const struct {
    struct span head;
    bool text;
} heads[] = {
    {SPAN(""), true},
    {SPAN("plain\ttext\r\n\f\v"), true},
    {SPAN("Gr\xFC\xDF"
          "e"),
     true},
    {SPAN("\xFF\xFEh\0i\0"), true},
    {SPAN("\xFE\xFF\0h\0i"), true},
    {SPAN("\xEF\xBB\xBF"), true},
    {SPAN("h\0e\0l\0l\0o\0 \0"), true},
    {SPAN("h\0\0\0e\0\0\0l\0\0\0"), true},
    {SPAN("\x1B$B\x24\x22\x1B(B"), true},
    {SPAN("a\0b"), false},
    {SPAN("text with one zero \0"), false},
    {SPAN("\1\2\3\4text"), false},
    {SPAN("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), false},
};

static void text_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (charset_is_text(heads[i].head) != heads[i].text)
            fail_msg("case %zu", i);
}

#define BAD "\xEF\xBF\xBD"

static const struct {
    struct span bytes;
    const char *declared, *expected;
} cases[] = {
    {SPAN(""), "", ""},
    {SPAN("a\xC3\xA4"), "", "a\xC3\xA4"},
    {SPAN("\xEF\xBB\xBF"
          "a"),
     "ISO-8859-1", "a"},
    {SPAN("\xFF\xFE\xE4\0"), "", "\xC3\xA4"},
    {SPAN("\xFE\xFF\0\xE4"), "utf-8", "\xC3\xA4"},
    {SPAN("\xFF\xFE\0\0\xE4\0\0\0"), "", "\xC3\xA4"},
    {SPAN("\0\0\xFE\xFF\0\0\0\xE4"), "", "\xC3\xA4"},
    {SPAN("h\0e\0l\0l\0o\0 \0\xE4\0!\0"), "", "hello \xC3\xA4!"},
    {SPAN("\0h\0e\0l\0l\0o\0 \0\xE4\0!"), "", "hello \xC3\xA4!"},
    {SPAN("\xFF\xFE=\xD8\0\xDE"), "", "\xF0\x9F\x98\x80"},
    {SPAN("\xFF\xFE"
          "a\0=\xD8"),
     "", "a" BAD},
    {SPAN("\xFF\xFE"
          "a\0b"),
     "", "a" BAD},
    {SPAN("\x80\xE4"), "iso-8859-1", "\xE2\x82\xAC\xC3\xA4"},
    {SPAN("\xE4\xEE"), "windows-1251", "\xD0\xB4\xD0\xBE"},
    {SPAN("\x93\xFA\x96\x7B"), "Shift_JIS", "\xE6\x97\xA5\xE6\x9C\xAC"},
    {SPAN("\xC4\xE3\xBA\xC3"), "gb2312", "\xE4\xBD\xA0\xE5\xA5\xBD"},
    {SPAN("\x81 a"), "windows-1252", BAD " a"},
};

static void bytes_become_utf8(void **state)
{
    (void)state;
    void *library = charset_prepare();
    assert_non_null(library);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source in = {.bytes = cases[i].bytes, .library = library};
        struct sink sink;
        struct buf text;
        buf_init(&text, 1 << 16);
        sink_init(&sink, NULL, NULL, 0);
        assert_true(charset_decode(&in, span_of(cases[i].declared), &text, &sink));
        if (!span_eq(buf_view(&text), span_of(cases[i].expected)))
            fail_msg("case %zu: %.*s", i, SPAN_ARG(buf_view(&text)));
        sink_free(&sink);
        buf_free(&text);
    }
    charset_release(library);
}

static void a_full_buffer_refuses(void **state)
{
    (void)state;
    void *library = charset_prepare();
    static const struct span documents[] = {SPAN("twenty bytes of text"), SPAN("\xFF\xFEt\0w\0e\0n\0t\0y\0 \0b\0y\0t\0e\0s\0")};
    for (size_t i = 0; i < 2; i++) {
        struct source in = {.bytes = documents[i], .library = library};
        struct sink sink;
        struct buf text;
        buf_init(&text, 8);
        sink_init(&sink, NULL, NULL, 0);
        assert_false(charset_decode(&in, SPAN(""), &text, &sink));
        assert_int_equal(sink.error, EXTRACT_TOO_LARGE);
        sink_free(&sink);
        buf_free(&text);
    }
    charset_release(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(text_or_not), cmocka_unit_test(bytes_become_utf8), cmocka_unit_test(a_full_buffer_refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
