/* Every statement of the product: its text obeys the rules, its name is its own, and an index serves it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "fixture.h"
#include "sql_rules.h"
#include "store/statements.h"

typedef void visit_statement(enum statement_scope scope, const struct db_statement *statement, void *context);

static void for_each_statement(visit_statement *visit, void *context)
{
    size_t count;
    const struct statement_list *lists = store_statements(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < lists[i].count; j++)
            visit(lists[i].scope, &lists[i].statements[j], context);
}

static void check_rules(enum statement_scope scope, const struct db_statement *statement, void *context)
{
    (void)context;
    assert_non_null(statement->name); /* a number in sql.h without a text */
    assert_non_null(statement->sql);
    const char *fault = sql_fault(scope, statement->sql);
    if (fault)
        fail_msg("%s: %s: %s", statement->name, fault, statement->sql);
}

static void every_statement_obeys_the_rules(void **state)
{
    (void)state;
    for_each_statement(check_rules, NULL);
}

static void the_rules_tell_good_from_bad(void **state)
{
    (void)state;
    static const struct {
        enum statement_scope scope;
        bool good;
        const char *sql;
    } cases[] = {
        {STATEMENT_TENANT, true, "select a from document where tenant_id = $1"},
        {STATEMENT_TENANT, true, "select a from document d where d.tenant_id = $1 and (d.a = $2 or d.b = $2)"},
        {STATEMENT_TENANT, true, "select a from document d join chunk c on c.tenant_id = $1 and c.x = d.x where d.tenant_id = $1"},
        {STATEMENT_TENANT, true, "insert into login (tenant_id, email) values ($1, $2) on conflict (email) do update set email = excluded.email"},
        {STATEMENT_TENANT, true, "delete from job where tenant_id = $1 and x in (select j.x from job j where j.tenant_id = $1)"},
        {STATEMENT_TENANT, true, "update job set x = $2 where tenant_id = $1 returning x"},
        {STATEMENT_TENANT, false, "select a from document where document_id = $1"},
        {STATEMENT_TENANT, false, "select a from document where tenant_id = $2 and b = $1"},
        {STATEMENT_TENANT, false, "select a from document where tenant_id = $1 or b = $2"},
        {STATEMENT_TENANT, false, "select a from document where (tenant_id = $1 or b = $2)"},
        {STATEMENT_TENANT, false, "select a from document where not tenant_id = $1"},
        {STATEMENT_TENANT, false, "select tenant_id = $1 from document"},
        {STATEMENT_TENANT, false, "select a from document d where tenant_id = $1"},
        {STATEMENT_TENANT, false, "select a from document d join chunk c on c.x = d.x where d.tenant_id = $1"},
        {STATEMENT_TENANT, false, "select a from document d join chunk c on c.tenant_id = d.tenant_id where d.tenant_id = $1"},
        {STATEMENT_TENANT, false, "select a from document d, chunk c where d.tenant_id = $1 and c.tenant_id = $1"},
        {STATEMENT_TENANT, false, "select a from document join chunk on x = y where tenant_id = $1"},
        {STATEMENT_TENANT, false, "delete from job where tenant_id = $1 and x in (select j.x from job j)"},
        {STATEMENT_TENANT, false, "delete from job where x in (select j.x from job j where j.tenant_id = $1)"},
        {STATEMENT_TENANT, false, "update job set x = $2, tenant_id = $1"},
        {STATEMENT_TENANT, false, "insert into job (job_id, tenant_id) values ($1, $2)"},
        {STATEMENT_TENANT, false, "insert into job (tenant_id, job_id) values ($2, $1)"},
        {STATEMENT_TENANT, false, "insert into job (tenant_id, job_id) select $1, x from chunk"},
        {STATEMENT_TENANT, false, "select a from document where tenant_id = ?"},
        {STATEMENT_TENANT, false, "select a from document where tenant_id = $1 and b = $3"},
        {STATEMENT_TENANT, false, "select a from document where tenant_id = $1 and b < now()"},
        {STATEMENT_TENANT, false, "select a from document where tenant_id = $1 order by random()"},
        {STATEMENT_TENANT, false, "select a from document where tenant_id = $1 and b like $2"},
        {STATEMENT_TENANT, false, "select a from document where tenant_id = $1 for update"},
        {STATEMENT_TENANT, false, "insert or replace into job (tenant_id, job_id) values ($1, $2)"},
        {STATEMENT_TENANT, false, "select a from document where tenant_id = $1; delete from job"},
        {STATEMENT_TENANT, false, "select 1"},
        {STATEMENT_TENANT, false, "select (a from document where tenant_id = $1"},
        {STATEMENT_TENANT, false, ""},
        {STATEMENT_LOOKUP, true, "select tenant_id from login where email = $1"},
        {STATEMENT_LOOKUP, false, "select tenant_id from tenant where public_id = $1"},
        {STATEMENT_LOOKUP, false, "select l.tenant_id from login l join tenant_user u on u.user_id = l.user_id where l.email = $1"},
        {STATEMENT_LOOKUP, false, "select x from login where email in (select u.email from tenant_user u)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if ((sql_fault(cases[i].scope, cases[i].sql) == NULL) != cases[i].good)
            fail_msg("%s is taken for %s", cases[i].sql, cases[i].good ? "bad" : "good");
}

/* ---- names ---- */

struct names {
    const char *seen[256];
    size_t count;
};

static void check_name(enum statement_scope scope, const struct db_statement *statement, void *context)
{
    struct names *names = context;
    (void)scope;
    assert_true(strchr(statement->name, '.') != NULL && strchr(statement->sql, '\t') == NULL && strchr(statement->sql, '\n') == NULL);
    for (size_t i = 0; i < names->count; i++)
        assert_string_not_equal(names->seen[i], statement->name);
    assert_true(names->count < 256);
    names->seen[names->count++] = statement->name;
}

static void every_name_is_its_own(void **state)
{
    struct names names = {.count = 0};
    (void)state;
    for_each_statement(check_name, &names);
    assert_true(names.count > 50);
}

/* ---- plans ---- */

struct wanted {
    const char *name, *step;
    bool seen;
};

static void see_wanted(struct wanted *w, const char *name, const char *step)
{
    for (; w->name; w++)
        w->seen = w->seen || (strcmp(w->name, name) == 0 && strstr(step, w->step));
}

struct planner {
    sqlite3 *handle;
    struct wanted *wanted;
};

static void check_plan(enum statement_scope scope, const struct db_statement *statement, void *context)
{
    struct planner *planner = context;
    char sql[2048];
    sqlite3_stmt *s;
    (void)scope;
    assert_true(snprintf(sql, sizeof sql, "explain query plan %s", statement->sql) < (int)sizeof sql);
    assert_int_equal(sqlite3_prepare_v2(planner->handle, sql, -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(s, 3);
        if (strncmp(step, "SCAN", 4) == 0 || strstr(step, "TEMP B-TREE"))
            fail_msg("%s: %s", statement->name, step);
        see_wanted(planner->wanted, statement->name, step);
    }
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
}

static void an_index_serves_every_statement(void **state)
{
    const struct fixture *f = *state;
    /* Where more than one index would do and only one is quick. */
    struct wanted wanted[] = {
        {"document.by_filename", "document_name (tenant_id=? AND collection_id=? AND filename=?)", false},
        {"document.by_content", "document_hash (tenant_id=? AND content_hash=? AND collection_id=? AND filename=?)", false},
        {"document.list", "(tenant_id=? AND public_id<?)", false},
        {"document.changes", "(tenant_id=? AND seq>?)", false},
        {"idempotency.purge", "(tenant_id=? AND expires_at<?)", false},
        {"job.claim", "job_oldest", false},
        {"message.recent", "message_session (tenant_id=? AND session_id=?)", false},
        {NULL, NULL, false},
    };
    struct planner planner = {.wanted = wanted};
    assert_int_equal(sqlite3_open(f->place.path, &planner.handle), SQLITE_OK);
    for_each_statement(check_plan, &planner);
    sqlite3_close(planner.handle);
    for (const struct wanted *w = wanted; w->name; w++)
        if (!w->seen)
            fail_msg("%s does not go by %s", w->name, w->step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_obeys_the_rules),
        cmocka_unit_test(the_rules_tell_good_from_bad),
        cmocka_unit_test(every_name_is_its_own),
        STORE_TEST(an_index_serves_every_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
