/* Workers that misbehave (misbehave.c): each is stopped, its document fails with the documented code, and the parent keeps nothing of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extract/extract.h"

/* The system call filter and the bound on memory are off where a sanitizer needs more than they allow. */
enum { FILTERED = !SANITIZED_BUILD };

static const char *misbehave; /* path of the program */

static const struct {
    const char *deed;
    enum extract_error error;
    const char *text;   /* of the one block when the document succeeds */
    bool needs_sandbox; /* not stopped in a sanitized build */
} cases[] = {
    {"connect", EXTRACT_DAMAGED, NULL, true},
    {"open", EXTRACT_OK, "EACCES", true},
    {"open behind landlock", EXTRACT_OK, "EACCES", true},
    {"exec behind landlock", EXTRACT_OK, "EACCES", true},
    {"create", EXTRACT_OK, "EACCES", true},
    {"write document", EXTRACT_OK, "EBADF", false},
    {"exec", EXTRACT_DAMAGED, NULL, true},
    {"fork", EXTRACT_DAMAGED, NULL, true},
    {"signal parent", EXTRACT_DAMAGED, NULL, true},
    {"trace", EXTRACT_DAMAGED, NULL, true},
    {"raise limit", EXTRACT_OK, "EACCES", true},
    {"executable memory", EXTRACT_DAMAGED, NULL, true},
    {"make executable", EXTRACT_DAMAGED, NULL, true},
    {"memory", EXTRACT_OK, "ENOMEM", true},
    {"abort without memory", EXTRACT_TOO_LARGE, NULL, true},
    {"spin", EXTRACT_TIMEOUT, NULL, false},
    {"sleep", EXTRACT_TIMEOUT, NULL, false},
    {"segfault", EXTRACT_DAMAGED, NULL, false},
    {"abort", EXTRACT_DAMAGED, NULL, false},
    {"exit early", EXTRACT_DAMAGED, NULL, false},
    {"out of memory status", EXTRACT_TOO_LARGE, NULL, false},
    {"close pipe", EXTRACT_DAMAGED, NULL, false},
    {"garbage", EXTRACT_DAMAGED, NULL, false},
    {"half frame", EXTRACT_DAMAGED, NULL, false},
    {"endless", EXTRACT_TOO_LARGE, NULL, false},
    {"huge length", EXTRACT_DAMAGED, NULL, false},
    {"control characters", EXTRACT_DAMAGED, NULL, false},
    {"speak after the end", EXTRACT_OK, "before", false},
    {"refuse", EXTRACT_ENCRYPTED, NULL, false},
    {"tell inheritance", EXTRACT_OK, "0 1 2 3 4 session own secret unknown document read-only", false},
};

static size_t open_descriptors(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

/* A document of a few bytes on a descriptor that can also write. */
static int new_document(void)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "text", 4), 4);
    return fd;
}

static void run_deed(const char *deed, const struct extract_limits *limits, struct arena *arena, struct extract_result *result)
{
    int fd = new_document();
    extract_document(misbehave, fd, span_of(deed), limits, arena, result);
    close(fd);
}

static void each_is_stopped(void **state)
{
    (void)state;
    struct extract_limits limits = {.memory_bytes = (int64_t)64 << 20, .cpu_s = 1, .wall_s = 60, .output_bytes = 1 << 20};
    size_t descriptors = open_descriptors();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct extract_result r;
        struct arena *arena = arena_new(16 << 20);
        if (cases[i].needs_sandbox && !FILTERED)
            goto next;
        limits.wall_s = span_eq(span_of(cases[i].deed), SPAN("sleep")) ? 1 : 60;
        run_deed(cases[i].deed, &limits, arena, &r);
        if (r.error != cases[i].error)
            fail_msg("%s: %s (%s)", cases[i].deed, extract_error_code(r.error), r.message);
        if (r.error == EXTRACT_OK) {
            assert_int_equal(r.count, 1);
            if (!span_eq(r.blocks[0].text, span_of(cases[i].text)))
                fail_msg("%s: %.*s", cases[i].deed, SPAN_ARG(r.blocks[0].text));
        } else {
            assert_int_equal(r.count, 0);
            assert_true(r.message[0] != '\0');
        }
    next:
        arena_free(arena);
    }
    assert_int_equal(open_descriptors(), descriptors);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie, nor a child that lives on */
    assert_int_equal(errno, ECHILD);
    assert_int_equal(access("/tmp/chatifix-misbehave", F_OK), -1);
}

static void a_missing_program_is_the_servers_trouble(void **state)
{
    (void)state;
    struct extract_result r;
    size_t descriptors = open_descriptors();
    int fd = new_document();
    struct arena *arena = arena_new(1 << 20);
    extract_document("/nonexistent/program", fd, SPAN("a"), &extract_default_limits, arena, &r);
    assert_int_equal(r.error, EXTRACT_INTERNAL);
    extract_document(misbehave, -1, SPAN("a"), &extract_default_limits, arena, &r);
    assert_int_equal(r.error, EXTRACT_INTERNAL);
    arena_free(arena);
    close(fd);
    assert_int_equal(open_descriptors(), descriptors);
}

static void a_worker_starts_no_other(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct extract_result r;
    setenv("CHATIFIX_WORKER", "1", 1);
    run_deed("refuse", &extract_default_limits, arena, &r);
    unsetenv("CHATIFIX_WORKER");
    assert_int_equal(r.error, EXTRACT_INTERNAL);
    run_deed("refuse", &extract_default_limits, arena, &r);
    assert_int_equal(r.error, EXTRACT_ENCRYPTED);
    arena_free(arena);
}

static void a_cancelled_worker_is_killed(void **state)
{
    (void)state;
    static const _Atomic bool cancel = true;
    struct extract_limits limits = extract_default_limits;
    struct extract_result r;
    struct arena *arena = arena_new(1 << 20);
    limits.cancel = &cancel;
    run_deed("sleep", &limits, arena, &r);
    assert_int_equal(r.error, EXTRACT_INTERNAL);
    arena_free(arena);
}

/* The blocks of an honest worker that do not fit the arena any more. */
static void a_full_arena_is_an_ordinary_error(void **state)
{
    (void)state;
    struct extract_result r;
    struct arena *arena = arena_new(4096);
    struct extract_limits limits = extract_default_limits;
    run_deed("endless", &limits, arena, &r);
    assert_int_equal(r.error, EXTRACT_TOO_LARGE);
    arena_free(arena);
}

/* What becomes of a document with a page that is a picture: text, or error and notes. */
static const struct {
    const char *deed, *languages;
    enum extract_error error;
    const char *text, *notes;
} scans[] = {
    {"scan well", NULL, EXTRACT_OK, "text", "Page 2."},
    {"scan well", "eng", EXTRACT_OK, "text and scan", ""},
    {"scan badly", "eng", EXTRACT_OK, "text", "Page 2.\nCharacter recognition failed: The file made its reader fail; it is probably damaged."},
    {"scan nothing", NULL, EXTRACT_NO_TEXT, NULL, ""},
    {"scan nothing", "eng", EXTRACT_TIMEOUT, NULL, ""},
};

static void pictures_are_read_by_a_second_worker(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scans / sizeof *scans; i++) {
        struct extract_result r;
        struct extract_limits limits = extract_default_limits;
        struct arena *arena = arena_new(1 << 20);
        limits.ocr = scans[i].languages;
        run_deed(scans[i].deed, &limits, arena, &r);
        assert_int_equal(r.error, scans[i].error);
        assert_int_equal(r.count, scans[i].text ? 1 : 0);
        if (scans[i].text)
            assert_true(span_eq(r.blocks[0].text, span_of(scans[i].text)));
        assert_string_equal(r.notes, scans[i].notes);
        arena_free(arena);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_stopped),
        cmocka_unit_test(a_missing_program_is_the_servers_trouble),
        cmocka_unit_test(a_worker_starts_no_other),
        cmocka_unit_test(a_cancelled_worker_is_killed),
        cmocka_unit_test(pictures_are_read_by_a_second_worker),
        cmocka_unit_test(a_full_arena_is_an_ordinary_error),
    };
    if (argc != 2)
        return 2;
    misbehave = argv[1];
    setenv("CHATIFIX_TEST_SECRET", "s3cret", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
