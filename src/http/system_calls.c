/* Calls about the server itself: liveness, readiness, the OpenAPI document, and what each type of error means. */
#include "app/health.h"
#include "app/reembed.h"
#include "http/call.h"
#include "http/error_page.h"
#include "http/error_types.h"
#include "http/openapi.h"
#include "http/problem_reply.h"
#include "http/routes.h"

enum { PAGE_BYTES_MAX = 64 << 10 };

void call_livez(struct exchange *x)
{
    exchange_reply(x, 200, "application/json", SPAN("{\"status\":\"ok\"}"));
}

/* What an operator looks at after a change of the encoder; no number tells how much there is. Caller owns it. */
static json_t *vectors_check(const struct app *app)
{
    struct reembed_progress p;
    char text[64] = "ok";
    reembed_progress(app->reembed, &p);
    if (p.tenants && p.passages)
        snprintf(text, sizeof text, "new ones are being made: %d %%", (int)(p.done < p.passages ? p.done * 100 / p.passages : 100));
    return json_string(text);
}

/* While the server shuts down, the HTTP core answers 503 itself. */
void call_readyz(struct exchange *x)
{
    struct span verbose;
    struct problem problem;
    if (!health_database(call_app(x))) {
        problem_set(&problem, PROBLEM_UNAVAILABLE, "", "The database does not answer; try again in a moment.");
        call_fail(x, &problem);
        return;
    }
    json_t *reply = json_pack("{s:s}", "status", "ok");
    if (reply && exchange_query_param(x, "verbose", &verbose))
        json_object_set_new(reply, "checks", json_pack("{s:s, s:o}", "database", "ok", "vectors", vectors_check(call_app(x))));
    call_reply(x, 200, reply);
}

static void reply_metrics(struct exchange *x)
{
    struct buf text;
    struct span authorization = {NULL, 0};
    struct problem problem;
    exchange_header(x, "Authorization", &authorization);
    if (!measures_allowed(call_app(x), authorization)) {
        problem_set(&problem, PROBLEM_UNAUTHORIZED, "", "The metrics need the server's metrics token: send Authorization: Bearer TOKEN.");
        call_fail(x, &problem);
        return;
    }
    buf_init(&text, PAGE_BYTES_MAX);
    measures_write(call_app(x), &text);
    exchange_add_header(x, "Cache-Control", "no-store");
    if (text.failed)
        reply_error(x, 500, "internal", "The server had no memory for the metrics; try again.");
    else
        exchange_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", buf_view(&text));
    buf_free(&text);
}

/* On the address of the API only for those who bear a token; without one it looks as any path that is not there. */
void call_metrics(struct exchange *x)
{
    const char *token = call_app(x)->config->metrics_token;
    if (token && token[0])
        reply_metrics(x);
    else
        reply_error(x, 404, http_slug(404), "There is nothing at this path.");
}

void call_metrics_apart(struct exchange *x)
{
    reply_metrics(x);
}

void call_openapi(struct exchange *x)
{
    exchange_reply(x, 200, "application/json", openapi_document());
}

/* Browsers name text/html; programs do not, or they prefer JSON. */
static bool wants_html(struct exchange *x)
{
    struct span accept;
    return exchange_header(x, "Accept", &accept) && span_find(accept, SPAN("text/html")) >= 0;
}

static void reply_page(struct exchange *x, const struct error_type *type)
{
    char policy[200];
    struct buf page;
    buf_init(&page, PAGE_BYTES_MAX);
    error_page_write(&page, type, http_reason(type->status));
    error_page_policy(policy, sizeof policy);
    if (page.failed) {
        reply_error(x, 500, "internal", "The server had no memory for the page; try again.");
    } else {
        exchange_add_header(x, "Content-Security-Policy", policy);
        exchange_reply(x, 200, "text/html; charset=utf-8", buf_view(&page));
    }
    buf_free(&page);
}

void call_error_page(struct exchange *x)
{
    const struct error_type *type = error_type_find(exchange_path_param(x, "slug"));
    if (!type) {
        reply_error(x, 404, "not-found", "There is no error of this type.");
        return;
    }
    exchange_add_header(x, "Vary", "Accept");
    if (wants_html(x)) {
        reply_page(x, type);
        return;
    }
    struct buf path;
    buf_init(&path, 100);
    buf_printf(&path, "/errors/%s", type->slug);
    call_reply(x, 200,
               json_pack("{s:o, s:s, s:i, s:s}", "type", json_from(buf_view(&path)), "title", http_reason(type->status), "status", type->status, "explanation",
                         type->explanation));
    buf_free(&path);
}
