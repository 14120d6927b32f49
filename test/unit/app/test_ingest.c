/* Ingest over a real data file: acceptance, replacement, waiting, taking up what a former run left. Texts need no extractor process. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/documents.h"
#include "app/ingest_internal.h"
#include "base/buf.h"
#include "base/log.h"
#include "store/account.h"

struct world {
    char folder[64], path[96];
    struct app_config config;
    struct db *db;
    struct app *app;
    struct principal by;
    struct arena *arena;
};

static enum db_status add_tenant(struct db_conn *c, void *context)
{
    const struct world *w = context;
    struct tenant_row row = {.public_id = "ten_1", .name = SPAN("Test"), .status = "active"};
    int64_t collection;
    bool found;
    enum db_status status = store_tenant_insert(&w->by.tenant, c, &row);
    return status == DB_OK ? store_collection_by_name(&w->by.tenant, c, SPAN("default"), true, 1, &collection, &found) : status;
}

static void start(struct world *w, unsigned workers)
{
    char why[300] = "";
    w->db = db_open(&db_sqlite, w->path, NULL, why, sizeof why);
    if (!w->db || !db_migrate(w->db, why, sizeof why))
        fail_msg("%s", why);
    w->config.ingest_workers = workers;
    w->app = app_new(&w->config, w->db, why, sizeof why);
    if (!w->app)
        fail_msg("%s", why);
}

static void stop(struct world *w)
{
    app_free(w->app);
    db_close(w->db);
}

static int open_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    assert_true(sodium_init() >= 0);
    log_set_level(LOG_ERROR);
    snprintf(w->folder, sizeof w->folder, "%s/ingest-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->path, sizeof w->path, "%s/test.db", w->folder);
    w->config = app_default_config;
    w->config.spool_dir = w->folder;
    w->by = (struct principal){.tenant = {.id = 77}, .actor = "key_1", .scopes = SCOPE_DEFAULT};
    w->arena = arena_new(8 << 20);
    start(w, 2);
    assert_int_equal(db_transact(w->db, add_tenant, w), DB_OK);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm", ".lock"};
    struct world *w = *state;
    char name[128];
    stop(w);
    arena_free(w->arena);
    for (size_t i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s%s", w->path, names[i]);
        unlink(name);
    }
    rmdir(w->folder);
    free(w);
    return 0;
}

static void mark(void *context)
{
    atomic_fetch_add((_Atomic int *)context, 1);
}

static void until(_Atomic int *count, int want)
{
    for (int tries = 0; tries < 2000 && atomic_load(count) < want; tries++)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    assert_int_equal(atomic_load(count), want);
}

static struct document_row accept(struct world *w, const struct upload *upload, enum accepted want)
{
    struct document_row row;
    enum accepted how;
    struct problem problem = {0};
    if (!ingest_accept(w->app, &w->by, upload, w->arena, &row, &how, &problem))
        fail_msg("%s", problem.detail);
    assert_int_equal(how, want);
    return row;
}

static struct document_row completed(struct world *w, const struct upload *upload, enum accepted want)
{
    _Atomic int done = 0;
    struct problem problem = {0};
    struct document_row row = accept(w, upload, want);
    assert_true(ingest_wait(w->app, &w->by, row.document_id, row.version, sys_mono_ms() + 60000, mark, &done));
    until(&done, 1);
    assert_true(documents_get(w->app, &w->by, span_of(row.public_id), w->arena, &row, &problem));
    assert_string_equal(row.status, "completed");
    return row;
}

#define TEXT(name, content) (&(struct upload){.fd = -1, .filename = SPAN(name), .text = SPAN(content)})

static void a_text_becomes_chunks(void **state)
{
    struct world *w = *state;
    struct document_row row = completed(w, TEXT("Return Policy", "We take goods back for 30 days.\n\nPrices start at $9 a month."), ACCEPTED_NEW);
    assert_int_equal(row.chunks, 1);
    assert_string_equal(row.language, "en");
    assert_int_equal(row.progress, 100);
    assert_true(row.seq > 0 && row.indexed_version == 1);
    row = completed(w, TEXT("Nothing", " \n "), ACCEPTED_NEW);
    assert_int_equal(row.chunks, 0);
}

static void the_same_again_is_found(void **state)
{
    struct world *w = *state;
    struct document_row first = completed(w, TEXT("A", "One text."), ACCEPTED_NEW), again = accept(w, TEXT("A", "One text."), ACCEPTED_EXISTING);
    assert_string_equal(first.public_id, again.public_id);
    struct document_row other = completed(w, TEXT("A", "Another text."), ACCEPTED_NEW);
    assert_string_not_equal(first.public_id, other.public_id);
}

static void replacement_keeps_the_id(void **state)
{
    struct world *w = *state;
    struct upload upload = *TEXT("A", "Old words stand here.");
    upload.external_id = SPAN("faq-1");
    struct document_row first = completed(w, &upload, ACCEPTED_NEW);
    upload.text = SPAN("New words stand here.");
    struct document_row second = completed(w, &upload, ACCEPTED_REPLACED);
    assert_string_equal(first.public_id, second.public_id);
    assert_int_equal(second.version, 2);
    assert_int_equal(second.indexed_version, 2);
    assert_true(second.seq > first.seq);
    upload = *TEXT("A", "Third words.");
    upload.replace = true;
    assert_int_equal(completed(w, &upload, ACCEPTED_REPLACED).version, 3);
}

static void an_external_id_makes_a_document_of_its_own(void **state)
{
    struct world *w = *state;
    struct upload first = *TEXT("A", "One text."), second = first, none = first;
    first.external_id = SPAN("faq-1");
    second.external_id = SPAN("faq-2");
    struct document_row plain = completed(w, &none, ACCEPTED_NEW), one = completed(w, &first, ACCEPTED_NEW), two = completed(w, &second, ACCEPTED_NEW);
    assert_string_not_equal(one.public_id, plain.public_id);
    assert_string_not_equal(two.public_id, one.public_id);
    assert_true(span_eq(two.external_id, SPAN("faq-2")));
    assert_string_equal(accept(w, &second, ACCEPTED_EXISTING).public_id, two.public_id);
    accept(w, &none, ACCEPTED_EXISTING);
}

static void replacement_leaves_other_external_ids_alone(void **state)
{
    struct world *w = *state;
    struct upload upload = *TEXT("A", "One text.");
    struct document_row plain = completed(w, &upload, ACCEPTED_NEW);
    upload.replace = true;
    upload.external_id = SPAN("faq-1");
    struct document_row named = completed(w, &upload, ACCEPTED_REPLACED);
    assert_string_equal(named.public_id, plain.public_id);
    assert_true(span_eq(named.external_id, SPAN("faq-1")));
    upload.external_id = SPAN("faq-2");
    assert_string_not_equal(completed(w, &upload, ACCEPTED_NEW).public_id, plain.public_id);
}

static void what_is_deleted_is_gone(void **state)
{
    struct world *w = *state;
    struct problem problem = {0};
    struct document_row row = completed(w, TEXT("A", "Words."), ACCEPTED_NEW);
    assert_true(documents_delete(w->app, &w->by, span_of(row.public_id), &problem));
    assert_false(documents_get(w->app, &w->by, span_of(row.public_id), w->arena, &row, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    assert_false(documents_delete(w->app, &w->by, span_of(row.public_id), &problem));
    completed(w, TEXT("A", "Words."), ACCEPTED_NEW);
}

struct claimed {
    struct world *world;
    struct job_row job;
    bool found;
};

static enum db_status claim(struct db_conn *c, void *context)
{
    struct claimed *claimed = context;
    int64_t now = sys_wall_ms();
    return store_job_claim(&claimed->world->by.tenant, c, 4711, now, now + 3600000, &claimed->job, &claimed->found);
}

static void unfinished_work_is_taken_up(void **state)
{
    struct world *w = *state;
    struct problem problem = {0};
    struct claimed claimed = {.world = w};
    _Atomic int done = 0;
    stop(w);
    start(w, 0);
    struct document_row row = accept(w, TEXT("A", "Left behind by a run that died."), ACCEPTED_NEW);
    assert_int_equal(db_transact(w->db, claim, &claimed), DB_OK);
    assert_true(claimed.found);
    stop(w);
    start(w, 1);
    assert_true(ingest_wait(w->app, &w->by, row.document_id, row.version, sys_mono_ms() + 60000, mark, &done));
    until(&done, 1);
    assert_true(documents_get(w->app, &w->by, span_of(row.public_id), w->arena, &row, &problem));
    assert_string_equal(row.status, "completed");
}

static void a_lease_outlives_the_longest_extractor(void **state)
{
    struct world *w = *state;
    w->config.extract.wall_s = 3600;
    assert_true(ingest_lease_ms(&w->config) > INT64_C(3600) * 1000);
    w->config.extract.wall_s = 1;
    assert_true(ingest_lease_ms(&w->config) > 60000); /* what is not extraction needs time too */
}

static void waits_end_once(void **state)
{
    struct world *w = *state;
    _Atomic int done = 0;
    struct document_row ready = completed(w, TEXT("A", "Ready."), ACCEPTED_NEW);
    stop(w);
    start(w, 0);
    assert_true(ingest_wait(w->app, &w->by, ready.document_id, ready.version, sys_mono_ms() + 60000, mark, &done)); /* done before it was asked for */
    until(&done, 1);
    struct document_row queued = accept(w, TEXT("B", "Nobody works on this."), ACCEPTED_NEW);
    assert_true(ingest_wait(w->app, &w->by, queued.document_id, queued.version, sys_mono_ms() + 30, mark, &done)); /* the deadline */
    until(&done, 2);
    struct problem problem = {0};
    assert_true(ingest_wait(w->app, &w->by, queued.document_id, queued.version, sys_mono_ms() + 60000, mark, &done)); /* deleted */
    assert_true(documents_delete(w->app, &w->by, span_of(queued.public_id), &problem));
    until(&done, 3);
    queued = accept(w, TEXT("C", "Nor on this."), ACCEPTED_NEW);
    assert_true(ingest_wait(w->app, &w->by, queued.document_id, queued.version, sys_mono_ms() + 60000, mark, &done)); /* the end */
    app_stop(w->app);
    assert_int_equal(atomic_load(&done), 4);
    assert_false(ingest_wait(w->app, &w->by, queued.document_id, queued.version, sys_mono_ms() + 60000, mark, &done));
}

static void waiters_are_bounded(void **state)
{
    struct world *w = *state;
    _Atomic int done = 0;
    stop(w);
    start(w, 0);
    struct document_row row = accept(w, TEXT("A", "Long in coming."), ACCEPTED_NEW);
    for (int i = 0; i < WAITERS_MAX; i++)
        assert_true(ingest_wait(w->app, &w->by, row.document_id, row.version, sys_mono_ms() + 600000, mark, &done));
    assert_false(ingest_wait(w->app, &w->by, row.document_id, row.version, sys_mono_ms() + 600000, mark, &done));
    app_stop(w->app);
    assert_int_equal(atomic_load(&done), WAITERS_MAX);
}

static void bad_uploads_are_refused(void **state)
{
    struct world *w = *state;
    w->config.content_max_bytes = 100;
    char long_name[600];
    memset(long_name, 'x', sizeof long_name);
    const struct {
        struct upload upload;
        enum problem_kind kind;
        const char *field;
    } cases[] = {
        {{.fd = -1, .filename = SPAN(""), .text = SPAN("x")}, PROBLEM_INVALID, "filename"},
        {{.fd = -1, .filename = {long_name, 256}, .text = SPAN("x")}, PROBLEM_INVALID, "filename"},
        {{.fd = -1, .filename = SPAN("a"), .text = SPAN("x"), .external_id = {long_name, 201}}, PROBLEM_INVALID, "external_id"},
        {{.fd = -1, .filename = SPAN("a"), .text = SPAN("x"), .language = SPAN("english")}, PROBLEM_INVALID, "language"},
        {{.fd = -1, .filename = SPAN("a"), .text = SPAN("x"), .collection = SPAN("")}, PROBLEM_INVALID, "collection"},
        {{.fd = -1, .filename = SPAN("a"), .text = {long_name, 101}}, PROBLEM_TOO_LARGE, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct document_row row;
        enum accepted how;
        struct problem problem = {0};
        assert_false(ingest_accept(w->app, &w->by, &cases[i].upload, w->arena, &row, &how, &problem));
        assert_int_equal(problem.kind, cases[i].kind);
        assert_string_equal(problem.field, cases[i].field);
    }
}

static void a_bound_key_stays_in_its_collection(void **state)
{
    struct world *w = *state;
    struct document_row row = completed(w, &(struct upload){.fd = -1, .filename = SPAN("a"), .text = SPAN("x"), .collection = SPAN("other")}, ACCEPTED_NEW);
    w->by.collection_id = row.collection_id;
    struct upload upload = *TEXT("b", "y");
    assert_true(accept(w, &upload, ACCEPTED_NEW).collection_id == row.collection_id);
    upload.collection = SPAN("default");
    enum accepted how;
    struct problem problem = {0};
    assert_false(ingest_accept(w->app, &w->by, &upload, w->arena, &row, &how, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
}

static void plain_texts_become_blocks(void **state)
{
    (void)state;
    static const struct {
        const char *text, *blocks; /* one a line: kind and text */
    } cases[] = {
        {"", ""},
        {"One.\n\nTwo.", "pOne.\npTwo.\n"},
        {"A line that was wrapped by an editor at some seventy characters or so and\r\ngoes on here.",
         "pA line that was wrapped by an editor at some seventy characters or so and goes on here.\n"},
        {"Monday: closed\nTuesday: 9 to 5", "pMonday: closed\npTuesday: 9 to 5\n"},
        {"Needed:\n- a passport\n* a form\n1. sign it", "pNeeded:\nla passport\nla form\nl1. sign it\n"},
        {"a\tb  c", "pa b c\n"},
        {"in\xE2\x80\x8Bvisi\xE2\x80\xAE"
         "ble\xF3\xA0\x81\xA1",
         "pinvisible\n"},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct block *blocks;
        size_t count;
        struct buf got;
        buf_init(&got, 4096);
        assert_true(plain_text_blocks(span_of(cases[i].text), arena, &blocks, &count));
        for (size_t n = 0; n < count; n++)
            buf_printf(&got, "%c%.*s\n", blocks[n].kind == BLOCK_LIST_ITEM ? 'l' : 'p', SPAN_ARG(blocks[n].text));
        assert_string_equal(buf_cstr(&got), cases[i].blocks);
        buf_free(&got);
    }
    assert_true(looks_like_markdown(SPAN("x\n## Head\ny")) && !looks_like_markdown(SPAN("we are #1\n#hash")));
    arena_free(arena);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_text_becomes_chunks),
        IN_WORLD(the_same_again_is_found),
        IN_WORLD(replacement_keeps_the_id),
        IN_WORLD(an_external_id_makes_a_document_of_its_own),
        IN_WORLD(replacement_leaves_other_external_ids_alone),
        IN_WORLD(what_is_deleted_is_gone),
        IN_WORLD(unfinished_work_is_taken_up),
        IN_WORLD(a_lease_outlives_the_longest_extractor),
        IN_WORLD(waits_end_once),
        IN_WORLD(waiters_are_bounded),
        IN_WORLD(bad_uploads_are_refused),
        IN_WORLD(a_bound_key_stays_in_its_collection),
        cmocka_unit_test(plain_texts_become_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
