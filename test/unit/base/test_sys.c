/* Ids and time stamps with the clock and the random bytes of the test; files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

static int64_t fixed_ms(void)
{
    return 0x0123456789ABLL;
}

static void all_ones(void *out, size_t n)
{
    memset(out, 0xFF, n);
}

static void all_zeros(void *out, size_t n)
{
    memset(out, 0, n);
}

static void public_ids_are_uuid_7(void **state)
{
    (void)state;
    char id[PUBLIC_ID_SIZE], next[PUBLIC_ID_SIZE];
    sys_replace(&(struct sys_source){fixed_ms, all_ones});
    sys_public_id(id, "doc_");
    assert_string_equal(id, "doc_0123456789ab7000bfffffffffffffff");
    sys_replace(&(struct sys_source){fixed_ms, all_zeros});
    sys_public_id(id, "longprefix");
    assert_string_equal(id, "longpre0123456789ab70018000000000000000");
    assert_int_equal(sys_random_id(), 1); /* never 0 */
    sys_replace(NULL);
    sys_public_id(id, "");
    sys_public_id(next, "");
    assert_string_not_equal(id, next);
    for (int i = 0; i < 10000; i++) { /* more than the counter holds in one millisecond */
        assert_true(strcmp(id, next) < 0);
        memcpy(id, next, sizeof id);
        sys_public_id(next, "");
    }
    assert_int_equal(id[12], '7');
    assert_non_null(strchr("89ab", id[16]));
}

static void random_ids_are_positive(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_true(sys_random_id() > 0);
    assert_true(sys_random_u64() != sys_random_u64());
}

static void time_stamps_are_rfc_3339(void **state)
{
    (void)state;
    char out[TIMESTAMP_SIZE];
    sys_timestamp(out, 0);
    assert_string_equal(out, "1970-01-01T00:00:00Z");
    sys_timestamp(out, 951782399999);
    assert_string_equal(out, "2000-02-28T23:59:59Z");
    sys_timestamp(out, 1795426200000);
    assert_string_equal(out, "2026-11-23T09:30:00Z");
    sys_timestamp(out, INT64_MAX); /* a year that does not fit gives nothing, not rubbish */
    assert_string_equal(out, "");
    int64_t before = sys_mono_us();
    assert_true(sys_mono_us() >= before);
    assert_true(sys_wall_ms() > 1600000000000);
}

static void files_are_written_and_read_whole(void **state)
{
    (void)state;
    char dir[] = "test-sys-XXXXXX", path[64] = "";
    assert_non_null(mkdtemp(dir));
    strncat(path, dir, sizeof path - 1);
    strncat(path, "/a/b", sizeof path - strlen(path) - 1);
    assert_true(file_make_dirs(path));
    assert_true(file_make_dirs(path)); /* again */
    int fd = file_spool(path);
    assert_true(fd >= 0);
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 50000; i++)
        buf_printf(&b, "%d,", i);
    struct span all = buf_view(&b);
    assert_true(file_write(fd, all));
    assert_int_equal(file_size(fd), all.n);
    char part[5];
    assert_true(file_read_at(fd, part, sizeof part, 2));
    assert_memory_equal(part, "1,2,3", 5);
    assert_false(file_read_at(fd, part, sizeof part, (int64_t)all.n - 4));
    struct buf back;
    buf_init(&back, 1 << 20);
    assert_true(file_read_all(fd, &back));
    assert_true(span_eq(all, buf_view(&back)));
    buf_free(&back);
    buf_init(&back, all.n / 2);
    assert_false(file_read_all(fd, &back)); /* larger than the buffer may grow */
    buf_free(&back);
    buf_free(&b);
    close(fd);
    assert_int_equal(rmdir(path), 0); /* the spool file left no name */
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(file_spool(path), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_ids_are_uuid_7),
        cmocka_unit_test(random_ids_are_positive),
        cmocka_unit_test(time_stamps_are_rfc_3339),
        cmocka_unit_test(files_are_written_and_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
