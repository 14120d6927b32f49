/* Cells: HTML loses its tags, all else stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "text/cell.h"

static void cells(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"<p>Fits <b>all</b> sizes.</p>", "Fits all sizes."},
        {"<ul><li>One</li><li class=\"x\">Two</li></ul>", "One Two"},
        {"Line one<br/>line two &amp; <a href=\"https://a.example/?b=1\">more</a>", "Line one line two & more"},
        {"<!-- note --><div>&lt;raw&gt;&nbsp; &quot;kept&quot;</div>", "<raw> \"kept\""},
        {"H<sub>2</sub>O<br>", "H2O"},
        {"an unclosed <br> tag <p", "an unclosed tag <p"},
        {"a < b and c > d", "a < b and c > d"},
        {"List<String> &amp; Map<K, V>", "List<String> &amp; Map<K, V>"},
        {"  plain text ", "plain text"},
        {"<br>", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buf text;
        buf_init(&text, 1 << 16);
        buf_str(&text, "x: ");
        cell_put(&text, span_of(pairs[i][0]));
        struct span got = span_skip(buf_view(&text), 3);
        if (!span_eq(got, span_of(pairs[i][1])))
            fail_msg("%s: %.*s", pairs[i][0], SPAN_ARG(got));
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
