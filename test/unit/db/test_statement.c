/* Statements: values in and out, parameters by name, the cache, and what errors become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "db/engine.h"
#include "place.h"

static const struct db_statement insert_item = {"test.insert", "insert into item (id, label, data) values ($1, $2, $3)"};
static const struct db_statement read_item = {"test.read", "select id, label, data from item where id = $1"};
static const struct db_statement read_all = {"test.read_all", "select id from item order by id"};
static const struct db_statement second_first = {"test.second_first", "select $2, $1, $2"};
static const struct db_statement insert_child = {"test.child", "insert into child (id, parent) values ($1, $2)"};
static const struct db_statement rename_all = {"test.rename", "update item set label = $1"};
static const struct db_statement broken = {"test.broken", "select nothing from nowhere"};

struct fixture {
    struct place place;
    struct db *db;
    struct db_conn *c;
};

static int set_up(void **state)
{
    static struct fixture f;
    char why[256];
    place_make(&f.place);
    f.db = place_open(&f.place, NULL);
    f.c = db_acquire(f.db, DB_WRITE);
    const char *schema = "create table item (id bigint not null primary key, label text, data bytea, unique (label));"
                         "create table child (id bigint not null primary key, parent bigint not null references item (id));";
    assert_int_equal(db_sqlite.exec(f.c, schema, why, sizeof why), DB_OK);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    db_release(f->c);
    db_close(f->db);
    place_remove(&f->place);
    return 0;
}

static enum db_status insert(struct db_conn *c, int64_t id, struct span label, struct span data)
{
    struct db_stmt *s = db_prepare(c, &insert_item);
    db_bind_int(s, 1, id);
    db_bind_text(s, 2, label);
    db_bind_blob(s, 3, data);
    return db_run(s, NULL);
}

static void check_item(struct db_conn *c, int64_t id, struct span label, struct span data)
{
    struct db_stmt *s = db_prepare(c, &read_item);
    db_bind_int(s, 1, id);
    assert_int_equal(db_step(s), DB_ROW);
    assert_true(db_int(s, 0) == id);
    assert_int_equal(db_is_null(s, 1), label.p == NULL);
    assert_int_equal(db_is_null(s, 2), data.p == NULL);
    assert_int_equal(db_text(s, 1).p == NULL, label.p == NULL);
    assert_int_equal(db_blob(s, 2).p == NULL, data.p == NULL);
    assert_true(span_eq(db_text(s, 1), label));
    assert_true(span_eq(db_blob(s, 2), data));
    assert_int_equal(db_step(s), DB_OK);
    db_end(s);
}

static void values_come_back_as_they_went(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    static const struct {
        int64_t id;
        struct span label, data;
    } items[] = {
        {INT64_MAX, {"plain", 5}, {"\0\1\377", 3}},
        {INT64_MIN, {"\303\244\360\237\230\200", 6}, {"x", 1}},
        {0, {"", 0}, {"", 0}},
        {1, {NULL, 0}, {NULL, 0}},
        {2, {"12", 2}, {"34", 2}},
    };
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        assert_int_equal(insert(c, items[i].id, items[i].label, items[i].data), DB_OK);
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        check_item(c, items[i].id, items[i].label, items[i].data);
}

static void null_reads_as_zero(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    struct db_stmt *s = db_prepare(c, &second_first);
    db_bind_int(s, 1, 7);
    db_bind_null(s, 2);
    assert_int_equal(db_step(s), DB_ROW);
    assert_int_equal(db_int(s, 0), 0);
    assert_int_equal(db_int(s, 1), 7);
    assert_true(db_is_null(s, 0));
    db_end(s);
}

static void parameters_go_by_their_names(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    struct db_stmt *s = db_prepare(c, &second_first);
    db_bind_int(s, 1, 1);
    db_bind_int(s, 2, 2);
    assert_int_equal(db_step(s), DB_ROW);
    assert_int_equal(db_int(s, 0), 2);
    assert_int_equal(db_int(s, 1), 1);
    assert_int_equal(db_int(s, 2), 2);
    db_end(s);
}

static void parameters_of_an_earlier_use_are_gone(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    assert_int_equal(insert(c, 1, SPAN("one"), SPAN("data")), DB_OK);
    struct db_stmt *s = db_prepare(c, &insert_item);
    db_bind_int(s, 1, 2);
    assert_int_equal(db_run(s, NULL), DB_OK);
    check_item(c, 2, (struct span){0}, (struct span){0});
}

static void a_parameter_that_is_not_there_is_an_error(void **state)
{
    static const int numbers[] = {0, -1, 2, DB_PARAMETERS_MAX, DB_PARAMETERS_MAX + 1, 1 << 20};
    struct db_conn *c = ((struct fixture *)*state)->c;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct db_stmt *s = db_prepare(c, &read_item);
        db_bind_int(s, numbers[i], 1);
        db_bind_int(s, 1, 1);
        assert_int_equal(db_step(s), DB_ERROR);
        db_end(s);
    }
    check_item(c, (insert(c, 5, SPAN("five"), SPAN("")), 5), SPAN("five"), SPAN(""));
}

static void text_must_be_utf8_without_nul(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    assert_int_equal(insert(c, 1, SPAN("a\0b"), SPAN("")), DB_ERROR);
    assert_int_equal(insert(c, 1, SPAN("\377"), SPAN("")), DB_ERROR);
    assert_int_equal(insert(c, 1, SPAN("\355\240\200"), SPAN("")), DB_ERROR);
    assert_int_equal(insert(c, 1, SPAN("good"), SPAN("a\0b")), DB_OK);
}

static void statements_are_kept(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    struct db_stmt *first = db_prepare(c, &read_item);
    assert_non_null(first);
    assert_null(db_prepare(c, &read_item)); /* one use at a time */
    struct db_stmt *other = db_prepare(c, &read_all);
    assert_ptr_not_equal(first, other);
    db_end(other);
    db_end(first);
    assert_ptr_equal(db_prepare(c, &read_item), first);
    db_end(first);
    db_end(first);
    db_end(NULL);
    assert_int_equal(c->in_use, 0);
}

static void a_statement_left_open_is_ended_with_the_loan(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(insert(f->c, 1, SPAN("one"), SPAN("")), DB_OK);
    assert_int_equal(db_step(db_prepare(f->c, &read_all)), DB_ROW);
    db_release(f->c);
    f->c = db_acquire(f->db, DB_WRITE);
    struct db_stmt *s = db_prepare(f->c, &read_all);
    assert_non_null(s);
    db_end(s);
}

static void a_text_that_is_no_sql_is_an_error(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    struct db_stmt *s = db_prepare(c, &broken);
    assert_null(s);
    db_bind_int(s, 1, 1);
    db_bind_text(s, 2, SPAN("x"));
    db_bind_blob(s, 3, SPAN("x"));
    db_bind_null(s, 4);
    assert_int_equal(db_step(s), DB_ERROR);
    assert_int_equal(db_run(s, NULL), DB_ERROR);
}

static void the_end_repeats(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    assert_int_equal(insert(c, 1, SPAN("one"), SPAN("")), DB_OK);
    struct db_stmt *s = db_prepare(c, &read_all);
    assert_int_equal(db_step(s), DB_ROW);
    for (int i = 0; i < 3; i++)
        assert_int_equal(db_step(s), DB_OK);
    db_end(s);
}

static void violations_are_conflicts(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    static const struct db_statement null_id = {"test.null", "insert into item (id) values (null)"};
    assert_int_equal(insert(c, 1, SPAN("one"), SPAN("")), DB_OK);
    assert_int_equal(insert(c, 1, SPAN("two"), SPAN("")), DB_CONFLICT);
    assert_int_equal(insert(c, 2, SPAN("one"), SPAN("")), DB_CONFLICT);
    struct db_stmt *s = db_prepare(c, &insert_child);
    db_bind_int(s, 1, 1);
    db_bind_int(s, 2, 99);
    assert_int_equal(db_run(s, NULL), DB_CONFLICT);
    assert_int_equal(db_run(db_prepare(c, &null_id), NULL), DB_ERROR); /* the program's own fault */
}

static void changed_rows_are_counted(void **state)
{
    struct db_conn *c = ((struct fixture *)*state)->c;
    int64_t changed = -1;
    struct db_stmt *s = db_prepare(c, &rename_all);
    assert_int_equal(db_run(s, &changed), DB_OK);
    assert_int_equal(changed, 0);
    assert_int_equal(insert(c, 1, SPAN("one"), SPAN("")), DB_OK);
    assert_int_equal(insert(c, 2, SPAN("two"), SPAN("")), DB_OK);
    s = db_prepare(c, &rename_all);
    assert_int_equal(db_run(s, &changed), DB_OK);
    assert_int_equal(changed, 2);
}

static void a_reading_connection_cannot_write(void **state)
{
    struct fixture *f = *state;
    struct db_conn *reader = db_acquire(f->db, DB_READ);
    assert_int_equal(insert(reader, 1, SPAN("one"), SPAN("")), DB_ERROR);
    db_release(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_come_back_as_they_went),
        TEST(null_reads_as_zero),
        TEST(parameters_go_by_their_names),
        TEST(parameters_of_an_earlier_use_are_gone),
        TEST(a_parameter_that_is_not_there_is_an_error),
        TEST(text_must_be_utf8_without_nul),
        TEST(statements_are_kept),
        TEST(a_statement_left_open_is_ended_with_the_loan),
        TEST(a_text_that_is_no_sql_is_an_error),
        TEST(the_end_repeats),
        TEST(violations_are_conflicts),
        TEST(changed_rows_are_counted),
        TEST(a_reading_connection_cannot_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
