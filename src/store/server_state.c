/* What belongs to the server as a whole, under a name: the signing secret, the index epoch, the encoder in use. */
#include "store/account.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_server_state_sql[SERVER_STATE_SQL] = {
    [SERVER_STATE_GET] = {"server_state.get", "select value from server_state where name = $1"},
    [SERVER_STATE_INSERT] = {"server_state.insert", "insert into server_state (name, value) values ($1, $2) on conflict (name) do nothing"},
    [SERVER_STATE_PUT] = {"server_state.put", "insert into server_state (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value"},
};

enum db_status store_server_state_get(struct db_conn *c, const char *name, struct arena *arena, struct span *value, bool *found)
{
    struct row_reader r = {.s = db_prepare(c, &store_server_state_sql[SERVER_STATE_GET]), .arena = arena};
    row_bind_cstr(r.s, 1, name);
    enum db_status status = row_first(r.s, found);
    if (*found)
        *value = row_blob(&r, 0);
    return row_end(&r, status);
}

enum db_status store_server_state(struct db_conn *c, const char *name, struct span initial, struct arena *arena, struct span *value)
{
    bool found;
    enum db_status status = store_server_state_get(c, name, arena, value, &found);
    if (status != DB_OK || found)
        return status;
    struct db_stmt *s = db_prepare(c, &store_server_state_sql[SERVER_STATE_INSERT]);
    row_bind_cstr(s, 1, name);
    db_bind_blob(s, 2, initial);
    status = db_run(s, NULL);
    /* Another node may have been first: what stands there counts. */
    if (status == DB_OK)
        status = store_server_state_get(c, name, arena, value, &found);
    return status == DB_OK && !found ? DB_RETRY : status;
}

enum db_status store_server_state_put(struct db_conn *c, const char *name, struct span value)
{
    struct db_stmt *s = db_prepare(c, &store_server_state_sql[SERVER_STATE_PUT]);
    row_bind_cstr(s, 1, name);
    db_bind_blob(s, 2, value);
    return db_run(s, NULL);
}
