/* The own account: GET /api/v1/auth/me, POST /logout and /password. */
#include "app/person.h"

#include "app/password.h"
#include "http/key_json.h"
#include "http/routes.h"

enum { BODY_MAX = 1 << 20 };

static json_t *user_json(const struct whoami *me)
{
    const struct user_row *u = &me->user;
    if (!u->user_id)
        return json_null();
    return json_pack("{s:s, s:o, s:o, s:s, s:o}", "id", u->public_id, "name", json_from(u->name), "email", json_from(u->email), "role", u->role, "created_at",
                     call_time(u->created_at));
}

void call_get_me(struct exchange *x)
{
    struct principal by;
    struct whoami me;
    struct problem problem = {0};
    if (!call_authenticate(x, 0, &by))
        return;
    if (!person_get(call_app(x), &by, exchange_arena(x), &me, &problem)) {
        call_fail(x, &problem);
        return;
    }
    call_reply(x, 200,
               json_pack("{s:s, s:o, s:o, s:o, s:o}", "tenant_id", me.tenant.public_id, "tenant_name", json_from(me.tenant.name), "user", user_json(&me),
                         "api_key_id", by.is_person ? json_null() : json_string(by.actor), "scopes", scopes_json(by.scopes)));
}

void call_logout(struct exchange *x)
{
    struct principal by;
    struct problem problem = {0};
    if (!call_authenticate(x, 0, &by))
        return;
    if (person_logout(call_app(x), &by, &problem))
        exchange_reply(x, 204, NULL, SPAN(""));
    else
        call_fail(x, &problem);
}

static void change_from(struct exchange *x, const struct principal *by, const json_t *body)
{
    struct validation v;
    struct grant grant;
    struct problem problem = {0};
    validation_begin(&v, body);
    struct span old_password = validation_text(&v, "current_password", true, 1, PASSWORD_MAX);
    struct span new_password = validation_text(&v, "new_password", true, PASSWORD_MIN, PASSWORD_MAX);
    if (!validation_end(&v, x))
        return;
    if (person_change_password(call_app(x), by, old_password, new_password, exchange_peer(x), exchange_arena(x), &grant, &problem))
        reply_grant(x, 200, &grant);
    else
        call_fail(x, &problem);
}

void call_change_password(struct exchange *x)
{
    struct principal by;
    if (!call_authenticate(x, 0, &by))
        return;
    json_t *body = call_json(x, BODY_MAX);
    if (!body)
        return;
    change_from(x, &by, body);
    json_decref(body);
}
