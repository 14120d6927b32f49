/* Two tenants with the same ids: what one has the other does not see, and what one does the other does not feel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "fixture.h"
#include "store/model.h"

/* One of everything, with the same ids for every tenant. */
enum { DOCUMENT = 1, GONE = 2, USER = 5, KEY = 9, SESSION = 3, MESSAGE = 4, OWNER = 11 };

static void claim_request(struct fixture *f, const struct tenant *t, bool *claimed)
{
    static const unsigned char hash[32];
    struct idempotency_row row;
    assert_ok(store_idempotency_claim(t, f->c, "POST /x", SPAN("key"), hash, 1, NOW, NOW + 10, f->arena, claimed, &row));
}

static void make_account(struct fixture *f, const struct tenant *t)
{
    struct user_row user = {
        .user_id = USER, .public_id = "usr_1", .email = SPAN("e"), .name = SPAN("n"), .role = "owner", .status = "active", .password_hash = SPAN("p")};
    struct api_key_row key = {.key_id = KEY, .public_id = "key_1", .name = SPAN("k"), .prefix = "cfx_", .scopes = 1, .created_at = NOW};
    char login[32], hash[33];
    bool claimed;
    snprintf(login, sizeof login, "e%lld", (long long)t->id);
    snprintf(hash, sizeof hash, "%032lld", (long long)t->id);
    assert_ok(store_user_insert(t, f->c, &user));
    assert_ok(store_login_insert(t, f->c, span_of(login), USER));
    assert_ok(store_api_key_insert(t, f->c, &key, span_of(hash)));
    assert_ok(store_audit_insert(t, f->c, "usr_1", "a", "s", NOW));
    assert_ok(store_setting_put(t, f->c, "fallback", SPAN("mine")));
    assert_ok(store_usage_add(t, f->c, "questions", 1, NOW));
    claim_request(f, t, &claimed);
    assert_true(claimed);
    assert_ok(store_tenant_model_claim(t, f->c, SPAN("mine"), USER, NOW, NOW, &claimed));
}

static void make_documents(struct fixture *f, const struct tenant *t)
{
    struct chunk_row chunk = fixture_chunk(0, "mine");
    for (int i = DOCUMENT; i <= GONE; i++) {
        fixture_insert_document(f, t, i);
        assert_ok(store_part_insert(t, f->c, i, 1, 0, SPAN("mine")));
        assert_ok(store_chunk_insert(t, f->c, i, 1, &chunk));
        assert_ok(store_embedding_insert(t, f->c, i, 1, 0, SPAN("m"), SPAN("mine")));
        assert_ok(store_job_insert(t, f->c, i, 1, NOW, NOW));
    }
    struct document_row done = fixture_document(0, DOCUMENT);
    bool changed;
    assert_ok(store_tenant_next_seq(t, f->c, &done.seq));
    assert_ok(store_document_completed(t, f->c, &done, &changed));
    assert_true(changed);
}

static void make_conversation(struct fixture *f, const struct tenant *t)
{
    struct session_row session = {.session_id = SESSION, .public_id = "sess-1", .created_at = NOW, .updated_at = NOW};
    struct message_row message = {
        .message_id = MESSAGE, .public_id = "msg_1", .session_id = SESSION, .question = SPAN("q"), .status = "complete", .created_at = NOW};
    assert_ok(store_session_insert(t, f->c, &session));
    assert_ok(store_message_insert(t, f->c, &message, NULL, &(struct source_row){.document_id = DOCUMENT, .version = 1}, 1));
}

static void make_everything(struct fixture *f, const struct tenant *t)
{
    make_account(f, t);
    make_documents(f, t);
    make_conversation(f, t);
}

/* ---- looking ---- */

static void sees_no_account(struct fixture *f, const struct tenant *t)
{
    struct user_row user;
    struct user_access user_access;
    struct api_key_access key_access;
    struct span value;
    bool found;
    assert_ok(store_user_get(t, f->c, USER, f->arena, &user, &found));
    assert_false(found);
    assert_ok(store_user_access(t, f->c, USER, &user_access, &found));
    assert_false(found);
    assert_ok(store_api_key_access(t, f->c, KEY, &key_access, &found));
    assert_false(found);
    assert_ok(store_setting_get(t, f->c, "fallback", f->arena, &value, &found));
    assert_false(found);
}

static void sees_no_document(struct fixture *f, const struct tenant *t)
{
    struct document_row row = fixture_document(f->collection_a, DOCUMENT), *rows;
    struct document_change *changes;
    bool found;
    size_t count;
    int64_t total;
    assert_ok(store_document_get(t, f->c, DOCUMENT, f->arena, &row, &found));
    assert_false(found);
    assert_ok(store_document_by_public_id(t, f->c, SPAN("doc_00000000000000000000000000000001"), f->arena, &row, &found));
    assert_false(found);
    assert_ok(store_document_by_external_id(t, f->c, SPAN("ext-1"), f->arena, &row, &found));
    assert_false(found);
    assert_ok(store_document_by_filename(t, f->c, f->collection_a, SPAN("File 001.txt"), f->arena, &row, &found));
    assert_false(found);
    assert_ok(store_document_by_content(t, f->c, f->collection_a, SPAN("File 001.txt"), row.content_hash, f->arena, &row, &found));
    assert_false(found);
    assert_ok(store_document_list(t, f->c, &(struct document_filter){.limit = 10}, f->arena, &rows, &count));
    assert_int_equal(count, 0);
    assert_ok(store_document_list(t, f->c, &(struct document_filter){.limit = 10, .collection_id = f->collection_a}, f->arena, &rows, &count));
    assert_int_equal(count, 0);
    assert_ok(store_document_count(t, f->c, &(struct document_filter){.limit = 10}, &total));
    assert_int_equal(total, 0);
    assert_ok(store_document_changes(t, f->c, 0, f->arena, &changes, &count));
    assert_int_equal(count, 0);
}

static bool no_chunk(void *context, int32_t ordinal, struct span terms, int64_t length, struct span vector)
{
    (void)context, (void)ordinal, (void)terms, (void)length, (void)vector;
    return false;
}

static bool no_vector(void *context, int32_t ordinal, struct span vector)
{
    (void)context, (void)ordinal, (void)vector;
    return false;
}

static void sees_no_content(struct fixture *f, const struct tenant *t)
{
    struct chunk_found chunk;
    struct chunk *chunks;
    struct session_row session;
    struct message_row *messages;
    struct job_row job;
    struct span data;
    bool found;
    size_t count;
    int64_t collection_id;
    assert_ok(store_collection_by_name(t, f->c, SPAN("mine"), false, NOW, &collection_id, &found));
    assert_false(found);
    assert_ok(store_part_get(t, f->c, DOCUMENT, 1, 0, f->arena, &data, &found));
    assert_false(found);
    assert_ok(store_chunk_terms(t, f->c, DOCUMENT, 1, SPAN("m"), no_chunk, NULL));
    assert_ok(store_chunk_terms(t, f->c, DOCUMENT, 1, SPAN(""), no_chunk, NULL));
    assert_ok(store_embedding_list(t, f->c, DOCUMENT, 1, SPAN("m"), no_vector, NULL));
    assert_ok(store_chunk_lacking(t, f->c, DOCUMENT, 1, SPAN("none"), 0, 10, f->arena, &chunks, &count));
    assert_int_equal(count, 0);
    assert_ok(store_chunk_get(t, f->c, DOCUMENT, 0, f->arena, &chunk, &found));
    assert_false(found);
    assert_ok(store_session_by_public_id(t, f->c, SPAN("sess-1"), f->arena, &session, &found));
    assert_false(found);
    assert_ok(store_message_recent(t, f->c, SESSION, 10, f->arena, &messages, &count));
    assert_int_equal(count, 0);
    assert_ok(store_job_claim(t, f->c, OWNER, NOW, NOW + 10, &job, &found));
    assert_false(found);
}

static void a_tenant_sees_nothing_of_anothers(void **state)
{
    struct fixture *f = *state;
    int64_t collection_id;
    bool found, claimed;
    make_everything(f, &f->a);
    assert_ok(store_collection_by_name(&f->a, f->c, SPAN("mine"), true, NOW, &collection_id, &found));
    sees_no_account(f, &f->b);
    sees_no_document(f, &f->b);
    sees_no_content(f, &f->b);
    claim_request(f, &f->b, &claimed);
    assert_true(claimed);
}

/* ---- doing ---- */

static sqlite3_stmt *prepare(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &s, NULL), SQLITE_OK);
    return s;
}

static void put_rows(struct buf *b, sqlite3 *handle, const char *table, int64_t tenant_id)
{
    char sql[160];
    snprintf(sql, sizeof sql, "select * from %s where tenant_id = $1 order by rowid", table);
    sqlite3_stmt *s = prepare(handle, sql);
    sqlite3_bind_int64(s, 1, tenant_id);
    buf_printf(b, "%s:\n", table);
    while (sqlite3_step(s) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const void *value = sqlite3_column_blob(s, i);
            buf_put(b, value ? value : "", (size_t)sqlite3_column_bytes(s, i));
            buf_char(b, i + 1 < sqlite3_column_count(s) ? '|' : '\n');
        }
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
}

/* Every row of a tenant in every table that has a tenant_id. */
static void dump(struct fixture *f, const struct tenant *t, struct buf *b)
{
    sqlite3 *handle;
    int dumped = 0;
    assert_int_equal(sqlite3_open(f->place.path, &handle), SQLITE_OK);
    sqlite3_stmt *s =
        prepare(handle, "select m.name from sqlite_master m join pragma_table_info(m.name) c on c.name = 'tenant_id' where m.type = 'table' order by 1");
    for (; sqlite3_step(s) == SQLITE_ROW; dumped++)
        put_rows(b, handle, (const char *)sqlite3_column_text(s, 0), t->id);
    sqlite3_finalize(s);
    sqlite3_close(handle);
    assert_true(dumped >= 20);
    assert_false(b->failed);
}

static void change_documents(struct fixture *f, const struct tenant *t)
{
    struct document_row row = fixture_document(f->collection_b, DOCUMENT);
    bool changed;
    int64_t seq;
    row.version = 2;
    assert_ok(store_tenant_next_seq(t, f->c, &seq));
    assert_ok(store_document_replace(t, f->c, &row));
    assert_ok(store_document_progress(t, f->c, DOCUMENT, 2, "processing", 9, NOW, &changed));
    assert_ok(store_document_failed(t, f->c, DOCUMENT, 2, "x", "y", NOW, &changed));
    assert_ok(store_document_completed(t, f->c, &row, &changed));
    assert_ok(store_part_delete_before(t, f->c, DOCUMENT, 2));
    assert_ok(store_chunk_delete_others(t, f->c, DOCUMENT, 2));
    assert_ok(store_embedding_insert(t, f->c, DOCUMENT, 2, 0, SPAN("m"), SPAN("changed")));
    assert_ok(store_document_embedded(t, f->c, DOCUMENT, 2, seq, &changed));
    assert_ok(store_embedding_delete_other(t, f->c, DOCUMENT, SPAN("another")));
    assert_ok(store_chunk_delete_version(t, f->c, DOCUMENT, 2));
    assert_ok(store_document_delete(t, f->c, GONE, seq, NOW, &changed));
    assert_true(changed);
}

static void change_the_rest(struct fixture *f, const struct tenant *t)
{
    struct message_row message = {
        .message_id = 40, .public_id = "msg_2", .session_id = SESSION, .question = SPAN("q"), .status = "complete", .created_at = NOW + 9};
    struct job_row job;
    bool found, held;
    assert_ok(store_tenant_model_claim(t, f->c, SPAN("m"), OWNER, NOW, NOW + 10, &held));
    assert_ok(store_tenant_model_hold(t, f->c, OWNER, NOW + 20, &held));
    assert_ok(store_tenant_model_switch(t, f->c, SPAN("n"), OWNER, &held));
    assert_ok(store_tenant_model_settle(t, f->c, OWNER, &held));
    assert_true(held);
    assert_ok(store_tenant_model_note(t, f->c, &(struct model_name){"other"}));
    assert_ok(store_tenant_model_unsettle(t, f->c));
    assert_ok(store_api_key_used(t, f->c, KEY, NOW + 9));
    assert_ok(store_setting_put(t, f->c, "fallback", SPAN("changed")));
    assert_ok(store_usage_add(t, f->c, "questions", 50, NOW));
    assert_ok(store_idempotency_finish(t, f->c, "POST /x", SPAN("key"), 200, SPAN("r")));
    assert_ok(store_idempotency_drop(t, f->c, "POST /x", SPAN("key")));
    assert_ok(store_message_insert(t, f->c, &message, NULL, NULL, 0));
    assert_ok(store_job_claim(t, f->c, OWNER, NOW, NOW + 10, &job, &found));
    assert_true(found);
    assert_ok(store_job_renew(t, f->c, job.job_id, OWNER, NOW + 20, &held));
    assert_ok(store_job_release(t, f->c, job.job_id, OWNER, NOW + 5, &held));
    assert_ok(store_job_free_leases(t, f->c, NOW));
    assert_ok(store_job_claim(t, f->c, OWNER, NOW + 6, NOW + 10, &job, &found));
    assert_ok(store_job_finish(t, f->c, job.job_id, OWNER, &held));
    assert_true(held);
    assert_ok(store_job_claim(t, f->c, OWNER, NOW + 6, NOW + 10, &job, &found));
}

static void a_tenant_feels_nothing_of_anothers(void **state)
{
    struct fixture *f = *state;
    struct buf before, after;
    buf_init(&before, 1 << 20);
    buf_init(&after, 1 << 20);
    make_everything(f, &f->a);
    dump(f, &f->a, &before);
    make_everything(f, &f->b); /* the same ids: every key leads with the tenant */
    change_documents(f, &f->b);
    change_the_rest(f, &f->b);
    dump(f, &f->a, &after);
    assert_true(before.n > 1000);
    assert_true(span_eq(buf_view(&before), buf_view(&after)));
    buf_free(&before);
    buf_free(&after);
}

/* Jobs are named by their random id; even with the right one in hand another tenant cannot touch it. */
static void a_job_belongs_to_its_tenant(void **state)
{
    struct fixture *f = *state;
    struct job_row job;
    bool found, held;
    make_everything(f, &f->a);
    assert_ok(store_job_claim(&f->a, f->c, OWNER, NOW, NOW + 10, &job, &found));
    assert_true(found);
    assert_ok(store_job_renew(&f->b, f->c, job.job_id, OWNER, NOW + 20, &held));
    assert_false(held);
    assert_ok(store_job_release(&f->b, f->c, job.job_id, OWNER, NOW, &held));
    assert_false(held);
    assert_ok(store_job_finish(&f->b, f->c, job.job_id, OWNER, &held));
    assert_false(held);
    assert_ok(store_job_finish(&f->a, f->c, job.job_id, OWNER, &held));
    assert_true(held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_tenant_sees_nothing_of_anothers),
        STORE_TEST(a_tenant_feels_nothing_of_anothers),
        STORE_TEST(a_job_belongs_to_its_tenant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
