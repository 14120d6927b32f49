/* Who did what in a tenant. */
#include "store/account.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_audit_sql[AUDIT_SQL] = {
    [AUDIT_INSERT] = {"audit.insert", "insert into audit (tenant_id, audit_id, at, actor, action, subject) values ($1, $2, $3, $4, $5, $6)"},
};

enum db_status store_audit_insert(const struct tenant *t, struct db_conn *c, const char *actor, const char *action, const char *subject, int64_t at)
{
    struct db_stmt *s = row_prepare(t, c, &store_audit_sql[AUDIT_INSERT]);
    db_bind_int(s, 2, sys_random_id());
    db_bind_int(s, 3, at);
    row_bind_cstr(s, 4, actor);
    row_bind_cstr(s, 5, action);
    row_bind_cstr(s, 6, subject);
    return db_run(s, NULL);
}
