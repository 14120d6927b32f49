/* What a tenant used, by day in UTC and metric. */
#include "store/account.h"
#include "store/row.h"
#include "store/sql.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

const struct db_statement store_usage_sql[USAGE_SQL] = {
    [USAGE_ADD] = {"usage.add", "insert into usage (tenant_id, day, metric, amount) values ($1, $2, $3, $4)"
                                " on conflict (tenant_id, day, metric) do update set amount = usage.amount + excluded.amount"},
};

enum db_status store_usage_add(const struct tenant *t, struct db_conn *c, const char *metric, int64_t amount, int64_t at)
{
    struct db_stmt *s = row_prepare(t, c, &store_usage_sql[USAGE_ADD]);
    db_bind_int(s, 2, at / DAY_MS);
    row_bind_cstr(s, 3, metric);
    db_bind_int(s, 4, amount);
    return db_run(s, NULL);
}
