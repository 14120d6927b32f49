/* Tenants and rows for the tests of the store. */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_BYTES = 8 << 20 };

static void insert_tenant(struct fixture *f, const struct tenant *t, const char *name, int64_t *collection_id)
{
    bool found;
    struct tenant_row row = {.name = span_of(name), .status = "active", .index_seq = 0, .created_at = NOW};
    snprintf(row.public_id, sizeof row.public_id, "ten_%s", name);
    assert_ok(store_tenant_insert(t, f->c, &row));
    assert_ok(store_collection_by_name(t, f->c, SPAN("default"), true, NOW, collection_id, &found));
}

int fixture_set_up(void **state)
{
    static struct fixture f;
    char why[512] = "";
    memset(&f, 0, sizeof f);
    place_make(&f.place);
    f.db = place_open(&f.place, NULL);
    if (!db_migrate(f.db, why, sizeof why))
        fail_msg("%s", why);
    f.c = db_acquire(f.db, DB_WRITE);
    f.arena = arena_new(ARENA_BYTES);
    assert_non_null(f.arena);
    f.a = (struct tenant){.id = INT64_MAX};
    f.b = (struct tenant){.id = 1};
    insert_tenant(&f, &f.a, "a", &f.collection_a);
    insert_tenant(&f, &f.b, "b", &f.collection_b);
    *state = &f;
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    db_release(f->c);
    db_close(f->db);
    place_remove(&f->place);
    return 0;
}

struct document_row fixture_document(int64_t collection_id, int number)
{
    static char names[64][2][32];
    char *external_id = names[number % 64][0], *filename = names[number % 64][1];
    snprintf(external_id, 32, "ext-%d", number);
    snprintf(filename, 32, "File %03d.txt", number);
    struct document_row row = {.document_id = number,
                               .collection_id = collection_id,
                               .external_id = span_of(external_id),
                               .filename = span_of(filename),
                               .media_type = SPAN("text/plain"),
                               .language = "en",
                               .size_bytes = 1000 + number,
                               .version = 1,
                               .status = "queued",
                               .metadata = SPAN("{\"k\":1}"),
                               .created_at = NOW + number,
                               .updated_at = NOW + number};
    snprintf(row.public_id, sizeof row.public_id, "doc_%032x", (unsigned)number);
    memset(row.content_hash, number, sizeof row.content_hash);
    return row;
}

void fixture_insert_document(struct fixture *f, const struct tenant *t, int number)
{
    struct document_row row = fixture_document(t == &f->a ? f->collection_a : f->collection_b, number);
    assert_ok(store_document_insert(t, f->c, &row));
}

struct chunk_row fixture_chunk(int32_t ordinal, const char *text)
{
    struct chunk_row row = {.chunk = {.ordinal = ordinal, .page = ordinal + 1, .start = 100 * ordinal, .end = 100 * ordinal + 50}, .length = 7};
    row.chunk.heading = SPAN("Top > Sub");
    row.chunk.text = span_of(text);
    row.terms = SPAN("\0terms");
    return row;
}

int64_t fixture_count(struct fixture *f, const struct tenant *t, enum fixture_table table)
{
#define COUNT(table)                                                                                                                                           \
    {                                                                                                                                                          \
        "test.count", "select count(*) from " table " where tenant_id = $1"                                                                                    \
    }
    static const struct db_statement statements[] = {
        [IN_DOCUMENT_PART] = COUNT("document_part"),
        [IN_CHUNK] = COUNT("chunk"),
        [IN_EMBEDDING] = COUNT("embedding"),
        [IN_JOB] = COUNT("job"),
        [IN_TENANT_WORK] = COUNT("tenant_work"),
        [IN_IDEMPOTENCY] = COUNT("idempotency"),
        [IN_AUDIT] = COUNT("audit"),
        [IN_MESSAGE_SOURCE] = COUNT("message_source"),
    };
    struct db_stmt *s = db_prepare(f->c, &statements[table]);
    db_bind_int(s, 1, t->id);
    assert_int_equal(db_step(s), DB_ROW);
    int64_t count = db_int(s, 0);
    db_end(s);
    return count;
}
