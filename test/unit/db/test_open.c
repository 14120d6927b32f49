/* Opening, locking, migrating and reopening a database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "db/engine.h"
#include "place.h"

static const struct db_statement count_states = {"test.count", "select count(*) from server_state"};
static const struct db_statement add_state = {"test.add", "insert into server_state (name, value) values ($1, $2)"};
static const struct db_statement newest = {"test.newest", "select max(version) from schema_migration"};
static const struct db_statement half_made = {"test.half_made", "select count(*) from sqlite_master where name = 'half_made'"};

static int set_up(void **state)
{
    static struct place place;
    place_make(&place);
    *state = &place;
    return 0;
}

static int tear_down(void **state)
{
    place_remove(*state);
    return 0;
}

static int64_t number(struct db *db, const struct db_statement *statement)
{
    struct db_conn *c = db_acquire(db, DB_READ);
    struct db_stmt *s = db_prepare(c, statement);
    assert_int_equal(db_step(s), DB_ROW);
    int64_t value = db_int(s, 0);
    db_end(s);
    db_release(c);
    return value;
}

static void migrate(struct db *db)
{
    char why[512] = "";
    if (!db_migrate(db, why, sizeof why))
        fail_msg("%s", why);
}

static enum db_status insert_state(struct db_conn *c, void *context)
{
    struct db_stmt *s = db_prepare(c, &add_state);
    db_bind_text(s, 1, span_of(context));
    db_bind_blob(s, 2, SPAN("x"));
    return db_run(s, NULL);
}

static void rows_survive_a_reopening(void **state)
{
    struct db *db = place_open(*state, NULL);
    migrate(db);
    migrate(db);
    assert_int_equal(number(db, &newest), db_migrations_count);
    assert_int_equal(db_transact(db, insert_state, "kept"), DB_OK);
    db_close(db);
    db = place_open(*state, NULL);
    migrate(db);
    assert_int_equal(number(db, &count_states), 1);
    db_close(db);
}

static void files_are_the_owners_alone(void **state)
{
    const struct place *place = *state;
    static const char *const endings[] = {"", "-wal", "-shm", ".lock"};
    struct db *db = place_open(place, NULL);
    migrate(db);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char name[320];
        struct stat info;
        snprintf(name, sizeof name, "%s%s", place->path, endings[i]);
        assert_int_equal(stat(name, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
    }
    db_close(db);
}

static void a_second_opening_is_refused(void **state)
{
    const struct place *place = *state;
    char why[512] = "";
    struct db *db = place_open(place, NULL);
    assert_null(db_open(&db_sqlite, place->path, NULL, why, sizeof why));
    assert_non_null(strstr(why, "in use by another process"));
    db_close(db);
    db_close(place_open(place, NULL));
}

static void a_file_of_another_kind_is_refused(void **state)
{
    const struct place *place = *state;
    char why[512] = "";
    FILE *f = fopen(place->path, "w");
    assert_non_null(f);
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", f);
    fclose(f);
    assert_null(db_open(&db_sqlite, place->path, NULL, why, sizeof why));
    assert_non_null(strstr(why, "not a database"));
}

static void a_missing_folder_is_refused(void **state)
{
    const struct place *place = *state;
    char path[320], why[512] = "";
    snprintf(path, sizeof path, "%s/absent/test.db", place->folder);
    assert_null(db_open(&db_sqlite, path, NULL, why, sizeof why));
    assert_non_null(strstr(why, "No such file or directory"));
}

static void a_newer_schema_is_refused(void **state)
{
    static const struct db_migration list[] = {{1, "001_one", "create table one (a bigint);"}, {2, "002_two", "create table two (a bigint);"}};
    char why[512] = "";
    struct db *db = place_open(*state, NULL);
    assert_true(db_migrate_list(db, list, 2, why, sizeof why));
    assert_false(db_migrate_list(db, list, 1, why, sizeof why));
    assert_non_null(strstr(why, "schema 2"));
    assert_non_null(strstr(why, "newer version"));
    assert_true(db_migrate_list(db, list, 2, why, sizeof why));
    db_close(db);
}

static void a_failing_migration_leaves_no_trace(void **state)
{
    static const struct db_migration bad[] = {{1, "001_one", "create table one (a bigint);"},
                                              {2, "002_two", "create table half_made (a bigint); create table broken (a bigint, ;"}};
    static const struct db_migration good[] = {{1, "001_one", "create table one (a bigint);"}, {2, "002_two", "create table half_made (a bigint);"}};
    char why[512] = "";
    struct db *db = place_open(*state, NULL);
    assert_false(db_migrate_list(db, bad, 2, why, sizeof why));
    assert_non_null(strstr(why, "002_two"));
    assert_int_equal(number(db, &newest), 1);
    assert_int_equal(number(db, &half_made), 0);
    assert_true(db_migrate_list(db, good, 2, why, sizeof why));
    assert_int_equal(number(db, &half_made), 1);
    db_close(db);
}

static void migrations_are_numbered_without_gaps(void **state)
{
    (void)state;
    assert_true(db_migrations_count > 0);
    for (size_t i = 0; i < db_migrations_count; i++) {
        int number_in_name;
        assert_int_equal(db_migrations[i].version, i + 1);
        assert_int_equal(sscanf(db_migrations[i].name, "%3d_", &number_in_name), 1);
        assert_int_equal(number_in_name, i + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_survive_a_reopening, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_are_the_owners_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_opening_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_of_another_kind_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_folder_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_newer_schema_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failing_migration_leaves_no_trace, set_up, tear_down),
        cmocka_unit_test(migrations_are_numbered_without_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
