/* Login: address and password → a new token. An unknown address costs and answers the same as a wrong password. */
#include <string.h>

#include "app/accounts_internal.h"
#include "app/email.h"
#include "app/password.h"
#include "base/log.h"

struct account {
    struct span folded_email;
    struct arena *arena;
    bool known;
    struct tenant tenant;
    struct user_row user;
    struct user_access access;
};

static enum db_status find_account(struct db_conn *c, void *context)
{
    struct account *a = context;
    int64_t user_id;
    bool found = false;
    enum db_status status = store_login_find(c, a->folded_email, &a->tenant.id, &user_id, &found);
    if (status == DB_OK && found)
        status = store_user_get(&a->tenant, c, user_id, a->arena, &a->user, &found);
    if (status == DB_OK && found)
        status = store_user_access(&a->tenant, c, user_id, &a->access, &found);
    a->known = status == DB_OK && found;
    return status;
}

static bool holds(const struct account *a, struct span password)
{
    bool right = password_verify(a->known ? a->user.password_hash : password_dummy_hash(), password);
    return right && a->known && !strcmp(a->access.user_status, "active") && !strcmp(a->access.tenant_status, "active");
}

static bool too_many(int retry_after_s, struct problem *problem)
{
    problem_set(problem, PROBLEM_TOO_MANY, "", "Too many failed logins for this address; try again in %d seconds.", retry_after_s);
    if (problem) {
        problem->retry_after_s = retry_after_s;
        problem->limit = (struct limit){"login", LOGIN_ATTEMPTS_MAX, LOGIN_WINDOW_MS / 1000};
    }
    return false;
}

bool accounts_login(struct app *app, struct span email, struct span password, const char *peer, struct arena *arena, struct grant *grant,
                    struct problem *problem)
{
    struct login_limiter *limiter = app->accounts->limiter;
    struct account a = {.folded_email = email_folded(span_trim(email), arena), .arena = arena};
    if (!a.folded_email.p)
        return problem_field(problem, "email", "This is not an e-mail address; write one like name@example.com.");
    int retry_after_s = 0;
    if (!login_limiter_take(limiter, a.folded_email, span_of(peer), sys_mono_ms(), &retry_after_s))
        return too_many(retry_after_s, problem);
    enum db_status status = db_snapshot(app->db, find_account, &a);
    if (status != DB_OK) {
        login_limiter_forgive(limiter, a.folded_email, span_of(peer));
        return problem_db(problem, status);
    }
    if (!holds(&a, password)) {
        log_event(LOG_WARN, "login failed", log_str("peer", peer));
        return problem_set(problem, PROBLEM_UNAUTHORIZED, "", "The e-mail address or the password is not right.");
    }
    login_limiter_forgive(limiter, a.folded_email, span_of(peer));
    return account_grant(app, &a.tenant, a.access.tenant_public_id, &a.user, arena, grant, problem);
}
