/* The world of the accounts' tests. */
#include "world.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

static _Atomic int64_t now_ms;

static int64_t standing_clock(void)
{
    return now_ms;
}

static void random_bytes(void *out, size_t n)
{
    randombytes_buf(out, n);
}

static const struct sys_source source = {standing_clock, random_bytes};

static struct accounts *started(struct world *w)
{
    char why[200] = "";
    struct accounts *a = accounts_new(w->db, &w->config, why, sizeof why);
    if (!a)
        fail_msg("%s", why);
    return a;
}

int world_open(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    char why[512] = "";
    const char *base = getenv("TMPDIR");
    assert_non_null(w);
    assert_true(sodium_init() >= 0);
    now_ms = 1795426200000;
    sys_replace(&source);
    log_set_level(LOG_ERROR);
    snprintf(w->folder, sizeof w->folder, "%s/accounts-XXXXXX", base && strlen(base) < 200 ? base : P_tmpdir);
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->path, sizeof w->path, "%s/test.db", w->folder);
    w->db = db_open(&db_sqlite, w->path, NULL, why, sizeof why);
    if (!w->db || !db_migrate(w->db, why, sizeof why))
        fail_msg("%s", why);
    w->config = (struct app_config){.registration_open = true, .token_ttl_s = 86400};
    w->app = (struct app){.config = &w->config, .db = w->db, .accounts = started(w)};
    w->arena = arena_new(1 << 20);
    assert_non_null(w->arena);
    *state = w;
    return 0;
}

int world_close(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock"};
    struct world *w = *state;
    accounts_free(w->app.accounts);
    db_close(w->db);
    arena_free(w->arena);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[320];
        snprintf(name, sizeof name, "%s%s", w->path, endings[i]);
        unlink(name);
    }
    rmdir(w->folder);
    free(w);
    sys_replace(NULL);
    return 0;
}

void world_restart(struct world *w)
{
    accounts_free(w->app.accounts);
    w->app.accounts = started(w);
}

void world_advance_ms(int64_t ms)
{
    now_ms += ms;
}

static enum db_status run_sql(struct db_conn *c, void *context)
{
    struct db_statement *statement = context;
    return db_run(db_prepare(c, statement), NULL);
}

void world_sql(struct world *w, const char *sql)
{
    /* Statements are remembered by address, so each needs one of its own for as long as the database is open. */
    struct db_statement *statement = arena_alloc(w->arena, sizeof *statement);
    assert_non_null(statement);
    *statement = (struct db_statement){"test", arena_cstr(w->arena, span_of(sql))};
    assert_int_equal(db_transact(w->db, run_sql, statement), DB_OK);
}

int64_t world_number(struct world *w, const char *sql)
{
    struct db_statement *statement = arena_alloc(w->arena, sizeof *statement);
    assert_non_null(statement);
    *statement = (struct db_statement){"test", arena_cstr(w->arena, span_of(sql))};
    struct db_conn *c = db_acquire(w->db, DB_READ);
    assert_non_null(c);
    struct db_stmt *s = db_prepare(c, statement);
    assert_non_null(s);
    int64_t number = db_step(s) == DB_ROW ? db_int(s, 0) : -1;
    db_end(s);
    db_release(c);
    return number;
}

struct grant world_register(struct world *w, const char *email)
{
    struct grant grant;
    struct problem problem;
    if (!accounts_register(&w->app, SPAN("My Company"), span_of(email), SPAN("secure_password_123"), w->arena, &grant, &problem))
        fail_msg("%s", problem.detail);
    return grant;
}

bool world_bearer(struct world *w, const char *credential, struct principal *by)
{
    char value[2000];
    struct principal ignored;
    struct problem problem = {0};
    snprintf(value, sizeof value, "Bearer %s", credential);
    bool holds = authenticate(&w->app, &(struct credential){.authorization = span_of(value)}, by ? by : &ignored, &problem);
    assert_int_equal(problem.kind, holds ? PROBLEM_NONE : PROBLEM_UNAUTHORIZED);
    return holds;
}

struct new_key world_key(struct world *w, const struct grant *owner, unsigned scopes)
{
    struct principal by;
    struct new_key key;
    struct problem problem;
    assert_true(world_bearer(w, owner->token, &by));
    if (!accounts_create_key(&w->app, &by, SPAN("Production Key"), scopes, 0, &key, &problem))
        fail_msg("%s", problem.detail);
    return key;
}
