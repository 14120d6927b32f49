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
    assert_ok(store_message_insert(&f->a, f->c, &row, NULL, sources, 2));
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
    assert_ok(store_message_insert(&f->a, f->c, &row, NULL, NULL, 0));
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
        assert_ok(store_message_insert(&f->a, f->c, &row, NULL, NULL, 0));
    }
    struct message_row other = message(4, 9);
    assert_ok(store_message_insert(&f->a, f->c, &other, NULL, NULL, 0));
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
    assert_int_equal(store_message_insert(&f->a, f->c, &row, NULL, NULL, 0), DB_CONFLICT);
}

static void fill(struct fixture *f, int64_t session_id, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        struct message_row row = message(session_id, i);
        assert_ok(store_message_insert(&f->a, f->c, &row, NULL, NULL, 0));
    }
}

static void sessions_are_listed_newest_first(void **state)
{
    struct fixture *f = *state;
    struct session_item *items;
    size_t count;
    int64_t total;
    insert_session(f, 3, "sess-1", SPAN("ann"));
    insert_session(f, 4, "sess-2", SPAN("bob"));
    insert_session(f, 5, "sess-3", SPAN("ann"));
    fill(f, 3, 1, 2);
    struct session_filter filter = {.limit = 10};
    assert_ok(store_session_list(&f->a, f->c, &filter, f->arena, &items, &count));
    assert_int_equal(count, 3);
    assert_int_equal(items[0].session.session_id, 5);
    assert_int_equal(items[0].messages, 0);
    assert_int_equal(items[2].messages, 2);
    assert_text(items[2].title, "Why?");
    filter.end_user = SPAN("ann");
    filter.limit = 1;
    filter.before = SPAN("sess-3");
    assert_ok(store_session_list(&f->a, f->c, &filter, f->arena, &items, &count));
    assert_int_equal(count, 1);
    assert_int_equal(items[0].session.session_id, 3);
    assert_ok(store_session_count(&f->a, f->c, &filter, &total));
    assert_int_equal(total, 2);
    assert_ok(store_session_count(&f->b, f->c, &filter, &total));
    assert_int_equal(total, 0);
}

static void a_bound_session_shows_its_collection(void **state)
{
    struct fixture *f = *state;
    struct session_row row = {.session_id = 3, .public_id = "sess-1", .collection_id = f->collection_a, .created_at = NOW, .updated_at = NOW};
    struct session_item *items;
    size_t count;
    assert_ok(store_session_insert(&f->a, f->c, &row));
    insert_session(f, 4, "sess-2", (struct span){0});
    assert_int_equal(find(f, "sess-1").collection_id, f->collection_a);
    assert_int_equal(find(f, "sess-2").collection_id, 0);
    struct session_filter filter = {.limit = 10, .collection_id = f->collection_a};
    assert_ok(store_session_list(&f->a, f->c, &filter, f->arena, &items, &count));
    assert_int_equal(count, 1);
    assert_int_equal(items[0].session.session_id, 3);
}

static void messages_come_in_pages(void **state)
{
    struct fixture *f = *state;
    int64_t total;
    insert_session(f, 3, "sess-1", (struct span){0});
    fill(f, 3, 1, 5);
    struct message_page page = {.limit = 3, .bytes = 1 << 20};
    assert_ok(store_message_list(&f->a, f->c, 3, f->arena, &page));
    assert_int_equal(page.count, 3);
    assert_true(page.more);
    assert_int_equal(page.items[0].message.message_id, 1);
    assert_null(page.items[0].detail.snippets.p);
    assert_string_equal(page.items[0].feedback.rating, "");
    page.after = span_of(page.items[2].message.public_id);
    assert_ok(store_message_list(&f->a, f->c, 3, f->arena, &page));
    assert_int_equal(page.count, 2);
    assert_false(page.more);
    page = (struct message_page){.limit = 3, .bytes = 0};
    assert_ok(store_message_list(&f->a, f->c, 3, f->arena, &page));
    assert_int_equal(page.count, 1);
    assert_true(page.more);
    assert_ok(store_message_count(&f->a, f->c, 3, &total));
    assert_int_equal(total, 5);
}

static void feedback_takes_the_place_of_the_one_before(void **state)
{
    struct fixture *f = *state;
    struct message_item item;
    bool found;
    insert_session(f, 3, "sess-1", SPAN("ann"));
    struct message_row row = message(3, 1);
    struct message_detail detail = {true, SPAN("[0]")};
    assert_ok(store_message_insert(&f->a, f->c, &row, &detail, NULL, 0));
    assert_ok(store_feedback_put(&f->a, f->c, 1, &(struct feedback_row){"up", SPAN("good"), NOW}));
    assert_ok(store_feedback_put(&f->a, f->c, 1, &(struct feedback_row){"down", {NULL, 0}, NOW + 1}));
    assert_ok(store_message_by_public_id(&f->a, f->c, span_of(row.public_id), f->arena, &item, &found));
    assert_true(found);
    assert_string_equal(item.feedback.rating, "down");
    assert_null(item.feedback.comment.p);
    assert_int_equal(item.feedback.created_at, NOW + 1);
    assert_true(item.detail.degraded);
    assert_text(item.session.end_user, "ann");
    assert_string_equal(item.session.public_id, "sess-1");
    assert_ok(store_message_by_public_id(&f->b, f->c, span_of(row.public_id), f->arena, &item, &found));
    assert_false(found);
    assert_int_equal(store_feedback_put(&f->a, f->c, 99, &(struct feedback_row){"up", {NULL, 0}, NOW}), DB_CONFLICT);
}

static void a_source_shows_what_became_of_it(void **state)
{
    struct fixture *f = *state;
    struct source_found *found;
    size_t count;
    bool changed;
    fixture_insert_document(f, &f->a, 1);
    struct chunk_row chunk = fixture_chunk(0, "text");
    assert_ok(store_chunk_insert(&f->a, f->c, 1, 1, &chunk));
    insert_session(f, 3, "sess-1", (struct span){0});
    struct message_row row = message(3, 1);
    static const struct source_row sources[] = {{1, 1, 0, 2, 10, 20, 800000}, {1, 7, 0, 0, 10, 20, 500000}, {99, 1, 0, 0, 0, 1, 1}};
    assert_ok(store_message_insert(&f->a, f->c, &row, NULL, sources, 3));
    assert_ok(store_message_sources(&f->a, f->c, 1, f->arena, &found, &count));
    assert_int_equal(count, 3);
    assert_false(found[0].removed);
    assert_text(found[0].text, "text");
    assert_int_equal(found[0].page, 2);
    assert_true(found[1].removed && found[1].document_name.p);
    assert_true(found[2].removed && !found[2].document_name.p && !found[2].document[0]);
    assert_ok(store_document_delete(&f->a, f->c, 1, 5, NOW, &changed));
    assert_ok(store_message_sources(&f->a, f->c, 1, f->arena, &found, &count));
    assert_true(found[0].removed && !found[0].document_name.p && found[0].document[0]);
}

static void deleting_a_session_takes_all_of_it(void **state)
{
    struct fixture *f = *state;
    int64_t total;
    bool changed;
    insert_session(f, 3, "sess-1", (struct span){0});
    struct message_row row = message(3, 1);
    assert_ok(store_message_insert(&f->a, f->c, &row, NULL, &(struct source_row){.document_id = 1, .version = 1}, 1));
    assert_ok(store_session_delete(&f->b, f->c, 3, &changed));
    assert_false(changed);
    assert_ok(store_session_delete(&f->a, f->c, 3, &changed));
    assert_true(changed);
    assert_ok(store_message_count(&f->a, f->c, 3, &total));
    assert_int_equal(total, 0);
    assert_int_equal(fixture_count(f, &f->a, IN_MESSAGE_SOURCE), 0);
}

static void sessions_expire_in_bounded_steps(void **state)
{
    struct fixture *f = *state;
    int64_t deleted, steps = 0, total = 0;
    struct session_filter all = {.limit = 10};
    for (int s = 0; s < 3; s++) {
        char id[16];
        snprintf(id, sizeof id, "sess-%d", s);
        insert_session(f, 3 + s, id, (struct span){0});
        fill(f, 3 + s, 10 * s + 1, 5); /* used at NOW + 10 s + 5 last */
    }
    do {
        assert_ok(store_sessions_expire(&f->a, f->c, NOW + 20, 4, &deleted));
        assert_true(deleted <= 4);
        total += deleted;
        steps++;
    } while (deleted > 0);
    assert_int_equal(total, 12); /* ten messages, two sessions */
    assert_int_equal(steps, 5);
    assert_ok(store_session_count(&f->a, f->c, &all, &total));
    assert_int_equal(total, 1);
    assert_ok(store_message_count(&f->a, f->c, 5, &total));
    assert_int_equal(total, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(sessions_are_listed_newest_first),
        STORE_TEST(a_bound_session_shows_its_collection),
        STORE_TEST(messages_come_in_pages),
        STORE_TEST(feedback_takes_the_place_of_the_one_before),
        STORE_TEST(a_source_shows_what_became_of_it),
        STORE_TEST(deleting_a_session_takes_all_of_it),
        STORE_TEST(sessions_expire_in_bounded_steps),
        STORE_TEST(a_session_is_read_back),
        STORE_TEST(a_message_carries_its_sources_and_touches_its_session),
        STORE_TEST(a_message_carries_its_citations),
        STORE_TEST(the_last_messages_come_oldest_first),
        STORE_TEST(a_message_needs_its_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
