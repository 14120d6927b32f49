/* A tenant's settings, by name. */
#include "store/account.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_setting_sql[SETTING_SQL] = {
    [SETTING_GET] = {"setting.get", "select value from setting where tenant_id = $1 and name = $2"},
    [SETTING_PUT] = {"setting.put",
                     "insert into setting (tenant_id, name, value) values ($1, $2, $3) on conflict (tenant_id, name) do update set value = excluded.value"},
};

enum db_status store_setting_get(const struct tenant *t, struct db_conn *c, const char *name, struct arena *arena, struct span *value, bool *found)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_setting_sql[SETTING_GET]), .arena = arena};
    row_bind_cstr(r.s, 2, name);
    enum db_status status = row_first(r.s, found);
    if (*found)
        *value = row_text(&r, 0);
    return row_end(&r, status);
}

enum db_status store_setting_put(const struct tenant *t, struct db_conn *c, const char *name, struct span value)
{
    struct db_stmt *s = row_prepare(t, c, &store_setting_sql[SETTING_PUT]);
    row_bind_cstr(s, 2, name);
    db_bind_text(s, 3, value);
    return db_run(s, NULL);
}
