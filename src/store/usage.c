/* What a tenant used, by day in UTC and metric. */
#include "store/account.h"
#include "store/row.h"
#include "store/sql.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

const struct db_statement store_usage_sql[USAGE_SQL] = {
    [USAGE_ADD] = {"usage.add", "insert into usage (tenant_id, day, metric, amount) values ($1, $2, $3, $4)"
                                " on conflict (tenant_id, day, metric) do update set amount = usage.amount + excluded.amount"},
    [USAGE_TOKENS] = {"usage.tokens",
                      "select cast(coalesce(sum(amount), 0) as bigint) from usage where tenant_id = $1 and day = $2 and metric in ('tokens_in', 'tokens_out')"},
};

enum db_status store_usage_add(const struct tenant *t, struct db_conn *c, const char *metric, int64_t amount, int64_t at)
{
    struct db_stmt *s = row_prepare(t, c, &store_usage_sql[USAGE_ADD]);
    db_bind_int(s, 2, at / DAY_MS);
    row_bind_cstr(s, 3, metric);
    db_bind_int(s, 4, amount);
    return db_run(s, NULL);
}

enum db_status store_usage_tokens(const struct tenant *t, struct db_conn *c, int64_t at, int64_t *tokens)
{
    struct db_stmt *s = row_prepare(t, c, &store_usage_sql[USAGE_TOKENS]);
    bool found;
    *tokens = 0;
    db_bind_int(s, 2, at / DAY_MS);
    return row_number(s, tokens, &found);
}
