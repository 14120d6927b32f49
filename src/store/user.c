/* The people of a tenant, and their logins. */
#include "store/account.h"
#include "store/row.h"
#include "store/sql.h"

const struct db_statement store_user_sql[USER_SQL] = {
    [USER_INSERT] = {"user.insert", "insert into tenant_user (tenant_id, user_id, public_id, email, name, role, status, token_epoch, password_hash, created_at)"
                                    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"},
    [USER_GET] = {"user.get", "select public_id, email, name, role, status, token_epoch, password_hash, created_at"
                              " from tenant_user where tenant_id = $1 and user_id = $2"},
    [USER_ACCESS] = {"user.access", "select u.public_id, t.public_id, u.role, u.status, t.status, u.token_epoch, t.index_seq"
                                    " from tenant_user u join tenant t on t.tenant_id = $1 where u.tenant_id = $1 and u.user_id = $2"},
    [USER_END_TOKENS] = {"user.end_tokens", "update tenant_user set token_epoch = token_epoch + 1 where tenant_id = $1 and user_id = $2 returning token_epoch"},
    [USER_SET_PASSWORD] = {"user.set_password", "update tenant_user set token_epoch = token_epoch + 1, password_hash = $3 where tenant_id = $1 and user_id = $2"
                                                " returning token_epoch"},
    [LOGIN_INSERT] = {"login.insert", "insert into login (tenant_id, email, user_id) values ($1, $2, $3)"},
};

const struct db_statement store_login_sql[LOGIN_SQL] = {
    [LOGIN_FIND] = {"login.find", "select tenant_id, user_id from login where email = $1"},
    [LOGIN_TENANTS] = {"login.tenants", "select distinct tenant_id from login where tenant_id > $1 order by tenant_id limit $2"},
};

enum db_status store_user_insert(const struct tenant *t, struct db_conn *c, const struct user_row *row)
{
    struct db_stmt *s = row_prepare(t, c, &store_user_sql[USER_INSERT]);
    db_bind_int(s, 2, row->user_id);
    row_bind_cstr(s, 3, row->public_id);
    db_bind_text(s, 4, row->email);
    db_bind_text(s, 5, row->name);
    row_bind_cstr(s, 6, row->role);
    row_bind_cstr(s, 7, row->status);
    db_bind_int(s, 8, row->token_epoch);
    db_bind_text(s, 9, row->password_hash);
    db_bind_int(s, 10, row->created_at);
    return db_run(s, NULL);
}

enum db_status store_user_get(const struct tenant *t, struct db_conn *c, int64_t user_id, struct arena *arena, struct user_row *row, bool *found)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_user_sql[USER_GET]), .arena = arena};
    db_bind_int(r.s, 2, user_id);
    enum db_status status = row_first(r.s, found);
    if (*found) {
        row->user_id = user_id;
        row_cstr(&r, 0, row->public_id, sizeof row->public_id);
        row->email = row_text(&r, 1);
        row->name = row_text(&r, 2);
        row_cstr(&r, 3, row->role, sizeof row->role);
        row_cstr(&r, 4, row->status, sizeof row->status);
        row->token_epoch = db_int(r.s, 5);
        row->password_hash = row_text(&r, 6);
        row->created_at = db_int(r.s, 7);
    }
    return row_end(&r, status);
}

enum db_status store_user_access(const struct tenant *t, struct db_conn *c, int64_t user_id, struct user_access *access, bool *found)
{
    struct row_reader r = {.s = row_prepare(t, c, &store_user_sql[USER_ACCESS])};
    db_bind_int(r.s, 2, user_id);
    enum db_status status = row_first(r.s, found);
    if (*found) {
        row_cstr(&r, 0, access->user_public_id, sizeof access->user_public_id);
        row_cstr(&r, 1, access->tenant_public_id, sizeof access->tenant_public_id);
        row_cstr(&r, 2, access->role, sizeof access->role);
        row_cstr(&r, 3, access->user_status, sizeof access->user_status);
        row_cstr(&r, 4, access->tenant_status, sizeof access->tenant_status);
        access->token_epoch = db_int(r.s, 5);
        access->index_seq = db_int(r.s, 6);
    }
    return row_end(&r, status);
}

enum db_status store_user_end_tokens(const struct tenant *t, struct db_conn *c, int64_t user_id, struct span password_hash, int64_t *epoch)
{
    bool found;
    struct db_stmt *s = row_prepare(t, c, &store_user_sql[password_hash.p ? USER_SET_PASSWORD : USER_END_TOKENS]);
    db_bind_int(s, 2, user_id);
    if (password_hash.p)
        db_bind_text(s, 3, password_hash);
    enum db_status status = row_number(s, epoch, &found);
    return status == DB_OK && !found ? DB_ERROR : status;
}

enum db_status store_login_insert(const struct tenant *t, struct db_conn *c, struct span folded_email, int64_t user_id)
{
    struct db_stmt *s = row_prepare(t, c, &store_user_sql[LOGIN_INSERT]);
    db_bind_text(s, 2, folded_email);
    db_bind_int(s, 3, user_id);
    return db_run(s, NULL);
}

enum db_status store_login_find(struct db_conn *c, struct span folded_email, int64_t *tenant_id, int64_t *user_id, bool *found)
{
    struct db_stmt *s = db_prepare(c, &store_login_sql[LOGIN_FIND]);
    db_bind_text(s, 1, folded_email);
    enum db_status status = row_first(s, found);
    if (*found) {
        *tenant_id = db_int(s, 0);
        *user_id = db_int(s, 1);
    }
    db_end(s);
    return status;
}

enum db_status store_tenants_all(struct db_conn *c, int64_t after, int64_t *tenant_ids, size_t limit, size_t *count)
{
    struct db_stmt *s = db_prepare(c, &store_login_sql[LOGIN_TENANTS]);
    enum db_status status;
    db_bind_int(s, 1, after);
    db_bind_int(s, 2, (int64_t)limit);
    *count = 0;
    while ((status = db_step(s)) == DB_ROW && *count < limit)
        tenant_ids[(*count)++] = db_int(s, 0);
    db_end(s);
    return status == DB_ROW ? DB_OK : status;
}
