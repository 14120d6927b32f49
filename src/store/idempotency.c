/* Replies kept under the caller's key, so that a request sent twice has its effect once. */
#include "store/account.h"
#include "store/row.h"
#include "store/sql.h"

/* While a request runs, its run of the server stands where the reply will be. */
enum { RUN_BYTES = sizeof(int64_t) };

/* Each claim sweeps away a few expired rows of the tenant, so that they never pile up. */
#define PURGED_AT_ONCE "16"

const struct db_statement store_idempotency_sql[IDEMPOTENCY_SQL] = {
    [IDEMPOTENCY_PURGE] =
        {"idempotency.purge",
         "delete from idempotency where tenant_id = $1 and (route, key) in"
         " (select i.route, i.key from idempotency i where i.tenant_id = $1 and i.expires_at <= $2 order by i.expires_at limit " PURGED_AT_ONCE ")"},
    [IDEMPOTENCY_CLAIM] = {"idempotency.claim",
                           "insert into idempotency (tenant_id, route, key, body_hash, status, reply, expires_at) values ($1, $2, $3, $4, 0, $5, $6)"
                           " on conflict (tenant_id, route, key) do update set body_hash = excluded.body_hash, status = 0, reply = excluded.reply,"
                           " expires_at = excluded.expires_at where idempotency.expires_at <= $7"
                           " or (idempotency.status = 0 and idempotency.reply <> excluded.reply) returning 1"},
    [IDEMPOTENCY_GET] = {"idempotency.get", "select body_hash, status, reply from idempotency where tenant_id = $1 and route = $2 and key = $3"},
    [IDEMPOTENCY_FINISH] = {"idempotency.finish", "update idempotency set status = $4, reply = $5 where tenant_id = $1 and route = $2 and key = $3"},
    [IDEMPOTENCY_DROP] = {"idempotency.drop", "delete from idempotency where tenant_id = $1 and route = $2 and key = $3"},
};

static struct db_stmt *prepare(const struct tenant *t, struct db_conn *c, enum idempotency_sql which, const char *route, struct span key)
{
    struct db_stmt *s = row_prepare(t, c, &store_idempotency_sql[which]);
    row_bind_cstr(s, 2, route);
    db_bind_text(s, 3, key);
    return s;
}

static enum db_status purge(const struct tenant *t, struct db_conn *c, int64_t now)
{
    struct db_stmt *s = row_prepare(t, c, &store_idempotency_sql[IDEMPOTENCY_PURGE]);
    db_bind_int(s, 2, now);
    return db_run(s, NULL);
}

static enum db_status get(const struct tenant *t, struct db_conn *c, const char *route, struct span key, struct arena *arena, struct idempotency_row *row)
{
    bool found;
    struct row_reader r = {.s = prepare(t, c, IDEMPOTENCY_GET, route, key), .arena = arena};
    enum db_status status = row_first(r.s, &found);
    if (found) {
        row_bytes(&r, 0, row->body_hash, sizeof row->body_hash);
        row->status = db_int(r.s, 1);
        row->reply = row_blob(&r, 2);
    }
    status = row_end(&r, status);
    /* Dropped by another node since the claim failed: the claim is worth another try. */
    return status == DB_OK && !found ? DB_RETRY : status;
}

enum db_status store_idempotency_claim(const struct tenant *t, struct db_conn *c, const char *route, struct span key, const unsigned char body_hash[32],
                                       int64_t run, int64_t now, int64_t expires_at, struct arena *arena, bool *claimed, struct idempotency_row *row)
{
    int64_t one;
    *claimed = false;
    enum db_status status = purge(t, c, now);
    if (status != DB_OK)
        return status;
    struct db_stmt *s = prepare(t, c, IDEMPOTENCY_CLAIM, route, key);
    db_bind_blob(s, 4, (struct span){(const char *)body_hash, 32});
    db_bind_blob(s, 5, (struct span){(const char *)&run, RUN_BYTES});
    db_bind_int(s, 6, expires_at);
    db_bind_int(s, 7, now);
    status = row_number(s, &one, claimed);
    if (status != DB_OK || *claimed)
        return status;
    return get(t, c, route, key, arena, row);
}

enum db_status store_idempotency_finish(const struct tenant *t, struct db_conn *c, const char *route, struct span key, int64_t status, struct span reply)
{
    struct db_stmt *s = prepare(t, c, IDEMPOTENCY_FINISH, route, key);
    db_bind_int(s, 4, status);
    db_bind_blob(s, 5, reply.p ? reply : SPAN(""));
    return db_run(s, NULL);
}

enum db_status store_idempotency_drop(const struct tenant *t, struct db_conn *c, const char *route, struct span key)
{
    return db_run(prepare(t, c, IDEMPOTENCY_DROP, route, key), NULL);
}
