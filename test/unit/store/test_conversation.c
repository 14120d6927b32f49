/* Sessions, messages and their sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"

static void insert_session(struct fixture *f, int64_t id, const char *public_id, struct span end_user)
{
    struct session_row row = {.session_id = id, .end_user = end_user, .created_at = NOW, .updated_at = NOW};
    snprintf(row.public_id, sizeof row.public_id, "%s", public_id);
    assert_ok(store_session_insert(&f->a, f->c, &row));
}

static struct message_row message(int64_t session_id, int number)
{
    struct message_row row = {.message_id = number,
                              .session_id = session_id,
                              .question = SPAN("Why?"),
                              .answer = SPAN("Because."),
                              .status = "complete",
                              .answered = number % 2,
                              .confidence_ppm = 900000,
                              .tokens_in = 3,
                              .tokens_out = 4,
                              .created_at = NOW + number};
    snprintf(row.public_id, sizeof row.public_id, "msg_%032x", (unsigned)number);
    return row;
}

static struct session_row find(struct fixture *f, const char *public_id)
{
    struct session_row row;
    bool found;
    assert_ok(store_session_by_public_id(&f->a, f->c, span_of(public_id), f->arena, &row, &found));
    assert_true(found);
    return row;
}

static void a_session_is_read_back(void **state)
{
    struct fixture *f = *state;
    struct session_row row;
    bool found;
    insert_session(f, 3, "sess-1", SPAN("customer 7"));
    insert_session(f, 4, "sess-2", (struct span){0});
    row = find(f, "sess-1");
    assert_int_equal(row.session_id, 3);
    assert_string_equal(row.public_id, "sess-1");
    assert_text(row.end_user, "customer 7");
    assert_int_equal(row.created_at, NOW);
    assert_null(find(f, "sess-2").end_user.p);
    assert_ok(store_session_by_public_id(&f->a, f->c, SPAN("sess-3"), f->arena, &row, &found));
    assert_false(found);
}

static void a_message_carries_its_sources_and_touches_its_session(void **state)
{
    struct fixture *f = *state;
    static const struct source_row sources[] = {{1, 1, 0, 2, 10, 20, 800000}, {1, 1, 3, 5, 60, 70, 500000}};
    struct message_row row = message(3, 1), *rows;
    size_t count;
    insert_session(f, 3, "sess-1", (struct span){0});
    assert_ok(store_message_insert(&f->a, f->c, &row, sources, 2));
    assert_int_equal(find(f, "sess-1").updated_at, NOW + 1);
    assert_int_equal(fixture_count(f, &f->a, IN_MESSAGE_SOURCE), 2);
    assert_ok(store_message_recent(&f->a, f->c, 3, 5, f->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].message_id, 1);
    assert_int_equal(rows[0].session_id, 3);
    assert_text(rows[0].question, "Why?");
    assert_text(rows[0].answer, "Because.");
    assert_string_equal(rows[0].status, "complete");
    assert_true(rows[0].answered);
    assert_int_equal(rows[0].confidence_ppm, 900000);
    assert_int_equal(rows[0].tokens_in, 3);
    assert_int_equal(rows[0].tokens_out, 4);
    assert_int_equal(rows[0].created_at, NOW + 1);
}

static void a_message_carries_its_citations(void **state)
{
    struct fixture *f = *state;
    static const struct citation_row written[] = {{"citation", 0, 9, 1, true}, {"citation", 10, 30, -1, false}, {"number", 12, 14, -1, false}};
    struct message_row row = message(3, 1);
    struct citation_row *rows;
    size_t count;
    row.citations = written;
    row.citation_count = 3;
    insert_session(f, 3, "sess-1", (struct span){0});
    assert_ok(store_message_insert(&f->a, f->c, &row, NULL, 0));
    assert_ok(store_citation_list(&f->a, f->c, 1, f->arena, &rows, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(rows[i].kind, written[i].kind);
        assert_int_equal(rows[i].start, written[i].start);
        assert_int_equal(rows[i].end, written[i].end);
        assert_int_equal(rows[i].source, written[i].source);
        assert_int_equal(rows[i].supported, written[i].supported);
    }
    assert_ok(store_citation_list(&f->b, f->c, 1, f->arena, &rows, &count));
    assert_int_equal(count, 0);
}

static void the_last_messages_come_oldest_first(void **state)
{
    struct fixture *f = *state;
    struct message_row *rows;
    size_t count;
    insert_session(f, 3, "sess-1", (struct span){0});
    insert_session(f, 4, "sess-2", (struct span){0});
    for (int i = 1; i <= 5; i++) {
        struct message_row row = message(3, i);
        assert_ok(store_message_insert(&f->a, f->c, &row, NULL, 0));
    }
    struct message_row other = message(4, 9);
    assert_ok(store_message_insert(&f->a, f->c, &other, NULL, 0));
    assert_ok(store_message_recent(&f->a, f->c, 3, 3, f->arena, &rows, &count));
    assert_int_equal(count, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rows[i].message_id, i + 3);
    assert_ok(store_message_recent(&f->a, f->c, 99, 3, f->arena, &rows, &count));
    assert_int_equal(count, 0);
}

static void a_message_needs_its_session(void **state)
{
    struct fixture *f = *state;
    struct message_row row = message(3, 1);
    assert_int_equal(store_message_insert(&f->a, f->c, &row, NULL, 0), DB_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_session_is_read_back),          STORE_TEST(a_message_carries_its_sources_and_touches_its_session),
        STORE_TEST(a_message_carries_its_citations), STORE_TEST(the_last_messages_come_oldest_first),
        STORE_TEST(a_message_needs_its_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
