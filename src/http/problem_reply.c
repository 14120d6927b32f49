/* Error replies, and the one table of statuses. */
#include "http/problem_reply.h"

struct status {
    int code;
    const char *reason, *slug;
};

static const struct status statuses[] = {
    {100, "Continue", "continue"},
    {200, "OK", "ok"},
    {201, "Created", "created"},
    {202, "Accepted", "accepted"},
    {204, "No Content", "no-content"},
    {206, "Partial Content", "partial-content"},
    {301, "Moved Permanently", "moved"},
    {302, "Found", "found"},
    {303, "See Other", "see-other"},
    {304, "Not Modified", "not-modified"},
    {307, "Temporary Redirect", "temporary-redirect"},
    {308, "Permanent Redirect", "permanent-redirect"},
    {400, "Bad Request", "bad-request"},
    {401, "Unauthorized", "unauthorized"},
    {402, "Payment Required", "payment-required"},
    {403, "Forbidden", "forbidden"},
    {404, "Not Found", "not-found"},
    {405, "Method Not Allowed", "method-not-allowed"},
    {406, "Not Acceptable", "not-acceptable"},
    {408, "Request Timeout", "request-timeout"},
    {409, "Conflict", "conflict"},
    {410, "Gone", "gone"},
    {411, "Length Required", "length-required"},
    {412, "Precondition Failed", "precondition-failed"},
    {413, "Content Too Large", "content-too-large"},
    {414, "URI Too Long", "uri-too-long"},
    {415, "Unsupported Media Type", "unsupported-format"},
    {416, "Range Not Satisfiable", "range-not-satisfiable"},
    {417, "Expectation Failed", "expectation-failed"},
    {421, "Misdirected Request", "misdirected-request"},
    {422, "Unprocessable Content", "validation"},
    {423, "Locked", "locked"},
    {428, "Precondition Required", "precondition-required"},
    {429, "Too Many Requests", "too-many-requests"},
    {431, "Request Header Fields Too Large", "header-fields-too-large"},
    {499, "Client Closed Request", "client-closed-request"},
    {500, "Internal Server Error", "internal"},
    {501, "Not Implemented", "not-implemented"},
    {502, "Bad Gateway", "bad-gateway"},
    {503, "Service Unavailable", "unavailable"},
    {504, "Gateway Timeout", "gateway-timeout"},
    {505, "HTTP Version Not Supported", "http-version-not-supported"},
    {507, "Insufficient Storage", "insufficient-storage"},
};

static const struct status *find(int code)
{
    static const struct status unknown = {0, "Unknown", "error"};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].code == code)
            return &statuses[i];
    return &unknown;
}

const char *http_reason(int status)
{
    return find(status)->reason;
}

const char *http_slug(int status)
{
    return find(status)->slug;
}

void problem_body(struct buf *out, int status, const char *slug, const char *detail, const char *request_id)
{
    buf_str(out, "{\"detail\":");
    buf_json(out, span_of(detail));
    buf_str(out, ",\"type\":\"/errors/");
    buf_str(out, slug);
    buf_str(out, "\",\"title\":");
    buf_json(out, span_of(http_reason(status)));
    buf_printf(out, ",\"status\":%d,\"request_id\":", status);
    buf_json(out, span_of(request_id));
    buf_str(out, "}");
}

void reply_error(struct exchange *x, int status, const char *slug, const char *detail)
{
    struct buf body;
    buf_init(&body, 65536);
    problem_body(&body, status, slug, detail, exchange_request_id(x));
    exchange_reply(x, status, "application/problem+json", buf_view(&body));
    buf_free(&body);
}
