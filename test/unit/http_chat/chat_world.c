/* Companies for tests of the calls. */
#include "chat_world.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "app/accounts.h"

enum { ARENA_BYTES = 1 << 20, PLENTY = 1 << 30 };

static const char password[] = "correct horse battery staple";

struct company company_beside(const struct company *beside, const char *email)
{
    struct company c = {.w = beside->w};
    struct arena *arena = arena_new(ARENA_BYTES);
    struct grant grant;
    struct new_key key;
    struct problem problem = {0};
    assert_true(accounts_register(&c.w->app, SPAN("Company"), span_of(email), span_of(password), arena, &grant, &problem));
    char bearer[1100];
    snprintf(bearer, sizeof bearer, "Bearer %s", grant.token);
    struct credential credential = {.authorization = span_of(bearer)};
    assert_true(authenticate(&c.w->app, &credential, &c.p, &problem));
    assert_true(accounts_create_key(&c.w->app, &c.p, SPAN("test"), SCOPE_DEFAULT, 0, &key, &problem));
    snprintf(c.api_key, sizeof c.api_key, "%s", key.api_key);
    arena_free(arena);
    return c;
}

struct company company_world(void)
{
    char why[200] = "";
    struct company c = {.w = world_new(PLENTY)};
    c.w->config.registration_open = true;
    c.w->config.token_ttl_s = 3600;
    c.w->app.accounts = accounts_new(c.w->db, &c.w->config, why, sizeof why);
    if (!c.w->app.accounts)
        fail_msg("%s", why);
    return company_beside(&c, "first@example.com");
}

void company_world_free(struct company *c)
{
    accounts_free(c->w->app.accounts);
    world_free(c->w);
}

struct exchange *company_call(const struct company *c, struct world *w, http_handler *handler, const char *body)
{
    struct exchange *x = fake_new(HTTP_POST, "/api/v1/chat", &w->app);
    if (c)
        fake_header(x, "X-API-Key", c->api_key);
    fake_json(x, body);
    handler(x);
    assert_true(fake_finished(x));
    return x;
}

json_t *company_json(const struct company *c, http_handler *handler, const char *body, int status)
{
    struct exchange *x = company_call(c, c->w, handler, body);
    if (fake_status(x) != status)
        fail_msg("%d instead of %d: %.*s", fake_status(x), status, SPAN_ARG(fake_reply_body(x)));
    json_t *reply = fake_reply_json(x);
    assert_non_null(reply);
    fake_free(x);
    return reply;
}
