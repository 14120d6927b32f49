/* Word boundaries: every case of Unicode's WordBreakTest.txt (WORD_BREAK_TEST, of Debian's package unicode-data). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/word_break.h"

enum { TEXT_MAX = 256, CASES_AT_LEAST = 1800 };

struct test_case {
    char text[TEXT_MAX];
    size_t length;
    bool breaks[TEXT_MAX + 1]; /* at each byte */
};

/* A line such as "÷ 0061 × 0308 ÷ 0020 ÷"; false when it is a comment. */
static bool read_case(const char *line, struct test_case *out)
{
    static const char break_sign[] = "\xC3\xB7", join_sign[] = "\xC3\x97";
    memset(out, 0, sizeof *out);
    for (const char *p = line; *p && *p != '#' && *p != '\n';) {
        if (strncmp(p, break_sign, 2) == 0 || strncmp(p, join_sign, 2) == 0) {
            out->breaks[out->length] = *(const unsigned char *)(p + 1) == 0xB7;
            p += 2;
        } else if (*p == ' ' || *p == '\t') {
            p++;
        } else {
            char *end;
            unsigned long c = strtoul(p, &end, 16);
            assert_true(end > p && c <= 0x10FFFF && out->length + 4 < TEXT_MAX);
            out->length += utf8_put(out->text + out->length, (uint32_t)c);
            p = end;
        }
    }
    return out->length > 0;
}

static void check_case(const struct test_case *one, const char *line)
{
    struct span text = {one->text, one->length};
    for (size_t at = 0; at < text.n;) {
        size_t next = word_break_next(text, at, word_break_of);
        assert_true(next > at && next <= text.n);
        for (size_t i = at + 1; i <= next; i++) {
            if (one->breaks[i] != (i == next))
                fail_msg("at byte %zu of %s", i, line);
        }
        at = next;
    }
}

static void the_official_cases_pass(void **state)
{
    (void)state;
    char line[4096];
    size_t cases = 0;
    FILE *f = fopen(WORD_BREAK_TEST, "r");
    if (!f) {
        print_message("SKIPPED: there is no " WORD_BREAK_TEST "; script/bootstrap --test installs it (Debian's package unicode-data)\n");
        skip();
    }
    if (!fgets(line, sizeof line, f) || !strstr(line, "-" WORD_BREAK_UNICODE ".txt")) {
        fclose(f);
        print_message("SKIPPED: " WORD_BREAK_TEST " is not of Unicode " WORD_BREAK_UNICODE ", which the table is of: %s", line);
        skip();
    }
    while (fgets(line, sizeof line, f)) {
        struct test_case one;
        if (!read_case(line, &one))
            continue;
        check_case(&one, line);
        cases++;
    }
    fclose(f);
    assert_true(cases >= CASES_AT_LEAST);
}

/* What needs no file: one case a rule. "|" are the boundaries. */
static void rules(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "Hello|,| |world|!",
        "can't|  |stop",
        "3.14|,| |1,000",
        "a_b|-|c",
        "e\xCC\x81t\xC3\xA9",
        "\xD7\x90\"\xD7\x91",
        "\xD7\x90'",
        "a|\r\n|b",
        "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA|\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7",
        "\xE3\x82\xAB\xE3\x82\xBF",
        "\xE4\xB8\xAD|\xE5\x9B\xBD",
        "x|.|.|y",
        "user:name",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128], got[160];
        size_t n = 0, out = 0;
        for (const char *p = cases[i]; *p; p++) {
            if (*p != '|')
                text[n++] = *p;
        }
        for (size_t at = 0; at < n;) {
            size_t next = word_break_next((struct span){text, n}, at, word_break_of);
            if (at)
                got[out++] = '|';
            memcpy(got + out, text + at, next - at);
            out += next - at;
            at = next;
        }
        got[out] = '\0';
        assert_string_equal(got, cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_official_cases_pass),
        cmocka_unit_test(rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
