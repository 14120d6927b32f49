/* Idempotency-Key: the header, and replies kept or played again. Storage and encryption are app/idempotency.c's. */
#include "http/idempotent.h"

#include <string.h>

#include "app/idempotency.h"
#include "http/call_body.h"
#include "http/error_types.h"

struct idempotent {
    struct idempotency_claim claim;
};

static bool fail(struct exchange *x, struct problem *problem)
{
    call_fail(x, problem);
    return false;
}

/* A reply as it was kept: errors and others differ in their media type. */
static void replay(struct exchange *x, int status, struct span body)
{
    exchange_add_header(x, "Idempotent-Replayed", "true");
    exchange_reply(x, status, status >= 400 ? "application/problem+json" : "application/json", body);
}

bool idempotent_begin(struct exchange *x, const struct principal *by, const char *route, const unsigned char body_hash[32], struct idempotent **claim)
{
    struct span key, reply = {NULL, 0};
    struct problem problem;
    enum idempotency_state state = IDEMPOTENCY_CLAIMED;
    int status = 0;
    *claim = NULL;
    if (!exchange_header(x, "Idempotency-Key", &key))
        return true;
    if (key.n < 1 || key.n > IDEMPOTENCY_KEY_MAX)
        return problem_field(&problem, "header.Idempotency-Key", "An Idempotency-Key has 1 to %d bytes.", IDEMPOTENCY_KEY_MAX) || fail(x, &problem);
    struct idempotent *made = arena_alloc(exchange_arena(x), sizeof *made);
    if (!made)
        return problem_db(&problem, DB_ERROR) || fail(x, &problem);
    if (!idempotency_begin(call_app(x), by, route, key, body_hash, exchange_arena(x), &made->claim, &state, &status, &reply, &problem))
        return fail(x, &problem);
    switch (state) {
    case IDEMPOTENCY_CLAIMED:
        *claim = made;
        return true;
    case IDEMPOTENCY_REPLAY:
        replay(x, status, reply);
        return false;
    case IDEMPOTENCY_RUNNING:
        problem_set(&problem, PROBLEM_CONFLICT, "idempotency-running", "The first request with this Idempotency-Key is still running; try again in a moment.");
        problem.retry_after_s = 1;
        return fail(x, &problem);
    case IDEMPOTENCY_MISMATCH:
        break;
    }
    problem_field(&problem, "header.Idempotency-Key", "This Idempotency-Key came with another body before; use a new key for a new request.");
    memcpy(problem.slug, "idempotency-mismatch", sizeof "idempotency-mismatch");
    return fail(x, &problem);
}

/* Keeps a finished body, unless another try may well go otherwise. */
static void keep(struct exchange *x, struct idempotent *claim, int status, const struct buf *body)
{
    if (!claim)
        return;
    if (status >= 500 || status == 429 || body->failed)
        idempotency_drop(call_app(x), &claim->claim);
    else
        idempotency_finish(call_app(x), &claim->claim, status, buf_view(body));
}

void idempotent_reply(struct exchange *x, struct idempotent *claim, int status, json_t *value)
{
    struct buf out;
    buf_init(&out, IDEMPOTENCY_REPLY_MAX);
    if (claim && value)
        json_write(&out, value);
    out.failed = out.failed || !value;
    keep(x, claim, status, &out);
    buf_free(&out);
    call_reply(x, status, value);
}

void idempotent_fail(struct exchange *x, struct idempotent *claim, const struct problem *problem)
{
    struct buf out;
    buf_init(&out, IDEMPOTENCY_REPLY_MAX);
    if (claim)
        call_problem_body(&out, x, problem);
    keep(x, claim, error_status(problem->kind), &out);
    buf_free(&out);
    call_fail(x, problem);
}
