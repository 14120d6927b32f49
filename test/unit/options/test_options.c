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
    assert_string_equal(o.model, "none"); /* built without a deps folder */
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
        {"--llm-temperature", "2.001", "from 0 to 2"},
        {"--llm-temperature", "0.1234", "from 0 to 2"},
        {"--llm-temperature", ".", "from 0 to 2"},
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
    assert_true(span_find(buf_view(&text), SPAN("\n# from the command line:\nindex-memory = 3145728\ns")) > 0);
    assert_true(span_starts(buf_view(&text), SPAN("listen = 127.0.0.1:8080\n")));
    buf_clear(&text);
    options_help(&text);
    assert_true(span_find(buf_view(&text), SPAN("--extract-wall")) > 0);
    buf_free(&text);
}

static char *file_of(const char *content, char name[16])
{
    memcpy(name, "options-XXXXXX", 15);
    int fd = mkstemp(name);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
    return name;
}

static void secrets_are_read_from_files(void **state)
{
    (void)state;
    char name[16], variable[64];
    file_of("  s3cret-of-file\n", name);
    snprintf(variable, sizeof variable, "CHATIFIX_METRICS_TOKEN_FILE=%s", name);
    bool by_variable = read_with(ARGS(variable), NONE);
    char got[sizeof o.metrics_token];
    snprintf(got, sizeof got, "%s", o.metrics_token);
    bool by_flag = read_with(ARGS("CHATIFIX_METRICS_TOKEN=of-the-variable"), ARGS("--metrics-token-file", name));
    unlink(name);
    assert_true(by_variable && by_flag);
    assert_string_equal(got, "s3cret-of-file");
    assert_string_equal(o.metrics_token, "s3cret-of-file");
    assert_true(read_with(ARGS("CHATIFIX_METRICS_TOKEN=of-the-variable"), NONE));
    assert_string_equal(o.metrics_token, "of-the-variable");
    assert_false(read_with(NONE, ARGS("--metrics-token-file", "no-such-file")));
    assert_non_null(strstr(why, "no-such-file"));
    file_of(" \n", name);
    bool empty = read_with(NONE, ARGS("--metrics-token-file", name));
    unlink(name);
    assert_false(empty);
    assert_false(read_with(NONE, ARGS("--listen-file", "x"))); /* only secrets have a twin */
    assert_non_null(strstr(why, "\"listen-file\""));
}

static void secrets_are_not_shown(void **state)
{
    (void)state;
    struct buf text;
    struct log_field changed[OPTIONS_MAX];
    buf_init(&text, 1 << 16);
    assert_true(read_with(NONE, ARGS("--metrics-token", "hunter2-hunter2", "--file-max", "1M", "--ingest-workers", "2")));
    options_print(&o, &text);
    assert_true(span_find(buf_view(&text), SPAN("\nmetrics-token = (set)\n")) > 0);
    options_help(&text);
    assert_true(span_find(buf_view(&text), SPAN("hunter2")) < 0);
    buf_free(&text);
    assert_int_equal(options_changed(&o, changed), 2); /* two workers are the default */
    assert_true(span_eq(changed[0].text, SPAN("(set)")));
    assert_string_equal(changed[1].key, "file-max");
    assert_int_equal(changed[1].number, 1 << 20);
    static const char *const bad[] = {"two words", "line\nbreak", "(set)", "\x7f", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(read_with(NONE, ARGS("--metrics-token", (char *)bad[i])));
        assert_null(strstr(why, "two words"));
    }
}

static void decimals_are_read_and_printed(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 16);
    assert_true(read_with(NONE, ARGS("--llm-temperature", "0.75")));
    assert_int_equal(o.llm_temperature, 750);
    options_print(&o, &text);
    assert_true(span_find(buf_view(&text), SPAN("\nllm-temperature = 0.750\n")) > 0);
    buf_free(&text);
    assert_false(read_with(NONE, ARGS("--llm-temperature", "2.001")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_hold),         cmocka_unit_test(flag_beats_variable),           cmocka_unit_test(file_is_read_and_beaten),
        cmocka_unit_test(faults_are_named),      cmocka_unit_test(everything_is_printed),         cmocka_unit_test(secrets_are_read_from_files),
        cmocka_unit_test(secrets_are_not_shown), cmocka_unit_test(decimals_are_read_and_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
