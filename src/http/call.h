/* What every API call needs: authentication, a JSON body, validation in FastAPI's form, problems as replies. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include "app/app.h"
#include "app/principal.h"
#include "app/problem.h"
#include "base/json.h"
#include "http/exchange.h"

/* Finishes x with the problem's status and body (422 as FastAPI's list). */
void call_fail(struct exchange *x, const struct problem *problem);
/* The principal behind the request's credentials, with that scope (0: any). False: x has been finished with 401 or 403. Remembers it in the exchange, so that an admit
 * step and the handler authenticate once. */
bool call_authenticate(struct exchange *x, unsigned scope, struct principal *principal);
/* An admit step for routes with a body: authenticates, then exchange_continue. One for each scope in use. */
void call_admit_knowledge_write(struct exchange *x);
/* The JSON object of the body; NULL when x has been finished with 400, 413, 415 or 422. Caller: json_decref. A body without Content-Type is taken as JSON. */
json_t *call_json(struct exchange *x, size_t max_bytes);
/* Finishes x with the value (its reference is taken) as JSON; 500 when it cannot be written. */
void call_reply(struct exchange *x, int status, json_t *value);
/* The app of this server. */
struct app *call_app(const struct exchange *x);

/* ---- validation: collects all faults of a body, then replies once ---- */
struct validation {
    json_t *faults; /* [{"type","loc","msg","input"}] */
    const json_t *body;
};
void validation_begin(struct validation *v, const json_t *body);
/* A string member within [min, max] characters, no control characters but line breaks and TAB. Absent or null: a fault when `required`, else p == NULL. */
struct span validation_text(struct validation *v, const char *name, bool required, size_t min, size_t max);
int64_t validation_int(struct validation *v, const char *name, int64_t fallback, int64_t min, int64_t max);
/* A finite number. */
double validation_number(struct validation *v, const char *name, double fallback, double min, double max);
bool validation_bool(struct validation *v, const char *name, bool fallback);
/* RFC 3339 with an offset → milliseconds; 0 when absent. */
int64_t validation_time(struct validation *v, const char *name);
/* A fault of another kind. */
void validation_fault(struct validation *v, const char *name, const char *type, const char *message);
/* True when there were none. False: x has been finished with 422. Ends v either way. */
bool validation_end(struct validation *v, struct exchange *x);

/* "2026-11-23T09:30:00Z", or null for 0. */
json_t *call_time(int64_t wall_ms);

#endif
