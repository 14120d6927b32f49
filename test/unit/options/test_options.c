/* The option table: sources and their order, ranges, units, misspelt names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "options.h"

static struct options o;
static char why[512];

static bool read_with(char **environment, char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return options_read(&o, argc, argv, 0, environment, why, sizeof why);
}

#define ARGS(...)                                                                                                                                              \
    (char *[])                                                                                                                                                 \
    {                                                                                                                                                          \
        __VA_ARGS__, NULL                                                                                                                                      \
    }
#define NONE                                                                                                                                                   \
    (char *[])                                                                                                                                                 \
    {                                                                                                                                                          \
        NULL                                                                                                                                                   \
    }

static void defaults_hold(void **state)
{
    (void)state;
    assert_true(read_with(NONE, NONE));
    assert_string_equal(o.listen, "127.0.0.1:8080");
    assert_int_equal(o.file_max, 50 << 20);
    assert_string_equal(o.registration, "open");
}

static void flag_beats_variable(void **state)
{
    (void)state;
    assert_true(read_with(ARGS("CHATIFIX_INGEST_WORKERS=5", "CHATIFIX_LISTEN=127.0.0.1:1", "OTHER=1"), ARGS("--ingest-workers", "7", "--file-max=2M")));
    assert_int_equal(o.ingest_workers, 7);
    assert_int_equal(o.file_max, 2 << 20);
    assert_string_equal(o.listen, "127.0.0.1:1");
}

static void file_is_read_and_beaten(void **state)
{
    (void)state;
    char name[] = "options-XXXXXX";
    int fd = mkstemp(name);
    const char text[] = "# comment\n\ntoken-ttl = 600\nlisten=127.0.0.1:2\n";
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    bool ok = read_with(ARGS("CHATIFIX_LISTEN=127.0.0.1:3"), ARGS("--config", name));
    unlink(name);
    assert_true(ok);
    assert_int_equal(o.token_ttl_s, 600);
    assert_string_equal(o.listen, "127.0.0.1:3");
    assert_false(read_with(NONE, ARGS("--config", "no-such-file")));
    assert_non_null(strstr(why, "no-such-file"));
}

static void faults_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *flag, *value, *says;
    } cases[] = {
        {"--lisen", "x", "\"listen\""},
        {"--ingest-workers", "0", "from 1 to 64"},
        {"--ingest-workers", "x", "from 1 to 64"},
        {"--ingest-workers", "99999999999999999999", "from 1 to 64"},
        {"--file-max", "9999999999G", "file-max"},
        {"--registration", "maybe", "open|closed"},
        {"--listen", NULL, "needs a value"},
        {"data", NULL, "begin with --"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(read_with(NONE, ARGS((char *)cases[i].flag, (char *)cases[i].value)));
        assert_non_null(strstr(why, cases[i].says));
    }
    assert_false(read_with(ARGS("CHATIFIX_LOG_LEVLE=info"), NONE));
    assert_non_null(strstr(why, "\"log-level\""));
}

static void everything_is_printed(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 16);
    assert_true(read_with(NONE, ARGS("--index-memory", "3M")));
    options_print(&o, &text);
    assert_true(span_find(buf_view(&text), SPAN("\nindex-memory = 3145728\n")) > 0);
    buf_clear(&text);
    options_help(&text);
    assert_true(span_find(buf_view(&text), SPAN("--extract-wall")) > 0);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_hold),    cmocka_unit_test(flag_beats_variable),   cmocka_unit_test(file_is_read_and_beaten),
        cmocka_unit_test(faults_are_named), cmocka_unit_test(everything_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
