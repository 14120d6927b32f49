/* Number formats: a table of codes, values and what Excel shows for them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    {"0.00E+00", -12345, "-1.23E+04"},
    {"#,##0.00;(#,##0.00)", -1234.5, "(1,234.50)"},
    {"0.0%", -0.256, "-25.6%"},
    {"# ?\?/?\?", 3.14159, "3 14/99"},
    {"# ?/?", -1.5, "-1 1/2"},
    {"mmm-yy", 40000, "Jul-09"},
    {"[h]:mm", 1.25, "30:00"},
    {"[mm]:ss", 0.0208333333, "30:00"},
    {"[ss]", 0.001, "86"},
    {"yyyy\"\u5e74\"m\"\u6708\"d\"\u65e5\"", 40000, "2009\u5e747\u67086\u65e5"},
    {"[$-409]h:mm AM/PM;@", 0.25, "6:00 AM"},
    {"[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", 40000, "Monday, July 06, 2009"},
    {"General;-General;", 0, ""},
    {"General;-General;", -3, "-3"},
    {"@", 5, "5"},
    {"0;;;@", -3, ""},
    {"[=1]\"one\";[=2]\"two\";0", 2, "two"},
    {"[=1]\"one\";[=2]\"two\";0", 3, "3"},
    {"[<50]\"low\";\"high\"", 20, "low"},
    {"[<50]\"low\";\"high\"", 70, "high"},
    {"#,##0.0,\"k\"", 12345, "12.3k"},
    {"m/d/yy h:mm", 40000.75, "7/6/09 18:00"},
    {"mmmm d, yyyy", 40000, "July 6, 2009"},
    {"ddd", 40000, "Mon"},
    {"h:mm:ss.00", 0.123456, "2:57:46.60"},
    {"h A/P", 0.75, "6 P"},
    {"hh\" h \"mm", 0.75, "18 h 00"},
    {"General", 12345678901, "12345678901"},
    {"General", 0.1234567891, "0.123456789"},
    {"General", 1234567.891234, "1234567.891"},
    {"General", 99999999999.5, "1E+11"},
    {"General", -1234567.891234, "-1234567.891"},
    {"General", 1e-10, "1E-10"},
    {"General", 0.00012345678, "0.000123457"},
    {"000\\-00\\-0000", 123456789, "123-45-6789"},
    {"(###) ###-####", 5551234567, "(555) 123-4567"},
    {"#.#", 0, "."},
    {"0.###", 5, "5."},
    {"#/#", 0.5, "1/2"},
    {"0,000", 5, "0,005"},
    {"yyyy-mm-ddThh:mm:ss", 40000.5, "2009-07-06T12:00:00"},
    {"dd.mm.yyyy;@", 40000, "06.07.2009"},
    {"[$\u20ac-2] #,##0.00;[Red]-[$\u20ac-2] #,##0.00", -3.5, "-\u20ac 3.50"},
    {"_-* #,##0.00\\ _\u20ac_-;\\-* #,##0.00\\ _\u20ac_-", -2, "-2.00"},
    {"[Color10]0.0;[Color 3]-0.0", -1, "-1.0"},
    {"[$-804]\u4e0a\u5348/\u4e0b\u5348h:mm", 0.75, "\u4e0b\u53486:00"},
    {"[>=1000000]0.0,,\"M\";[>=1000]0.0,\"K\";0", 2500, "2.5K"},
    {"[>=1000000]0.0,,\"M\";[>=1000]0.0,\"K\";0", -5, "-5"},
    {"0.0E+0", 0, "0.0E+0"},
    {"00:00", 1234, "12:34"},
    {"# ?\?/100", 0.25, "25/100"},
    {"0.00\\ \"m\u00b2\"", 12.345, "12.35 m\u00b2"},
    {"mm:ss.0;@", 5.787037037037037e-06, "00:00.5"},
    {"h:mm", 0.99999, "23:59"},
    {"yyyy", 0.5, "1900"},
    {"0%;[Red]-0%", -0.5, "-50%"},
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

/* The quick ways of decimal.c against the slow ones of the C library. */
static void agrees_with_printf(void **state)
{
    uint64_t seed = 88172645463325252U;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        char exact[40], digits[24];
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        double value = (double)(seed >> 11) * pow(10, (int)(seed % 40) - 26), again = 0;
        value = i % 3 == 0 ? round(value) / 100 : value;
        snprintf(exact, sizeof exact, "%.14e", value);
        struct decimal d = decimal_of(value);
        if (d.count == 0)
            continue;
        assert_int_equal(d.point, (int)strtol(strchr(exact, 'e') + 1, NULL, 10) + 1);
        memset(digits, '0', sizeof digits);
        memcpy(digits, d.digits, (size_t)d.count);
        assert_memory_equal(digits, exact, 1);
        assert_memory_equal(digits + 1, exact + 2, DECIMAL_DIGITS - 1);
        snprintf(exact, sizeof exact, "%.12f", value);
        if (decimal_read(span_of(exact), &again))
            assert_true(fabs(again - strtod(exact, NULL)) <= fabs(value) * 2.3e-16);
    }
}

static void reads_plain_numbers_only(void **state)
{
    static const char *const others[] = {"", "-", ".", "1e5", "1.2.3", "--1", "+1", "1 ", "0x1", "12345678901234567890", "nan", "1,5"};
    double value = 7;
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(decimal_read(span_of(others[i]), &value));
    assert_true(value == 7);
    assert_true(decimal_read(SPAN("-0.5"), &value) && value == -0.5);
    assert_true(decimal_read(SPAN("1234567890123456789"), &value) && value == 1234567890123456789.0);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(shows_what_excel_shows),     cmocka_unit_test(counts_days_from_1904),
                                       cmocka_unit_test(puts_text_into_its_section), cmocka_unit_test(agrees_with_printf),
                                       cmocka_unit_test(reads_plain_numbers_only),   cmocka_unit_test(survives_any_code)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
