/* The own account, over store/account.h. */
#include "app/person.h"

#include <string.h>

#include "app/accounts_internal.h"
#include "app/password.h"

static bool is_person(const struct principal *by, struct problem *problem)
{
    if (by->is_person)
        return true;
    return problem_set(problem, PROBLEM_FORBIDDEN, "", "An API key has no tokens and no password; use a person's access token.");
}

struct reading {
    const struct principal *by;
    struct arena *arena;
    struct whoami *me;
    bool found;
};

static enum db_status read_both(struct db_conn *c, void *context)
{
    struct reading *r = context;
    const struct tenant *t = &r->by->tenant;
    enum db_status status = store_tenant_get(t, c, r->arena, &r->me->tenant, &r->found);
    if (status == DB_OK && r->found && r->by->is_person)
        status = store_user_get(t, c, r->by->user_id, r->arena, &r->me->user, &r->found);
    return status;
}

bool person_get(struct app *app, const struct principal *by, struct arena *arena, struct whoami *me, struct problem *problem)
{
    struct reading r = {.by = by, .arena = arena, .me = me};
    *me = (struct whoami){0};
    enum db_status status = db_snapshot(app->db, read_both, &r);
    return (status == DB_OK && r.found) || problem_db(problem, status == DB_OK ? DB_ERROR : status);
}

struct ending {
    const struct principal *by;
    struct span password_hash; /* p == NULL: stays */
    const char *action;
    int64_t epoch;
};

static enum db_status end_tokens(struct db_conn *c, void *context)
{
    struct ending *e = context;
    const struct tenant *t = &e->by->tenant;
    enum db_status status = store_user_end_tokens(t, c, e->by->user_id, e->password_hash, &e->epoch);
    return status == DB_OK ? store_audit_insert(t, c, e->by->actor, e->action, e->by->actor, sys_wall_ms()) : status;
}

bool person_logout(struct app *app, const struct principal *by, struct problem *problem)
{
    struct ending e = {.by = by, .action = "logout"};
    if (!is_person(by, problem))
        return false;
    enum db_status status = db_transact(app->db, end_tokens, &e);
    return status == DB_OK || problem_db(problem, status);
}

static bool too_many(int retry_after_s, struct problem *problem)
{
    problem_set(problem, PROBLEM_TOO_MANY, "", "Too many wrong passwords; try again in %d seconds.", retry_after_s);
    problem->retry_after_s = retry_after_s;
    problem->limit = (struct limit){"login", LOGIN_ATTEMPTS_MAX, LOGIN_WINDOW_MS / 1000};
    return false;
}

/* Under the account's id, so that it bounds guesses with a stolen token as login bounds those without. */
static bool is_right(struct app *app, const struct principal *by, struct span hash, struct span password, const char *peer, struct problem *problem)
{
    int retry_after_s = 0;
    struct span account = span_of(by->actor);
    if (!login_limiter_take(app->accounts->limiter, account, span_of(peer), sys_mono_ms(), &retry_after_s))
        return too_many(retry_after_s, problem);
    if (!password_verify(hash, password))
        return problem_field(problem, "current_password", "This is not the password of this account.");
    login_limiter_forgive(app->accounts->limiter, account, span_of(peer));
    return true;
}

static bool is_accepted(const struct user_row *user, struct span password, struct problem *problem)
{
    if (password_accepted(password, user->name, user->email, problem))
        return true;
    memcpy(problem->field, "new_password", sizeof "new_password");
    return false;
}

bool person_change_password(struct app *app, const struct principal *by, struct span old_password, struct span new_password, const char *peer,
                            struct arena *arena, struct grant *grant, struct problem *problem)
{
    struct whoami me;
    char hash[PASSWORD_HASH_SIZE];
    if (!is_person(by, problem) || !person_get(app, by, arena, &me, problem) || !is_right(app, by, me.user.password_hash, old_password, peer, problem) ||
        !is_accepted(&me.user, new_password, problem))
        return false;
    if (!password_hash(new_password, hash))
        return problem_set(problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory now; try again.");
    struct ending e = {.by = by, .password_hash = span_of(hash), .action = "password.change"};
    enum db_status status = db_transact(app->db, end_tokens, &e);
    if (status != DB_OK)
        return problem_db(problem, status);
    me.user.token_epoch = e.epoch;
    return account_grant(app, &by->tenant, by->tenant_public_id, &me.user, arena, grant, problem);
}
