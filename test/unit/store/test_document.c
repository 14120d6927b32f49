/* Collections, documents from upload to tombstone, originals and chunks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static struct document_row get(struct fixture *f, int64_t document_id)
{
    struct document_row row;
    bool found;
    assert_ok(store_document_get(&f->a, f->c, document_id, f->arena, &row, &found));
    assert_true(found);
    return row;
}

static bool exists(struct fixture *f, int64_t document_id)
{
    struct document_row row;
    bool found;
    assert_ok(store_document_get(&f->a, f->c, document_id, f->arena, &row, &found));
    return found;
}

static void a_collection_is_made_when_asked(void **state)
{
    struct fixture *f = *state;
    int64_t first = 0, second = 0;
    bool found;
    assert_ok(store_collection_by_name(&f->a, f->c, SPAN("manuals"), false, NOW, &first, &found));
    assert_false(found);
    assert_ok(store_collection_by_name(&f->a, f->c, SPAN("manuals"), true, NOW, &first, &found));
    assert_true(found && first > 0 && first != f->collection_a);
    assert_ok(store_collection_by_name(&f->a, f->c, SPAN("manuals"), true, NOW, &second, &found));
    assert_true(found);
    assert_int_equal(first, second);
}

/* ---- finding ---- */

static void a_document_is_read_back(void **state)
{
    struct fixture *f = *state;
    struct document_row put = fixture_document(f->collection_a, 1);
    put.error_code = SPAN("damaged");
    assert_ok(store_document_insert(&f->a, f->c, &put));
    struct document_row row = get(f, 1);
    assert_string_equal(row.public_id, put.public_id);
    assert_int_equal(row.collection_id, f->collection_a);
    assert_text(row.collection, "default");
    assert_text(row.external_id, "ext-1");
    assert_text(row.filename, "File 001.txt");
    assert_text(row.media_type, "text/plain");
    assert_string_equal(row.language, "en");
    assert_int_equal(row.size_bytes, 1001);
    assert_memory_equal(row.content_hash, put.content_hash, 32);
    assert_int_equal(row.version, 1);
    assert_int_equal(row.indexed_version, 0);
    assert_string_equal(row.status, "queued");
    assert_text(row.error_code, "damaged");
    assert_null(row.error_message.p);
    assert_text(row.metadata, "{\"k\":1}");
    assert_int_equal(row.created_at, NOW + 1);
    assert_int_equal(row.updated_at, NOW + 1);
}

static void a_document_is_found_by_each_name(void **state)
{
    struct fixture *f = *state;
    struct document_row row;
    unsigned char hash[32], other[32] = {99};
    bool found;
    memset(hash, 2, sizeof hash);
    for (int i = 1; i <= 3; i++)
        fixture_insert_document(f, &f->a, i);
    assert_ok(store_document_by_public_id(&f->a, f->c, SPAN("doc_00000000000000000000000000000002"), f->arena, &row, &found));
    assert_true(found && row.document_id == 2);
    assert_ok(store_document_by_external_id(&f->a, f->c, SPAN("ext-2"), f->arena, &row, &found));
    assert_true(found && row.document_id == 2);
    assert_ok(store_document_by_filename(&f->a, f->c, f->collection_a, SPAN("File 002.txt"), f->arena, &row, &found));
    assert_true(found && row.document_id == 2);
    assert_ok(store_document_by_content(&f->a, f->c, f->collection_a, SPAN("File 002.txt"), hash, f->arena, &row, &found));
    assert_true(found && row.document_id == 2);
    assert_ok(store_document_by_content(&f->a, f->c, f->collection_a, SPAN("File 002.txt"), other, f->arena, &row, &found));
    assert_false(found);
    assert_ok(store_document_by_content(&f->a, f->c, f->collection_a, SPAN("File 003.txt"), hash, f->arena, &row, &found));
    assert_false(found);
    assert_ok(store_document_by_filename(&f->a, f->c, f->collection_a + 1, SPAN("File 002.txt"), f->arena, &row, &found));
    assert_false(found);
}

static void a_failed_document_does_not_count_as_the_same_content(void **state)
{
    struct fixture *f = *state;
    struct document_row row;
    bool found, changed;
    fixture_insert_document(f, &f->a, 2);
    assert_ok(store_document_failed(&f->a, f->c, 2, 1, "damaged", "It is damaged.", NOW, &changed));
    assert_true(changed);
    struct document_row put = fixture_document(f->collection_a, 2);
    assert_ok(store_document_by_content(&f->a, f->c, f->collection_a, put.filename, put.content_hash, f->arena, &row, &found));
    assert_false(found);
    assert_text(get(f, 2).error_message, "It is damaged.");
}

static void the_newest_of_a_name_and_of_a_content_is_found(void **state)
{
    struct fixture *f = *state;
    struct document_row row;
    bool found;
    for (int i = 1; i <= 3; i++) {
        struct document_row put = fixture_document(f->collection_a, i);
        put.filename = SPAN("same");
        memset(put.content_hash, 7, sizeof put.content_hash);
        assert_ok(store_document_insert(&f->a, f->c, &put));
    }
    assert_ok(store_document_by_filename(&f->a, f->c, f->collection_a, SPAN("same"), f->arena, &row, &found));
    assert_true(found && row.document_id == 3);
    assert_ok(store_document_by_content(&f->a, f->c, f->collection_a, SPAN("same"), row.content_hash, f->arena, &row, &found));
    assert_true(found && row.document_id == 3);
}

static void an_external_id_is_taken_once_among_the_living(void **state)
{
    struct fixture *f = *state;
    bool changed;
    fixture_insert_document(f, &f->a, 1);
    struct document_row put = fixture_document(f->collection_a, 2);
    put.external_id = SPAN("ext-1");
    assert_int_equal(store_document_insert(&f->a, f->c, &put), DB_CONFLICT);
    assert_ok(store_document_delete(&f->a, f->c, 1, 1, NOW, &changed));
    assert_ok(store_document_insert(&f->a, f->c, &put));
    for (int i = 3; i <= 4; i++) { /* none is not a value */
        put = fixture_document(f->collection_a, i);
        put.external_id = (struct span){0};
        assert_ok(store_document_insert(&f->a, f->c, &put));
        assert_null(get(f, i).external_id.p);
    }
}

/* ---- the list ---- */

static size_t list(struct fixture *f, const struct document_filter *filter, struct document_row **rows)
{
    size_t count;
    assert_ok(store_document_list(&f->a, f->c, filter, f->arena, rows, &count));
    return count;
}

static int64_t total(struct fixture *f, const struct document_filter *filter)
{
    int64_t count;
    assert_ok(store_document_count(&f->a, f->c, filter, &count));
    return count;
}

static void a_walk_shows_each_document_once_newest_first(void **state)
{
    struct fixture *f = *state;
    struct document_filter filter = {.limit = 4};
    struct document_row *rows;
    int expected = 11;
    size_t count;
    for (int i = 1; i < expected; i++)
        fixture_insert_document(f, &f->a, i);
    while ((count = list(f, &filter, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            assert_int_equal(rows[i].document_id, --expected);
        filter.before = span_of(rows[count - 1].public_id);
        if (expected == 7)
            fixture_insert_document(f, &f->a, 20); /* newer: not part of this walk */
    }
    assert_int_equal(expected, 1);
    assert_int_equal(total(f, &filter), 11);
    assert_int_equal(list(f, &(struct document_filter){.limit = 1}, &rows), 1);
    assert_int_equal(rows[0].document_id, 20);
}

static void a_list_is_filtered(void **state)
{
    struct fixture *f = *state;
    struct document_row *rows;
    bool changed, found;
    int64_t other;
    static const char *const names[] = {"Plain.txt", "100% sure.txt", "under_score.txt", "bang!.txt", "\303\204rger.txt"};
    assert_ok(store_collection_by_name(&f->a, f->c, SPAN("other"), true, NOW, &other, &found));
    for (int i = 0; i < 5; i++) {
        struct document_row put = fixture_document(i == 4 ? other : f->collection_a, i + 1);
        put.filename = span_of(names[i]);
        assert_ok(store_document_insert(&f->a, f->c, &put));
    }
    assert_ok(store_document_failed(&f->a, f->c, 2, 1, "x", "y", NOW, &changed));
    static const struct {
        const char *status, *contains;
        bool in_other;
        int count;
    } cases[] = {
        {NULL, NULL, false, 5},  {"failed", NULL, false, 1},   {"queued", NULL, false, 4},  {"completed", NULL, false, 0}, {NULL, "TXT", false, 5},
        {NULL, "%", false, 1},   {NULL, "_", false, 1},        {NULL, "!", false, 1},       {NULL, "r_s", false, 1},       {NULL, "plain", false, 1},
        {NULL, "", false, 5},    {"failed", "100", false, 1},  {"queued", "100", false, 0}, {NULL, "a%n", false, 0},       {NULL, NULL, true, 1},
        {NULL, "RGER", true, 1}, {NULL, "\303\204", false, 1}, {"failed", NULL, true, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct document_filter filter = {.limit = 100, .collection_id = cases[i].in_other ? other : 0};
        if (cases[i].status)
            filter.status = span_of(cases[i].status);
        if (cases[i].contains)
            filter.name_contains = span_of(cases[i].contains);
        assert_int_equal(list(f, &filter, &rows), cases[i].count);
        assert_int_equal(total(f, &filter), cases[i].count);
    }
}

/* ---- its life ---- */

static void work_counts_only_at_the_same_version(void **state)
{
    struct fixture *f = *state;
    bool changed;
    fixture_insert_document(f, &f->a, 1);
    assert_ok(store_document_progress(&f->a, f->c, 1, 1, "processing", 40, NOW + 9, &changed));
    assert_true(changed);
    assert_string_equal(get(f, 1).status, "processing");
    assert_int_equal(get(f, 1).progress, 40);
    assert_ok(store_document_progress(&f->a, f->c, 1, 2, "processing", 50, NOW, &changed));
    assert_false(changed);
    assert_ok(store_document_failed(&f->a, f->c, 1, 2, "x", "y", NOW, &changed));
    assert_false(changed);
    struct document_row done = fixture_document(f->collection_a, 1);
    done.version = 2;
    assert_ok(store_document_completed(&f->a, f->c, &done, &changed));
    assert_false(changed);
    assert_int_equal(get(f, 1).progress, 40);
    assert_int_equal(get(f, 1).indexed_version, 0);
}

static void complete(struct fixture *f, int64_t version, int64_t seq)
{
    bool changed;
    struct document_row done = fixture_document(f->collection_a, 1);
    done.version = version;
    done.seq = seq;
    done.analysis_version = 6;
    done.pages = 3;
    done.chunks = 12;
    memcpy(done.language, "de", 3);
    done.updated_at = NOW + 50;
    assert_ok(store_document_completed(&f->a, f->c, &done, &changed));
    assert_true(changed);
}

static void a_completed_document_carries_its_figures(void **state)
{
    struct fixture *f = *state;
    bool changed;
    fixture_insert_document(f, &f->a, 1);
    assert_ok(store_document_failed(&f->a, f->c, 1, 1, "timeout", "Too slow.", NOW, &changed));
    complete(f, 1, 4);
    struct document_row row = get(f, 1);
    assert_string_equal(row.status, "completed");
    assert_int_equal(row.progress, 100);
    assert_int_equal(row.indexed_version, 1);
    assert_int_equal(row.analysis_version, 6);
    assert_int_equal(row.seq, 4);
    assert_int_equal(row.pages, 3);
    assert_int_equal(row.chunks, 12);
    assert_string_equal(row.language, "de");
    assert_int_equal(row.updated_at, NOW + 50);
    assert_null(row.error_code.p);
    assert_null(row.error_message.p);
}

static void a_replacement_keeps_what_is_indexed(void **state)
{
    struct fixture *f = *state;
    fixture_insert_document(f, &f->a, 1);
    complete(f, 1, 4);
    struct document_row next = fixture_document(f->collection_a, 1);
    next.version = 2;
    next.filename = SPAN("new name");
    next.external_id = (struct span){0};
    next.size_bytes = 5;
    memset(next.content_hash, 200, sizeof next.content_hash);
    assert_ok(store_document_replace(&f->a, f->c, &next));
    struct document_row row = get(f, 1);
    assert_int_equal(row.version, 2);
    assert_text(row.filename, "new name");
    assert_text(row.external_id, "ext-1");
    assert_int_equal(row.size_bytes, 5);
    assert_memory_equal(row.content_hash, next.content_hash, 32);
    assert_string_equal(row.status, "queued");
    assert_int_equal(row.progress, 0);
    assert_int_equal(row.indexed_version, 1);
    assert_int_equal(row.seq, 4);
    assert_int_equal(row.chunks, 12);
    assert_int_equal(row.created_at, NOW + 1);
    next.document_id = 77;
    assert_int_equal(store_document_replace(&f->a, f->c, &next), DB_CONFLICT);
}

static void fill(struct fixture *f, int number)
{
    static const struct db_statement embed = {"test.embed",
                                              "insert into embedding (tenant_id, document_id, version, ordinal, model, vector) values ($1, $2, 1, 0, 'm', $3)"};
    struct chunk_row chunk = fixture_chunk(0, "text");
    fixture_insert_document(f, &f->a, number);
    assert_ok(store_part_insert(&f->a, f->c, number, 1, 0, SPAN("bytes")));
    assert_ok(store_chunk_insert(&f->a, f->c, number, 1, &chunk));
    assert_ok(store_job_insert(&f->a, f->c, number, 1, NOW, NOW));
    struct db_stmt *s = db_prepare(f->c, &embed);
    db_bind_int(s, 1, f->a.id);
    db_bind_int(s, 2, number);
    db_bind_blob(s, 3, SPAN("vector"));
    assert_ok(db_run(s, NULL));
}

static void a_deleted_document_leaves_only_its_tombstone(void **state)
{
    static const enum fixture_table tables[] = {IN_DOCUMENT_PART, IN_CHUNK, IN_EMBEDDING, IN_JOB};
    static const struct db_statement read = {
        "test.tombstone",
        "select filename, metadata, external_id, content_hash, tombstone, seq, public_id from document where tenant_id = $1 and document_id = 1"};
    struct fixture *f = *state;
    bool changed;
    fill(f, 1);
    fill(f, 2);
    assert_ok(store_document_delete(&f->a, f->c, 1, 8, NOW + 3, &changed));
    assert_true(changed);
    assert_false(exists(f, 1));
    assert_true(exists(f, 2));
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        assert_int_equal(fixture_count(f, &f->a, tables[i]), 1); /* those of the other document */
    struct db_stmt *s = db_prepare(f->c, &read);
    db_bind_int(s, 1, f->a.id);
    assert_int_equal(db_step(s), DB_ROW);
    assert_text(db_text(s, 0), "");
    assert_text(db_text(s, 1), "{}");
    assert_true(db_is_null(s, 2));
    assert_int_equal(db_blob(s, 3).n, 0);
    assert_int_equal(db_int(s, 4), NOW + 3);
    assert_int_equal(db_int(s, 5), 8);
    assert_text(db_text(s, 6), "doc_00000000000000000000000000000001");
    db_end(s);
    assert_ok(store_document_delete(&f->a, f->c, 1, 9, NOW + 4, &changed));
    assert_false(changed);
    assert_ok(store_document_delete(&f->a, f->c, 99, 9, NOW + 4, &changed));
    assert_false(changed);
}

static void nothing_brings_a_deleted_document_back(void **state)
{
    struct fixture *f = *state;
    struct document_row row = fixture_document(f->collection_a, 1), *rows, found_row;
    bool changed, found;
    fill(f, 1);
    assert_ok(store_document_delete(&f->a, f->c, 1, 8, NOW, &changed));
    assert_ok(store_document_progress(&f->a, f->c, 1, 1, "processing", 1, NOW, &changed));
    assert_false(changed);
    assert_ok(store_document_completed(&f->a, f->c, &row, &changed));
    assert_false(changed);
    assert_int_equal(store_document_replace(&f->a, f->c, &row), DB_CONFLICT);
    assert_int_equal(list(f, &(struct document_filter){.limit = 10}, &rows), 0);
    assert_int_equal(total(f, &(struct document_filter){.limit = 10}), 0);
    assert_ok(store_document_by_public_id(&f->a, f->c, span_of(row.public_id), f->arena, &found_row, &found));
    assert_false(found);
    assert_ok(store_document_by_external_id(&f->a, f->c, row.external_id, f->arena, &found_row, &found));
    assert_false(found);
}

static void changes_come_in_their_order(void **state)
{
    struct fixture *f = *state;
    struct document_change *changes;
    size_t count;
    bool changed;
    for (int i = 1; i <= 3; i++)
        fixture_insert_document(f, &f->a, i);
    complete(f, 1, 5);
    assert_ok(store_document_delete(&f->a, f->c, 2, 3, NOW, &changed));
    assert_ok(store_document_changes(&f->a, f->c, 0, f->arena, &changes, &count));
    assert_int_equal(count, 2); /* the third was never searchable */
    assert_true(changes[0].document_id == 2 && changes[0].seq == 3 && !changes[0].alive);
    assert_true(changes[1].document_id == 1 && changes[1].seq == 5 && changes[1].alive && changes[1].indexed_version == 1);
    assert_int_equal(changes[1].collection_id, f->collection_a);
    assert_ok(store_document_changes(&f->a, f->c, 3, f->arena, &changes, &count));
    assert_int_equal(count, 1);
    assert_ok(store_document_changes(&f->a, f->c, 5, f->arena, &changes, &count));
    assert_int_equal(count, 0);
}

/* ---- the original ---- */

static void an_original_is_read_part_by_part(void **state)
{
    struct fixture *f = *state;
    static char big[DOCUMENT_PART_BYTES + 1];
    struct span data;
    bool found;
    fixture_insert_document(f, &f->a, 1);
    assert_ok(store_part_insert(&f->a, f->c, 1, 1, 0, (struct span){big, DOCUMENT_PART_BYTES}));
    assert_ok(store_part_insert(&f->a, f->c, 1, 1, 1, SPAN("end")));
    assert_int_equal(store_part_insert(&f->a, f->c, 1, 1, 2, (struct span){big, sizeof big}), DB_ERROR);
    assert_int_equal(store_part_insert(&f->a, f->c, 99, 1, 0, SPAN("x")), DB_CONFLICT);
    assert_ok(store_part_get(&f->a, f->c, 1, 1, 0, f->arena, &data, &found));
    assert_true(found && data.n == DOCUMENT_PART_BYTES && memcmp(data.p, big, data.n) == 0);
    assert_ok(store_part_get(&f->a, f->c, 1, 1, 1, f->arena, &data, &found));
    assert_text(data, "end");
    assert_ok(store_part_get(&f->a, f->c, 1, 1, 2, f->arena, &data, &found));
    assert_false(found);
    assert_ok(store_part_insert(&f->a, f->c, 1, 2, 0, SPAN("new")));
    assert_ok(store_part_delete_before(&f->a, f->c, 1, 2));
    assert_ok(store_part_get(&f->a, f->c, 1, 1, 0, f->arena, &data, &found));
    assert_false(found);
    assert_ok(store_part_get(&f->a, f->c, 1, 2, 0, f->arena, &data, &found));
    assert_text(data, "new");
}

/* ---- chunks ---- */

static void insert_chunk(struct fixture *f, int64_t version, int32_t ordinal, const char *text)
{
    struct chunk_row row = fixture_chunk(ordinal, text);
    assert_ok(store_chunk_insert(&f->a, f->c, 1, version, &row));
}

struct visit {
    int32_t seen[8];
    char vectors[8]; /* first byte, 0 for none */
    size_t count, stop_at;
};

static bool visit_chunk(void *context, int32_t ordinal, struct span terms, int64_t length, struct span vector)
{
    struct visit *v = context;
    assert_text(terms, "\0terms");
    assert_int_equal(length, 7);
    if (vector.p)
        v->vectors[ordinal] = vector.p[0];
    v->seen[v->count++] = ordinal;
    return v->count != v->stop_at;
}

static void the_index_walks_chunks_in_order(void **state)
{
    struct fixture *f = *state;
    struct visit v = {0};
    fixture_insert_document(f, &f->a, 1);
    for (int32_t i = 4; i-- > 0;)
        insert_chunk(f, 1, i, "text");
    insert_chunk(f, 2, 9, "other version");
    assert_ok(store_chunk_terms(&f->a, f->c, 1, 1, SPAN("m"), visit_chunk, &v));
    assert_int_equal(v.count, 4);
    for (int32_t i = 0; i < 4; i++)
        assert_int_equal(v.seen[i], i);
    v = (struct visit){.stop_at = 2};
    assert_int_equal(store_chunk_terms(&f->a, f->c, 1, 1, SPAN("m"), visit_chunk, &v), DB_ERROR);
    assert_int_equal(v.count, 2);
}

static void insert_vector(struct fixture *f, int64_t version, int32_t ordinal, const char *model, const char *vector)
{
    assert_ok(store_embedding_insert(&f->a, f->c, 1, version, ordinal, span_of(model), span_of(vector)));
}

static bool visit_vector(void *context, int32_t ordinal, struct span vector)
{
    struct visit *v = context;
    v->vectors[ordinal] = vector.p[0];
    v->seen[v->count++] = ordinal;
    return v->count != v->stop_at;
}

static void vectors_come_with_their_chunk_and_model(void **state)
{
    struct fixture *f = *state;
    struct visit v = {0};
    fixture_insert_document(f, &f->a, 1);
    for (int32_t i = 0; i < 4; i++)
        insert_chunk(f, 1, i, "text");
    insert_chunk(f, 2, 3, "other version");
    insert_vector(f, 1, 0, "m", "x");
    insert_vector(f, 1, 0, "m", "a"); /* in place of the one before */
    insert_vector(f, 1, 1, "other model", "b");
    insert_vector(f, 1, 2, "other model", "c");
    insert_vector(f, 1, 2, "m", "d");
    insert_vector(f, 2, 3, "m", "e");
    assert_ok(store_chunk_terms(&f->a, f->c, 1, 1, SPAN("m"), visit_chunk, &v));
    assert_memory_equal(v.vectors, "a\0d\0\0", 5);
    v = (struct visit){0};
    assert_ok(store_chunk_terms(&f->a, f->c, 1, 1, SPAN(""), visit_chunk, &v));
    assert_int_equal(v.count, 4);
    assert_memory_equal(v.vectors, "\0\0\0\0", 5);
    v = (struct visit){0}; /* alone, too */
    assert_ok(store_embedding_list(&f->a, f->c, 1, 1, SPAN("m"), visit_vector, &v));
    assert_int_equal(v.count, 2);
    assert_memory_equal(v.vectors, "a\0d\0\0", 5);
    v = (struct visit){.stop_at = 1};
    assert_int_equal(store_embedding_list(&f->a, f->c, 1, 1, SPAN("m"), visit_vector, &v), DB_ERROR);
}

/* The ordinals of the chunks that lack a vector of "m". */
static size_t lacking(struct fixture *f, int32_t from, size_t limit, struct chunk **chunks)
{
    size_t count;
    assert_ok(store_chunk_lacking(&f->a, f->c, 1, 1, SPAN("m"), from, limit, f->arena, chunks, &count));
    return count;
}

static void chunks_are_read_back_for_their_vectors(void **state)
{
    struct fixture *f = *state;
    struct chunk *chunks;
    int64_t passages;
    bool changed;
    fixture_insert_document(f, &f->a, 1);
    insert_chunk(f, 1, 1, "second");
    insert_chunk(f, 1, 0, "first");
    insert_chunk(f, 1, 2, "third");
    insert_chunk(f, 2, 0, "other version");
    insert_vector(f, 1, 0, "other model", "x");
    insert_vector(f, 1, 1, "m", "x");
    assert_int_equal(lacking(f, 0, 9, &chunks), 2);
    assert_text(chunks[0].text, "first");
    assert_text(chunks[0].heading, "Top > Sub");
    assert_text(chunks[1].text, "third");
    assert_int_equal(chunks[1].ordinal, 2);
    assert_int_equal(lacking(f, 0, 1, &chunks), 1);
    assert_int_equal(chunks[0].ordinal, 0);
    assert_int_equal(lacking(f, 1, 9, &chunks), 1);
    assert_int_equal(chunks[0].ordinal, 2);
    insert_vector(f, 1, 0, "m", "x");
    insert_vector(f, 1, 2, "m", "x");
    assert_int_equal(lacking(f, 0, 9, &chunks), 0);
    assert_ok(store_document_passages(&f->a, f->c, &passages));
    assert_int_equal(passages, 0);
    assert_ok(store_document_embedded(&f->a, f->c, 1, 1, 77, &changed));
    assert_false(changed); /* not indexed yet */
    complete(f, 1, 1);
    assert_ok(store_document_embedded(&f->a, f->c, 1, 2, 77, &changed));
    assert_false(changed);
    assert_ok(store_document_embedded(&f->a, f->c, 1, 1, 77, &changed));
    assert_true(changed);
    assert_int_equal(get(f, 1).seq, 77);
    assert_ok(store_document_passages(&f->a, f->c, &passages));
    assert_int_equal(passages, get(f, 1).chunks);
    assert_true(passages > 0);
}

static bool find_chunk(struct fixture *f, int32_t ordinal, struct chunk_found *row)
{
    bool found;
    assert_ok(store_chunk_get(&f->a, f->c, 1, ordinal, f->arena, row, &found));
    return found;
}

static void only_chunks_of_the_indexed_version_are_shown(void **state)
{
    struct fixture *f = *state;
    struct chunk_found row;
    bool changed;
    fixture_insert_document(f, &f->a, 1);
    insert_chunk(f, 1, 0, "old");
    insert_chunk(f, 1, 1, "old too");
    insert_chunk(f, 2, 0, "new");
    assert_false(find_chunk(f, 0, &row)); /* nothing is indexed yet */
    complete(f, 1, 1);
    assert_true(find_chunk(f, 0, &row));
    assert_text(row.chunk.text, "old");
    assert_text(row.chunk.heading, "Top > Sub");
    assert_true(row.chunk.ordinal == 0 && row.chunk.page == 1 && row.chunk.start == 0 && row.chunk.end == 50 && row.version == 1 && row.seq == get(f, 1).seq);
    assert_string_equal(row.document_public_id, "doc_00000000000000000000000000000001");
    assert_text(row.document_name, "File 001.txt");
    assert_text(row.metadata, "{\"k\":1}");
    struct document_row next = fixture_document(f->collection_a, 1);
    next.version = 2;
    assert_ok(store_document_replace(&f->a, f->c, &next));
    assert_true(find_chunk(f, 0, &row));
    assert_text(row.chunk.text, "old");
    complete(f, 2, 2);
    assert_true(find_chunk(f, 0, &row));
    assert_text(row.chunk.text, "new");
    assert_false(find_chunk(f, 1, &row));
    assert_ok(store_document_delete(&f->a, f->c, 1, 3, NOW, &changed));
    insert_chunk(f, 2, 0, "written late");
    assert_false(find_chunk(f, 0, &row));
}

static void chunks_of_a_version_or_of_the_others_are_deleted(void **state)
{
    struct fixture *f = *state;
    fixture_insert_document(f, &f->a, 1);
    for (int64_t version = 1; version <= 3; version++)
        insert_chunk(f, version, 0, "text");
    assert_ok(store_chunk_delete_version(&f->a, f->c, 1, 1));
    assert_int_equal(fixture_count(f, &f->a, IN_CHUNK), 2);
    assert_ok(store_chunk_delete_others(&f->a, f->c, 1, 3));
    assert_int_equal(fixture_count(f, &f->a, IN_CHUNK), 1);
    complete(f, 1, 1);
    struct chunk_found row;
    assert_false(find_chunk(f, 0, &row));
}

static void a_row_that_does_not_fit_the_arena_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct arena *small = arena_new(16);
    struct document_row row, *rows;
    size_t count;
    bool found;
    for (int i = 1; i <= 3; i++)
        fixture_insert_document(f, &f->a, i);
    assert_int_equal(store_document_get(&f->a, f->c, 1, small, &row, &found), DB_ERROR);
    assert_int_equal(store_document_list(&f->a, f->c, &(struct document_filter){.limit = 9}, small, &rows, &count), DB_ERROR);
    arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_collection_is_made_when_asked),
        STORE_TEST(a_document_is_read_back),
        STORE_TEST(a_document_is_found_by_each_name),
        STORE_TEST(a_failed_document_does_not_count_as_the_same_content),
        STORE_TEST(the_newest_of_a_name_and_of_a_content_is_found),
        STORE_TEST(an_external_id_is_taken_once_among_the_living),
        STORE_TEST(a_walk_shows_each_document_once_newest_first),
        STORE_TEST(a_list_is_filtered),
        STORE_TEST(work_counts_only_at_the_same_version),
        STORE_TEST(a_completed_document_carries_its_figures),
        STORE_TEST(a_replacement_keeps_what_is_indexed),
        STORE_TEST(a_deleted_document_leaves_only_its_tombstone),
        STORE_TEST(nothing_brings_a_deleted_document_back),
        STORE_TEST(changes_come_in_their_order),
        STORE_TEST(an_original_is_read_part_by_part),
        STORE_TEST(the_index_walks_chunks_in_order),
        STORE_TEST(vectors_come_with_their_chunk_and_model),
        STORE_TEST(chunks_are_read_back_for_their_vectors),
        STORE_TEST(only_chunks_of_the_indexed_version_are_shown),
        STORE_TEST(chunks_of_a_version_or_of_the_others_are_deleted),
        STORE_TEST(a_row_that_does_not_fit_the_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
