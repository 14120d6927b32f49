/* One company on a server whose encoder is the fake one. */
#include "meaning_world.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/documents.h"
#include "app/ingest.h"
#include "base/buf.h"
#include "base/log.h"
#include "fake_embed.h"
#include "store/account.h"

static enum db_status add_tenant(struct db_conn *c, void *context)
{
    char mail[64];
    const struct world *w = context;
    struct tenant_row row = {.public_id = "ten_1", .name = SPAN("Test"), .status = "active"};
    int64_t collection;
    bool found;
    enum db_status status = store_tenant_insert(&w->by.tenant, c, &row);
    snprintf(mail, sizeof mail, "me@%lld.example.com", (long long)w->by.tenant.id);
    if (status == DB_OK)
        status = store_login_insert(&w->by.tenant, c, span_of(mail), 1);
    return status == DB_OK ? store_collection_by_name(&w->by.tenant, c, SPAN("default"), true, 1, &collection, &found) : status;
}

void world_add_tenant(struct world *w)
{
    assert_int_equal(db_transact(w->db, add_tenant, w), DB_OK);
}

void world_start(struct world *w, const char *model)
{
    char why[300] = "";
    w->db = db_open(&db_sqlite, w->path, NULL, why, sizeof why);
    if (!w->db || !db_migrate(w->db, why, sizeof why))
        fail_msg("%s", why);
    w->config.model = model;
    w->app = app_new(&w->config, w->db, why, sizeof why);
    if (!w->app)
        fail_msg("%s", why);
}

void world_stop(struct world *w)
{
    app_free(w->app);
    db_close(w->db);
}

int world_open(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    assert_true(sodium_init() >= 0);
    log_set_level(LOG_ERROR);
    snprintf(w->folder, sizeof w->folder, "%s/meaning-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->path, sizeof w->path, "%s/test.db", w->folder);
    w->config = app_default_config;
    w->config.spool_dir = w->folder;
    w->by = (struct principal){.tenant = {.id = 77}, .actor = "key_1", .scopes = SCOPE_DEFAULT};
    w->arena = arena_new(64 << 20);
    world_start(w, "fake-1");
    world_add_tenant(w);
    *state = w;
    return 0;
}

int world_close(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm", ".lock"};
    struct world *w = *state;
    char name[128];
    fake_embed_gate("", 0); /* a test that has failed may have left it shut */
    fake_embed_hide("");
    world_stop(w);
    arena_free(w->arena);
    for (size_t i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s%s", w->path, names[i]);
        unlink(name);
    }
    rmdir(w->folder);
    free(w);
    return 0;
}

void world_pause(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

struct document_row world_add(struct world *w, const char *name, const char *content)
{
    struct document_row row;
    enum accepted how;
    struct problem problem = {0};
    struct upload upload = {.fd = -1, .filename = span_of(name), .text = span_of(content)};
    assert_true(ingest_accept(w->app, &w->by, &upload, w->arena, &row, &how, &problem));
    for (int tries = 0; tries < 4000 && strcmp(row.status, "completed") != 0; tries++) {
        world_pause();
        assert_true(documents_get(w->app, &w->by, span_of(row.public_id), w->arena, &row, &problem));
    }
    assert_string_equal(row.status, "completed");
    return row;
}

static enum db_status read_seq(struct db_conn *c, void *context)
{
    struct world *w = context;
    return store_tenant_seq(&w->by.tenant, c, &w->by.tenant.index_seq);
}

void world_search(struct world *w, const char *text, enum retrieve_mode mode, struct passages *found)
{
    struct problem problem = {0};
    struct retrieve_query query = {.text = span_of(text), .top_k = 5, .mode = mode};
    assert_int_equal(db_snapshot(w->db, read_seq, w), DB_OK);
    if (!retrieve(w->app, &w->by, &query, w->arena, found, &problem))
        fail_msg("%s", problem.detail);
}

const char *world_names(struct world *w, const char *text, enum retrieve_mode mode)
{
    struct passages found;
    struct buf b;
    world_search(w, text, mode, &found);
    buf_init(&b, 4096);
    for (size_t i = 0; i < found.count; i++)
        buf_printf(&b, "%.*s ", SPAN_ARG(found.list[i].document_name));
    char *copy = arena_cstr(w->arena, buf_view(&b));
    buf_free(&b);
    return copy;
}

void world_until_found(struct world *w, const char *text, const char *expected)
{
    for (int tries = 0; tries < 4000 && strcmp(world_names(w, text, RETRIEVE_SEMANTIC), expected) != 0; tries++) {
        arena_reset(w->arena);
        world_pause();
    }
    assert_string_equal(world_names(w, text, RETRIEVE_SEMANTIC), expected);
}
