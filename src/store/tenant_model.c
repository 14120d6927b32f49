/* Whose vectors answer for a tenant, and which tenants are left after a change of the encoder. */
#include "store/model.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_tenant_model_sql[TENANT_MODEL_SQL] = {
    [TENANT_MODEL_GET] = {"tenant_model.get", "select model from tenant_model where tenant_id = $1"},
    [TENANT_MODEL_FOUND] = {"tenant_model.found", "select model from embedding where tenant_id = $1 limit 1"},
    [TENANT_MODEL_NOTE] = {"tenant_model.note", "insert into tenant_model (tenant_id, model, settled, lease_owner, lease_until) values ($1, $2, 0, 0, 0)"
                                                " on conflict (tenant_id) do nothing"},
    [TENANT_MODEL_UNSETTLE] = {"tenant_model.unsettle", "update tenant_model set settled = 0 where tenant_id = $1"},
    [TENANT_MODEL_CLAIM] = {"tenant_model.claim",
                            "insert into tenant_model (tenant_id, model, settled, lease_owner, lease_until) values ($1, $2, 0, $3, $4)"
                            " on conflict (tenant_id) do update set settled = 0, lease_owner = excluded.lease_owner, lease_until = excluded.lease_until"
                            " where tenant_model.lease_owner = excluded.lease_owner or tenant_model.lease_until <= $5"},
    [TENANT_MODEL_HOLD] = {"tenant_model.hold", "update tenant_model set lease_until = $3 where tenant_id = $1 and lease_owner = $2"},
    [TENANT_MODEL_SWITCH] = {"tenant_model.switch", "update tenant_model set model = $3 where tenant_id = $1 and lease_owner = $2"},
    [TENANT_MODEL_SETTLE] = {"tenant_model.settle",
                             "update tenant_model set settled = 1, lease_owner = 0, lease_until = 0 where tenant_id = $1 and lease_owner = $2"},
};

/* Every tenant has a login. */
const struct db_statement store_models_sql[MODELS_SQL] = {
    [MODELS_UNSETTLED] = {"tenant_model.unsettled",
                          "select l.tenant_id from login l left join tenant_model m on m.tenant_id = l.tenant_id where l.tenant_id > $1"
                          " and (m.tenant_id is null or m.model <> $2 or m.settled = 0)"
                          " group by l.tenant_id order by l.tenant_id limit $3"},
};

static struct db_stmt *prepare(const struct tenant *t, struct db_conn *c, enum tenant_model_sql which)
{
    return row_prepare(t, c, &store_tenant_model_sql[which]);
}

static enum db_status read_name(struct db_stmt *s, struct model_name *model, bool *found)
{
    struct row_reader r = {.s = s};
    enum db_status status = row_first(s, found);
    if (*found)
        row_cstr(&r, 0, model->text, sizeof model->text);
    return row_end(&r, status);
}

enum db_status store_tenant_model(const struct tenant *t, struct db_conn *c, struct model_name *model)
{
    bool found;
    *model = (struct model_name){""};
    enum db_status status = read_name(prepare(t, c, TENANT_MODEL_GET), model, &found);
    return status == DB_OK && !found ? read_name(prepare(t, c, TENANT_MODEL_FOUND), model, &found) : status;
}

enum db_status store_tenant_model_note(const struct tenant *t, struct db_conn *c, const struct model_name *model)
{
    struct db_stmt *s = prepare(t, c, TENANT_MODEL_NOTE);
    db_bind_text(s, 2, span_of(model->text));
    return db_run(s, NULL);
}

enum db_status store_tenant_model_unsettle(const struct tenant *t, struct db_conn *c)
{
    return db_run(prepare(t, c, TENANT_MODEL_UNSETTLE), NULL);
}

/* ---- under a lease ---- */

static enum db_status run_held(struct db_stmt *s, bool *held)
{
    int64_t rows;
    enum db_status status = db_run(s, &rows);
    *held = status == DB_OK && rows > 0;
    return status;
}

enum db_status store_tenant_model_claim(const struct tenant *t, struct db_conn *c, struct span model, int64_t owner, int64_t now, int64_t lease_until,
                                        bool *held)
{
    struct db_stmt *s = prepare(t, c, TENANT_MODEL_CLAIM);
    db_bind_text(s, 2, model);
    db_bind_int(s, 3, owner);
    db_bind_int(s, 4, lease_until);
    db_bind_int(s, 5, now);
    return run_held(s, held);
}

enum db_status store_tenant_model_hold(const struct tenant *t, struct db_conn *c, int64_t owner, int64_t lease_until, bool *held)
{
    struct db_stmt *s = prepare(t, c, TENANT_MODEL_HOLD);
    db_bind_int(s, 2, owner);
    db_bind_int(s, 3, lease_until);
    return run_held(s, held);
}

enum db_status store_tenant_model_switch(const struct tenant *t, struct db_conn *c, struct span model, int64_t owner, bool *held)
{
    struct db_stmt *s = prepare(t, c, TENANT_MODEL_SWITCH);
    db_bind_int(s, 2, owner);
    db_bind_text(s, 3, model);
    return run_held(s, held);
}

enum db_status store_tenant_model_settle(const struct tenant *t, struct db_conn *c, int64_t owner, bool *held)
{
    struct db_stmt *s = prepare(t, c, TENANT_MODEL_SETTLE);
    db_bind_int(s, 2, owner);
    return run_held(s, held);
}

/* ---- which tenants ---- */

enum db_status store_tenants_unsettled(struct db_conn *c, int64_t after, struct span model, int64_t *tenant_ids, size_t limit, size_t *count)
{
    struct db_stmt *s = db_prepare(c, &store_models_sql[MODELS_UNSETTLED]);
    enum db_status status;
    db_bind_int(s, 1, after);
    db_bind_text(s, 2, model);
    db_bind_int(s, 3, (int64_t)limit);
    *count = 0;
    while ((status = db_step(s)) == DB_ROW && *count < limit)
        tenant_ids[(*count)++] = db_int(s, 0);
    db_end(s);
    return status == DB_ROW ? DB_OK : status;
}
