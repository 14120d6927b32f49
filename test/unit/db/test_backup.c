/* Backup and restore of one database: what is copied, what is refused, what is left. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/engine.h"
#include "place.h"

static const struct db_statement add = {"test.add", "insert into server_state (name, value) values ($1, $2)"};
static const struct db_statement count = {"test.count", "select count(*) from server_state"};
static const struct db_statement newer = {"test.newer", "insert into schema_migration (version, name, applied_at) values (999, 'later', 0)"};

struct both {
    struct place place;
    char copy[300];
    char why[512];
};

static int set_up(void **state)
{
    struct both *b = calloc(1, sizeof *b);
    place_make(&b->place);
    snprintf(b->copy, sizeof b->copy, "%.280s/copy", b->place.folder);
    *state = b;
    return 0;
}

/* Copies and files set aside have names that only the test knows by their folder. */
static int tear_down(void **state)
{
    struct both *b = *state;
    DIR *folder = opendir(b->place.folder);
    for (struct dirent *e; (e = readdir(folder));)
        unlinkat(dirfd(folder), e->d_name, 0);
    closedir(folder);
    place_remove(&b->place);
    free(b);
    return 0;
}

static enum db_status insert(struct db_conn *c, void *context)
{
    struct db_stmt *s = db_prepare(c, &add);
    db_bind_text(s, 1, span_of(context));
    db_bind_blob(s, 2, SPAN("x"));
    return db_run(s, NULL);
}

static struct db *open_migrated(struct both *b)
{
    struct db *db = place_open(&b->place, NULL);
    assert_true(db_migrate(db, b->why, sizeof b->why));
    return db;
}

static int64_t states(struct db *db)
{
    struct db_conn *c = db_acquire(db, DB_READ);
    struct db_stmt *s = db_prepare(c, &count);
    assert_int_equal(db_step(s), DB_ROW);
    int64_t n = db_int(s, 0);
    db_end(s);
    db_release(c);
    return n;
}

static size_t files_with(const struct both *b, const char *part)
{
    size_t n = 0;
    DIR *folder = opendir(b->place.folder);
    for (struct dirent *e; (e = readdir(folder));)
        n += strstr(e->d_name, part) != NULL;
    closedir(folder);
    return n;
}

static bool put_back(struct both *b)
{
    return db_restore(&db_sqlite, b->place.path, b->copy, insert, "restored", b->why, sizeof b->why);
}

static void a_copy_of_a_database_in_use_comes_back(void **state)
{
    struct both *b = *state;
    struct stat st;
    struct db *db = open_migrated(b);
    assert_int_equal(db_transact(db, insert, "first"), DB_OK);
    assert_true(db_size(db) > 4096);
    if (!db_backup(&db_sqlite, b->place.path, b->copy, b->why, sizeof b->why))
        fail_msg("%s", b->why);
    assert_int_equal(db_transact(db, insert, "second"), DB_OK);
    assert_int_equal(stat(b->copy, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(files_with(b, ".part-"), 0);
    assert_false(put_back(b)); /* it is open */
    assert_non_null(strstr(b->why, "in use"));
    db_close(db);
    if (!put_back(b))
        fail_msg("%s", b->why);
    db = open_migrated(b);
    assert_int_equal(states(db), 2); /* first and restored */
    db_close(db);
    assert_int_equal(files_with(b, ".before-"), 1);
    assert_int_equal(files_with(b, ".restoring"), 0);
}

static void nothing_is_overwritten(void **state)
{
    struct both *b = *state;
    struct stat st;
    db_close(open_migrated(b));
    int fd = open(b->copy, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    assert_false(db_backup(&db_sqlite, b->place.path, b->copy, b->why, sizeof b->why));
    assert_non_null(strstr(b->why, "overwrites nothing"));
    assert_int_equal(stat(b->copy, &st), 0);
    assert_int_equal(st.st_size, 1);
}

static void no_database_is_no_backup(void **state)
{
    struct both *b = *state;
    assert_false(db_backup(&db_sqlite, b->place.path, b->copy, b->why, sizeof b->why));
    assert_non_null(strstr(b->why, "There is no database"));
    assert_int_equal(access(b->copy, F_OK), -1);
    assert_int_equal(access(b->place.path, F_OK), -1);
}

/* Each change to the copy is refused, and the database stays as it was. */
static void refuse_copy(struct both *b, const char *says)
{
    assert_false(put_back(b));
    if (!strstr(b->why, says))
        fail_msg("%s", b->why);
    struct db *db = open_migrated(b);
    assert_int_equal(states(db), 1);
    db_close(db);
    assert_int_equal(files_with(b, ".restoring"), 0);
    assert_int_equal(files_with(b, ".before-"), 0);
}

static void bad_backups_are_refused(void **state)
{
    struct both *b = *state;
    struct db *db = open_migrated(b);
    assert_int_equal(db_transact(db, insert, "kept"), DB_OK);
    db_close(db);
    refuse_copy(b, "cannot be read");
    assert_true(db_backup(&db_sqlite, b->place.path, b->copy, b->why, sizeof b->why));
    struct stat st;
    assert_int_equal(stat(b->copy, &st), 0);
    int fd = open(b->copy, O_RDWR);
    char page[4096];
    memset(page, 0x5a, sizeof page);
    assert_int_equal(pwrite(fd, page, sizeof page, st.st_size / 2 / 4096 * 4096), sizeof page);
    refuse_copy(b, "is damaged");
    assert_int_equal(ftruncate(fd, 0), 0);
    refuse_copy(b, "no database of this program");
    assert_int_equal(write(fd, page, sizeof page), sizeof page);
    refuse_copy(b, "is damaged");
    close(fd);
}

static void a_newer_backup_is_refused(void **state)
{
    struct both *b = *state;
    struct place other = b->place;
    struct db *db = open_migrated(b);
    assert_int_equal(db_transact(db, insert, "kept"), DB_OK);
    db_close(db);
    snprintf(other.path, sizeof other.path, "%s", b->copy);
    db = place_open(&other, NULL);
    assert_true(db_migrate(db, b->why, sizeof b->why));
    struct db_conn *c = db_acquire(db, DB_WRITE);
    assert_int_equal(db_run(db_prepare(c, &newer), NULL), DB_OK);
    refuse_copy(b, "has a log beside it");
    db_release(c);
    db_close(db);
    refuse_copy(b, "newer version of this program");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_copy_of_a_database_in_use_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_overwritten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_database_is_no_backup, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_backups_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_newer_backup_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
