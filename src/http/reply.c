/* Reply heads: what every reply carries, so that no handler can forget it. */
#include "http/reply.h"

#include <time.h>

#include "http/exchange_state.h"
#include "http/problem_reply.h"

void reply_date(struct buf *out, int64_t wall_ms)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm t;
    if (!gmtime_r(&seconds, &t))
        return;
    buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[t.tm_wday % 7], t.tm_mday, months[t.tm_mon % 12], t.tm_year + 1900, t.tm_hour,
               t.tm_min, t.tm_sec);
}

static bool listed(struct span list, struct span wanted)
{
    struct span one;
    bool more = true;
    while (more) {
        more = span_cut(list, ',', &one, &list);
        if (span_eq(span_trim(one), wanted))
            return true;
    }
    return false;
}

/* Open to every site or to those listed; never with credentials, for nothing here is authorised by a cookie. */
static void put_cors(struct buf *out, const struct exchange *x)
{
    struct span allowed = span_of(x->server->options.cors_origins), origin = {"", 0};
    size_t from = 0;
    if (allowed.n == 0 || span_eq(allowed, SPAN("*"))) {
        buf_str(out, "Access-Control-Allow-Origin: *\r\n");
    } else {
        if (head_next(&x->head, "Origin", &from, &origin) && origin.n && listed(allowed, origin)) {
            buf_str(out, "Access-Control-Allow-Origin: ");
            buf_span(out, origin);
            buf_str(out, "\r\n");
        }
        buf_str(out, "Vary: Origin\r\n");
    }
    buf_str(out, "Access-Control-Expose-Headers: X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Idempotent-Replayed, Location, Content-Disposition, "
                 "WWW-Authenticate\r\n");
}

static void put_length(struct buf *out, int64_t length)
{
    if (length >= 0)
        buf_printf(out, "Content-Length: %lld\r\n", (long long)length);
    else if (length == REPLY_CHUNKED)
        buf_str(out, "Transfer-Encoding: chunked\r\n");
}

void reply_head(struct buf *out, const struct exchange *x, int status, const char *content_type, int64_t length)
{
    buf_printf(out, "HTTP/1.1 %d %s\r\n", status, http_reason(status));
    reply_date(out, sys_wall_ms());
    buf_printf(out, "X-Request-Id: %s\r\n", x->request_id);
    buf_str(out, "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n");
    if (!(x->own_fields & OWN_SECURITY_POLICY))
        buf_str(out, "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n");
    if (!(x->own_fields & OWN_CACHE_CONTROL))
        buf_str(out, "Cache-Control: no-store\r\n");
    put_cors(out, x);
    buf_span(out, buf_view(&x->fields));
    if (content_type) {
        buf_str(out, "Content-Type: ");
        buf_str(out, content_type);
        buf_str(out, "\r\n");
    }
    put_length(out, length);
    if (x->close)
        buf_str(out, "Connection: close\r\n");
    else if (x->head.minor == 0)
        buf_str(out, "Connection: keep-alive\r\n");
    buf_str(out, "\r\n");
}
