/* Number formats: a table of codes, values and what Excel shows for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extract/decimal.h"
#include "extract/number_format.h"

static const struct {
    const char *code;
    double value;
    const char *shown;
} cases[] = {
    {"General", 1.0 / 3, "0.333333333"},
    {"General", 1234.56789012, "1234.56789"},
    {"General", 123456789012.0, "1.23457E+11"},
    {"General", 0.00001234567, "1.23457E-05"},
    {"General", 0.0000123, "0.0000123"},
    {"General", 0.1 + 0.2, "0.3"},
    {"General", -2, "-2"},
    {"", 7, "7"},
    {"0", 0.5, "1"},
    {"0.00", 1.005, "1.01"},
    {"00000", 12, "00012"},
    {"#", 0, ""},
    {"#.##", 0.5, ".5"},
    {"0.0#", 2, "2.0"},
    {"#,##0", 1234567.5, "1,234,568"},
    {"#,##0", -0.2, "0"},
    {"#,##0.00", 1e15, "1,000,000,000,000,000.00"},
    {"0.0,,\"M\"", 12345678, "12.3M"},
    {"0%", 0.256, "26%"},
    {"0.00E+00", 12345, "1.23E+04"},
    {"0.00E+00", 9999, "1.00E+04"},
    {"##0.0E+0", 12345, "12.3E+3"},
    {"# ?/?", 1.5, "1 1/2"},
    {"# ?\?/?\?", 0.3125, "5/16"},
    {"?/8", 0.25, "2/8"},
    {"000-0000", 5551234, "555-1234"},
    {"0_);[Red]\\(0\\)", -3, "(3)"},
    {"0;-0;\"zero\"", 0, "zero"},
    {";;;", 5, ""},
    {"[<1]0.00;[>=100]0;General", 0.5, "0.50"},
    {"[<1]0.00;[>=100]0;General", 50, "50"},
    {"[$\u20ac-407] #,##0.00", 3.5, "\u20ac 3.50"},
    {"m/d/yyyy", 40000, "7/6/2009"},
    {"m/d/yyyy", 1, "1/1/1900"},
    {"m/d/yyyy", 60, "2/29/1900"},
    {"m/d/yyyy", 61, "3/1/1900"},
    {"m/d/yyyy", -1, ""},
    {"m/d/yyyy", 1e300, ""},
    {"dddd, mmmm dd, yyyy", 40000, "Monday, July 06, 2009"},
    {"yyyy\\-mm\\-dd\\ hh:mm", 40000.5, "2009-07-06 12:00"},
    {"h:mm AM/PM", 0.75, "6:00 PM"},
    {"h:mm:ss", 0.9999999, "0:00:00"},
    {"[h]:mm:ss", 1.5, "36:00:00"},
    {"mm:ss.0", 0.000011574, "00:01.0"},
};

static void shows_what_excel_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf shown;
        buf_init(&shown, 1024);
        number_format_put(&shown, span_of(cases[i].code), cases[i].value, false);
        if (!span_eq(span_trim(buf_view(&shown)), span_of(cases[i].shown)))
            fail_msg("%s of %.17g: \"%s\" instead of \"%s\"", cases[i].code, cases[i].value, buf_cstr(&shown), cases[i].shown);
        buf_free(&shown);
    }
}

static void counts_days_from_1904(void **state)
{
    struct buf shown;
    (void)state;
    buf_init(&shown, 64);
    number_format_put(&shown, SPAN("yyyy-mm-dd"), 0, true);
    assert_string_equal(buf_cstr(&shown), "1904-01-01");
    buf_free(&shown);
}

static void puts_text_into_its_section(void **state)
{
    struct buf shown;
    (void)state;
    buf_init(&shown, 64);
    number_format_put_text(&shown, SPAN("0;-0;0;\"Mr. \"@"), SPAN("Bean"));
    assert_string_equal(buf_cstr(&shown), "Mr. Bean");
    buf_clear(&shown);
    number_format_put_text(&shown, SPAN("0.00"), SPAN("n/a"));
    assert_string_equal(buf_cstr(&shown), "n/a");
    buf_free(&shown);
}

/* Every code of one or two marks, on awkward values: only memory and arithmetic are judged, by the sanitizers. */
static void survives_any_code(void **state)
{
    static const char marks[] = "0#?.,%/@yYmMdDhHsSgeEbAaGg[]\"\\_*;<=>$+- 19";
    static const double values[] = {0, -1, 0.5, -0.001, 1e308, -1e308, 5e-324, 2958466, 2147483648.0};
    struct buf shown;
    (void)state;
    buf_init(&shown, 4096);
    for (size_t a = 0; a < sizeof marks - 1; a++)
        for (size_t b = 0; b < sizeof marks - 1; b++)
            for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                char code[] = {marks[a], marks[b], marks[a], '0', marks[b]};
                buf_clear(&shown);
                number_format_put(&shown, (struct span){code, sizeof code}, values[v], v % 2);
                number_format_put_text(&shown, (struct span){code, sizeof code}, SPAN("x"));
                assert_true(shown.n <= 4096);
            }
    buf_free(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shows_what_excel_shows), cmocka_unit_test(counts_days_from_1904),
                                       cmocka_unit_test(puts_text_into_its_section), cmocka_unit_test(survives_any_code)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
