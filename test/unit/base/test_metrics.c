/* Histograms and the text of metrics; the context of log lines. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/sys.h"

static void assert_holds(const struct buf *text, const char *part)
{
    if (span_find(buf_view(text), span_of(part)) < 0)
        fail_msg("no %s in\n%.*s", part, (int)text->n, text->p);
}

static void samples_have_names_and_labels(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 16);
    metrics_single(&text, "a_total", "counter", "Things.", 3);
    metrics_family(&text, "b", "gauge", "Others.");
    metrics_sample(&text, "b", "kind=\"x\"", -1);
    assert_true(
        span_eq(buf_view(&text), SPAN("# HELP a_total Things.\n# TYPE a_total counter\na_total 3\n# HELP b Others.\n# TYPE b gauge\nb{kind=\"x\"} -1\n")));
    buf_free(&text);
}

static void buckets_are_cumulative(void **state)
{
    (void)state;
    struct histogram h = {0};
    struct buf text;
    buf_init(&text, 1 << 16);
    assert_int_equal(histogram_count(&h), 0);
    static const int64_t us[] = {-5, 0, 1000, 1001, 60000000, 60000001};
    for (size_t i = 0; i < sizeof us / sizeof *us; i++)
        histogram_add(&h, us[i]);
    assert_int_equal(histogram_count(&h), 6);
    metrics_histogram(&text, "t_seconds", "a=\"b\"", &h);
    assert_holds(&text, "t_seconds_bucket{a=\"b\",le=\"0.001\"} 3\n");
    assert_holds(&text, "t_seconds_bucket{a=\"b\",le=\"0.0025\"} 4\n");
    assert_holds(&text, "t_seconds_bucket{a=\"b\",le=\"30\"} 4\n");
    assert_holds(&text, "t_seconds_bucket{a=\"b\",le=\"60\"} 5\n");
    assert_holds(&text, "t_seconds_bucket{a=\"b\",le=\"+Inf\"} 6\n");
    assert_holds(&text, "t_seconds_sum{a=\"b\"} 120.002002\n");
    assert_holds(&text, "t_seconds_count{a=\"b\"} 6\n");
    buf_clear(&text);
    metrics_histogram(&text, "t", "", &h);
    assert_holds(&text, "t_bucket{le=\"0.001\"} 3\n");
    assert_holds(&text, "t_count 6\n");
    buf_free(&text);
}

static void *add_many(void *h)
{
    for (int i = 0; i < 20000; i++)
        histogram_add(h, i % 3 * 3000);
    return NULL;
}

static void threads_lose_nothing(void **state)
{
    (void)state;
    static struct histogram h;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &h), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(histogram_count(&h), 80000);
    assert_int_equal(h.sum_us, 4 * (UINT64_C(6667) * 3000 + UINT64_C(6666) * 6000));
}

static void write_name(struct buf *out, const void *context)
{
    buf_str(out, context);
}

static void sources_speak_in_order(void **state)
{
    (void)state;
    struct metrics_sources s = {0};
    struct buf text;
    buf_init(&text, 1 << 16);
    assert_true(metrics_add_source(&s, write_name, "a"));
    for (size_t i = 1; i < METRICS_SOURCES_MAX; i++)
        assert_true(metrics_add_source(&s, write_name, "b"));
    assert_false(metrics_add_source(&s, write_name, "c"));
    metrics_write(&s, &text);
    assert_true(span_eq(buf_view(&text), SPAN("abbbbbbb")));
    buf_free(&text);
}

static int64_t value_of(const struct buf *text, const char *name)
{
    char line[80];
    int n = snprintf(line, sizeof line, "\n%s ", name);
    ptrdiff_t at = span_find(buf_view(text), span_of(line));
    struct span rest, value;
    int64_t number;
    assert_true(at >= 0);
    span_cut(span_skip(buf_view(text), (size_t)at + (size_t)n), '\n', &value, &rest);
    assert_true(span_to_int(value, 0, INT64_MAX, &number));
    return number;
}

static void the_process_is_told(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 16);
    metrics_process(&text);
    int64_t before = value_of(&text, "process_open_fds"), start = value_of(&text, "process_start_time_seconds");
    assert_true(value_of(&text, "process_resident_memory_bytes") > 1 << 18);
    assert_true(value_of(&text, "process_max_fds") >= before);
    assert_in_range(start, sys_wall_ms() / 1000 - 3600, sys_wall_ms() / 1000 + 1);
    int fd = dup(1);
    buf_clear(&text);
    metrics_process(&text);
    assert_int_equal(value_of(&text, "process_open_fds"), before + 1);
    close(fd);
    buf_free(&text);
}

/* What log_event writes, by standard error put elsewhere for a while. */
static void log_lines(struct buf *text)
{
    int fd = file_spool("."), old = dup(2);
    assert_true(fd >= 0);
    dup2(fd, 2);
    log_context("request_id", "req_1");
    log_event(LOG_WARN, "a", log_int("n", 1));
    log_event(LOG_WARN, "b", log_str("request_id", "req_2"));
    log_context(NULL, NULL);
    log_event(LOG_WARN, "c", log_int("n", 2));
    dup2(old, 2);
    close(old);
    assert_true(file_read_all(fd, text));
    close(fd);
}

static void lines_say_what_they_belong_to(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 20);
    log_lines(&text);
    assert_holds(&text, "\"event\":\"a\",\"n\":1,\"request_id\":\"req_1\"}\n");
    assert_holds(&text, "\"event\":\"b\",\"request_id\":\"req_2\"}\n");
    assert_holds(&text, "\"event\":\"c\",\"n\":2}\n");
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_have_names_and_labels), cmocka_unit_test(buckets_are_cumulative), cmocka_unit_test(threads_lose_nothing),
        cmocka_unit_test(sources_speak_in_order),        cmocka_unit_test(the_process_is_told),    cmocka_unit_test(lines_say_what_they_belong_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
