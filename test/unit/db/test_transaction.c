/* Transactions: all or nothing, tried again, consistent while others write, and honest about a full disk. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "db/engine.h"
#include "place.h"

static const struct db_statement insert_row = {"test.insert", "insert into item (id, data) values ($1, $2)"};
static const struct db_statement delete_rows = {"test.delete", "delete from item"};
static const struct db_statement count_rows = {"test.count", "select count(*) from item"};
static const struct db_statement add_one = {"test.add", "update counter set value = value + 1"};
static const struct db_statement read_counter = {"test.counter", "select value from counter"};

struct fixture {
    struct place place;
    struct db *db;
};

static int set_up(void **state)
{
    static struct fixture f;
    char why[256];
    place_make(&f.place);
    f.db = place_open(&f.place, &(struct db_options){.readers = 2, .busy_timeout_ms = 10});
    struct db_conn *c = db_acquire(f.db, DB_WRITE);
    const char *schema = "create table item (id bigint not null primary key, data bytea); create table counter (value bigint); insert into counter values (0);";
    assert_int_equal(db_sqlite.exec(c, schema, why, sizeof why), DB_OK);
    db_release(c);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    db_close(f->db);
    place_remove(&f->place);
    return 0;
}

static enum db_status insert(struct db_conn *c, int64_t id, struct span data)
{
    struct db_stmt *s = db_prepare(c, &insert_row);
    db_bind_int(s, 1, id);
    db_bind_blob(s, 2, data);
    return db_run(s, NULL);
}

static int64_t read_number(struct db_conn *c, const struct db_statement *statement)
{
    struct db_stmt *s = db_prepare(c, statement);
    int64_t value = db_step(s) == DB_ROW ? db_int(s, 0) : -1;
    db_end(s);
    return value;
}

static int64_t read_fresh(struct db *db, const struct db_statement *statement)
{
    struct db_conn *c = db_acquire(db, DB_READ);
    int64_t value = read_number(c, statement);
    db_release(c);
    return value;
}

/* ---- all or nothing ---- */

struct plan {
    enum db_status result; /* of the body */
    int first_good;        /* the try from which on the result is DB_OK */
    int tries;
};

static enum db_status insert_two(struct db_conn *c, void *context)
{
    struct plan *plan = context;
    plan->tries++;
    assert_int_equal(insert(c, 1, SPAN("x")), DB_OK);
    assert_int_equal(insert(c, 2, SPAN("x")), DB_OK);
    return plan->tries >= plan->first_good ? DB_OK : plan->result;
}

static void a_body_that_fails_leaves_nothing(void **state)
{
    static const enum db_status results[] = {DB_ERROR, DB_CONFLICT, DB_FULL};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        struct plan plan = {results[i], 9, 0};
        assert_int_equal(db_transact(f->db, insert_two, &plan), results[i]);
        assert_int_equal(plan.tries, 1);
        assert_int_equal(read_fresh(f->db, &count_rows), 0);
    }
    struct plan plan = {DB_OK, 1, 0};
    assert_int_equal(db_transact(f->db, insert_two, &plan), DB_OK);
    assert_int_equal(read_fresh(f->db, &count_rows), 2);
}

static void a_retry_starts_from_the_beginning(void **state)
{
    struct fixture *f = *state;
    struct plan plan = {DB_RETRY, 3, 0};
    assert_int_equal(db_transact(f->db, insert_two, &plan), DB_OK);
    assert_int_equal(plan.tries, 3);
    assert_int_equal(read_fresh(f->db, &count_rows), 2);
}

static void retries_end(void **state)
{
    struct fixture *f = *state;
    struct plan plan = {DB_RETRY, 100, 0};
    assert_int_equal(db_transact(f->db, insert_two, &plan), DB_RETRY);
    assert_int_equal(plan.tries, 8);
    assert_int_equal(read_fresh(f->db, &count_rows), 0);
}

static enum db_status conflict_inside(struct db_conn *c, void *context)
{
    (void)context;
    assert_int_equal(insert(c, 1, SPAN("x")), DB_OK);
    return insert(c, 1, SPAN("x"));
}

static void a_conflict_rolls_back(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_transact(f->db, conflict_inside, NULL), DB_CONFLICT);
    assert_int_equal(read_fresh(f->db, &count_rows), 0);
}

static void anothers_lock_is_a_retry(void **state)
{
    struct fixture *f = *state;
    sqlite3 *other;
    struct plan plan = {DB_OK, 1, 0};
    assert_int_equal(sqlite3_open(f->place.path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(db_transact(f->db, insert_two, &plan), DB_RETRY);
    assert_int_equal(plan.tries, 0);
    sqlite3_exec(other, "rollback", NULL, NULL, NULL);
    sqlite3_close(other);
    assert_int_equal(db_transact(f->db, insert_two, &plan), DB_OK);
}

/* ---- snapshot ---- */

static enum db_status look_twice(struct db_conn *c, void *context)
{
    struct fixture *f = context;
    struct plan plan = {DB_OK, 1, 0};
    assert_int_equal(read_number(c, &count_rows), 0);
    assert_int_equal(db_transact(f->db, insert_two, &plan), DB_OK);
    assert_int_equal(read_fresh(f->db, &count_rows), 2);
    assert_int_equal(read_number(c, &count_rows), 0);
    return DB_OK;
}

static void a_snapshot_stays_as_it_was(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_snapshot(f->db, look_twice, f), DB_OK);
    assert_int_equal(read_fresh(f->db, &count_rows), 2);
}

/* ---- full ---- */

enum { BIG = 1 << 20 };

static enum db_status insert_big(struct db_conn *c, void *context)
{
    enum db_status status = insert(c, 1, SPAN("small"));
    return status == DB_OK ? insert(c, 2, (struct span){context, BIG}) : status;
}

static void limit_pages(struct db *db, const char *pragma)
{
    char why[256];
    struct db_conn *c = db_acquire(db, DB_WRITE);
    assert_int_equal(db_sqlite.exec(c, pragma, why, sizeof why), DB_OK);
    db_release(c);
}

static void a_full_database_says_so_and_recovers(void **state)
{
    struct fixture *f = *state;
    char *big = calloc(1, BIG);
    assert_non_null(big);
    limit_pages(f->db, "pragma max_page_count=20");
    assert_int_equal(db_transact(f->db, insert_big, big), DB_FULL);
    assert_int_equal(read_fresh(f->db, &count_rows), 0);
    limit_pages(f->db, "pragma max_page_count=100000");
    assert_int_equal(db_transact(f->db, insert_big, big), DB_OK);
    assert_int_equal(read_fresh(f->db, &count_rows), 2);
    free(big);
}

/* ---- what is deleted is overwritten ---- */

static enum db_status insert_secret(struct db_conn *c, void *context)
{
    return insert(c, 1, (struct span){context, BIG});
}

static enum db_status delete_all(struct db_conn *c, void *context)
{
    (void)context;
    return db_run(db_prepare(c, &delete_rows), NULL);
}

static bool file_holds(const char *path, const char *text)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t length = strlen(text), matched = 0;
    int ch;
    while (matched < length && (ch = fgetc(f)) != EOF)
        matched = ch == text[matched] ? matched + 1 : ch == text[0];
    fclose(f);
    return matched == length;
}

static void deleted_bytes_do_not_linger(void **state)
{
    struct fixture *f = *state;
    char *data = calloc(1, BIG + 8);
    assert_non_null(data);
    for (size_t i = 0; i < BIG; i += 8)
        memcpy(data + i, "Zx-SECR3", 8);
    assert_int_equal(db_transact(f->db, insert_secret, data), DB_OK);
    db_close(f->db);
    assert_true(file_holds(f->place.path, "Zx-SECR3"));
    f->db = place_open(&f->place, NULL);
    assert_int_equal(db_transact(f->db, delete_all, NULL), DB_OK);
    db_close(f->db);
    assert_false(file_holds(f->place.path, "Zx-SECR3"));
    f->db = place_open(&f->place, NULL);
    free(data);
}

/* ---- threads ---- */

enum { WRITERS = 4, READERS = 6, ROUNDS = 60 };

static enum db_status count_up(struct db_conn *c, void *context)
{
    (void)context;
    return db_run(db_prepare(c, &add_one), NULL);
}

static void *write_often(void *arg)
{
    uintptr_t done = 0;
    for (int i = 0; i < ROUNDS; i++)
        done += db_transact(arg, count_up, NULL) == DB_OK;
    return (void *)done;
}

/* Gives how often the counter was seen to go back or could not be read. */
static void *read_often(void *arg)
{
    uintptr_t wrong = 0;
    int64_t last = 0;
    for (int i = 0; i < 10 * ROUNDS; i++) {
        int64_t value = read_fresh(arg, &read_counter);
        wrong += value < last;
        last = value;
    }
    return (void *)wrong;
}

static void threads_share_the_database(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[WRITERS + READERS];
    uintptr_t done = 0, wrong = 0;
    for (int i = 0; i < WRITERS + READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, i < WRITERS ? write_often : read_often, f->db), 0);
    for (int i = 0; i < WRITERS + READERS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        if (i < WRITERS)
            done += (uintptr_t)result;
        else
            wrong += (uintptr_t)result;
    }
    assert_int_equal(done, WRITERS * ROUNDS);
    assert_int_equal(wrong, 0);
    assert_int_equal(read_fresh(f->db, &read_counter), WRITERS * ROUNDS);
}

static enum db_status insert_one(struct db_conn *c, void *context)
{
    return insert(c, *(const int64_t *)context, SPAN("x"));
}

static enum db_status only_count(struct db_conn *c, void *context)
{
    *(int64_t *)context = read_number(c, &count_rows);
    return DB_OK;
}

/* What was read after the mark holds while the mark does: so every write changes it, and reading does not. */
static void the_mark_changes_with_every_write(void **state)
{
    struct fixture *f = *state;
    uint64_t mark = db_mark(f->db), before;
    int64_t id = 1, count;
    assert_true(mark != 0);
    assert_int_equal(db_snapshot(f->db, only_count, &count), DB_OK);
    assert_true(db_mark(f->db) == mark);
    for (; id < 4; id++) {
        before = db_mark(f->db);
        assert_int_equal(db_transact(f->db, insert_one, &id), DB_OK);
        assert_true(db_mark(f->db) != before);
    }
    before = db_mark(f->db);
    struct db_conn *c = db_acquire(f->db, DB_WRITE);
    assert_int_equal(insert(c, 9, SPAN("y")), DB_OK);
    db_release(c);
    assert_true(db_mark(f->db) != before && db_mark(f->db) != mark);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_that_fails_leaves_nothing),
        TEST(a_retry_starts_from_the_beginning),
        TEST(retries_end),
        TEST(a_conflict_rolls_back),
        TEST(anothers_lock_is_a_retry),
        TEST(a_snapshot_stays_as_it_was),
        TEST(a_full_database_says_so_and_recovers),
        TEST(deleted_bytes_do_not_linger),
        TEST(threads_share_the_database),
        TEST(the_mark_changes_with_every_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
