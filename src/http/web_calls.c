/* The documentation page and its files: packed files, sent gzipped to those who take that, and not at all to those who have them. */
#include <string.h>

#include "http/call.h"
#include "http/problem_reply.h"
#include "http/routes.h"
#include "web/web.h"

/* Only this server's own files run, style and are asked. data: is for the icons inside Swagger UI's style. */
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
                             "form-action 'none'; frame-ancestors 'none'";

/* Whether a coding of Accept-Encoding has not the weight 0: "gzip", "gzip;q=0.5". */
static bool has_weight(struct span parameters)
{
    struct span name, value;
    if (!span_cut(parameters, '=', &name, &value) || !span_eq_nocase(span_trim(name), SPAN("q")))
        return true;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] >= '1' && value.p[i] <= '9')
            return true;
    }
    return false;
}

static bool takes_gzip(struct exchange *x)
{
    struct span list, one, coding, parameters;
    bool more = exchange_header(x, "Accept-Encoding", &list);
    while (more) {
        more = span_cut(list, ',', &one, &list);
        span_cut(one, ';', &coding, &parameters);
        coding = span_trim(coding);
        if (span_eq_nocase(coding, SPAN("gzip")))
            return has_weight(parameters);
    }
    return false;
}

/* Weak comparison, as If-None-Match has it: W/ does not count. */
static bool has_it(struct exchange *x, const char *etag)
{
    struct span tags;
    if (!exchange_header(x, "If-None-Match", &tags))
        return false;
    return span_eq(tags, SPAN("*")) || span_find(tags, span_of(strchr(etag, '"'))) >= 0;
}

static void reply_file(struct exchange *x, const struct web_file *file)
{
    if (!file) {
        reply_error(x, 404, "not-found", "There is no such file; the documentation is at /docs.");
        return;
    }
    exchange_add_header(x, "ETag", file->etag);
    exchange_add_header(x, "Cache-Control", "no-cache"); /* kept, and asked for again: a new version of the server is seen at once */
    exchange_add_header(x, "Vary", "Accept-Encoding");
    exchange_add_header(x, "Content-Security-Policy", policy);
    if (has_it(x, file->etag)) {
        exchange_reply(x, 304, NULL, SPAN(""));
    } else if (takes_gzip(x)) {
        exchange_add_header(x, "Content-Encoding", "gzip");
        exchange_reply(x, 200, file->type, file->gzip);
    } else {
        exchange_reply(x, 200, file->type, file->plain);
    }
}

void call_docs(struct exchange *x)
{
    reply_file(x, web_file_find(SPAN("docs/index.html")));
}

void call_docs_file(struct exchange *x)
{
    char name[80] = "docs/";
    if (!span_to_cstr(exchange_path_param(x, "file"), name + 5, sizeof name - 5))
        name[0] = 0;
    reply_file(x, web_file_find(span_of(name)));
}

void call_favicon(struct exchange *x)
{
    reply_file(x, web_file_find(SPAN("docs/favicon.svg")));
}
