/* Registration: a tenant with its owner, login and first collection, in one transaction. */
#include <sodium.h>
#include <string.h>

#include "app/accounts_internal.h"
#include "app/email.h"
#include "app/password.h"
#include "base/log.h"
#include "store/document.h"

struct registration {
    struct tenant tenant;
    struct tenant_row tenant_row;
    struct user_row owner;
    struct span folded_email;
    char hash[PASSWORD_HASH_SIZE];
    bool taken; /* the address is */
};

static bool checked(struct app *app, struct span name, struct span email, struct span password, struct problem *problem)
{
    if (!app->config->registration_open)
        return problem_set(problem, PROBLEM_FORBIDDEN, "registration-closed", "Registration is closed on this server; ask its operator for an account.");
    if (!account_name_accepted(name, 200, problem))
        return false;
    if (!email_valid(email))
        return problem_field(problem, "email", "This is not an e-mail address; write one like name@example.com.");
    return password_accepted(password, name, email, problem);
}

static bool already_taken(struct problem *problem)
{
    return problem_set(problem, PROBLEM_CONFLICT, "email-taken", "This e-mail address is registered already; log in, or use another one.");
}

/* Spares the hash where the answer is clear; the transaction decides in the end. */
static bool address_free(struct app *app, struct span folded, struct problem *problem)
{
    int64_t tenant_id, user_id;
    bool found = false;
    struct db_conn *c = db_acquire(app->db, DB_READ);
    enum db_status status = c ? store_login_find(c, folded, &tenant_id, &user_id, &found) : DB_RETRY;
    if (c)
        db_release(c);
    if (status != DB_OK)
        return problem_db(problem, status);
    return found ? already_taken(problem) : true;
}

static void fill_rows(struct registration *r, struct span name, struct span email)
{
    int64_t now = sys_wall_ms();
    r->tenant.id = sys_random_id();
    r->tenant_row = (struct tenant_row){.name = name, .status = "active", .created_at = now};
    sys_public_id(r->tenant_row.public_id, "ten_");
    r->owner = (struct user_row){.user_id = sys_random_id(), .email = email, .name = name, .role = "owner", .status = "active", .created_at = now};
    r->owner.password_hash = span_of(r->hash);
    sys_public_id(r->owner.public_id, "usr_");
}

static enum db_status insert_all(struct db_conn *c, void *context)
{
    struct registration *r = context;
    const struct tenant *t = &r->tenant;
    int64_t now = r->owner.created_at, collection_id;
    bool found;
    enum db_status status = store_tenant_insert(t, c, &r->tenant_row);
    if (status == DB_OK)
        status = store_user_insert(t, c, &r->owner);
    if (status == DB_OK) {
        status = store_login_insert(t, c, r->folded_email, r->owner.user_id);
        r->taken = status == DB_CONFLICT;
    }
    if (status == DB_OK)
        status = store_collection_by_name(t, c, SPAN("default"), true, now, &collection_id, &found);
    if (status == DB_OK)
        status = store_audit_insert(t, c, r->owner.public_id, "tenant.register", r->tenant_row.public_id, now);
    return status;
}

bool accounts_register(struct app *app, struct span name, struct span email, struct span password, struct arena *arena, struct grant *grant,
                       struct problem *problem)
{
    name = span_trim(name);
    email = span_trim(email);
    struct registration r = {0};
    if (!checked(app, name, email, password, problem))
        return false;
    r.folded_email = email_folded(email, arena);
    if (!r.folded_email.p)
        return problem_db(problem, DB_ERROR);
    if (!address_free(app, r.folded_email, problem))
        return false;
    if (!password_hash(password, r.hash))
        return problem_set(problem, PROBLEM_UNAVAILABLE, "", "The server is short of memory; try again in a moment.");
    fill_rows(&r, name, email);
    enum db_status status = db_transact(app->db, insert_all, &r);
    if (status != DB_OK)
        return r.taken ? already_taken(problem) : problem_db(problem, status);
    log_event(LOG_INFO, "tenant registered", log_str("tenant", r.tenant_row.public_id));
    return account_grant(app, &r.tenant, r.tenant_row.public_id, &r.owner, arena, grant, problem);
}
