/* What the fields of a request head say together, with the rules of RFC 9112 section 6.3 against request smuggling. */
#include <string.h>

#include "http/head.h"

bool head_next(const struct head *h, const char *name, size_t *from, struct span *value)
{
    struct span wanted = span_of(name);
    for (size_t i = *from; i < h->field_count; i++) {
        if (!span_eq_nocase(h->fields[i].name, wanted))
            continue;
        *from = i + 1;
        *value = h->fields[i].value;
        return true;
    }
    return false;
}

/* How often the field comes; *value is its first value. */
static size_t field_times(const struct head *h, const char *name, struct span *value)
{
    size_t from = 0, times = 0;
    struct span v;
    while (head_next(h, name, &from, &v))
        if (times++ == 0)
            *value = v;
    return times;
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* reg-name and IPv4 without the delimiters nobody has in a name, or an IPv6 literal without its brackets. */
static bool host_chars(struct span s, const char *more)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && !is_one_of(s.p[i], more))
            return false;
    return s.n > 0;
}

bool head_host_valid(struct span host)
{
    struct span name = host, port = {"", 0};
    bool has_port = false;
    if (host.n && host.p[0] == '[') {
        struct span rest;
        if (!span_cut(span_skip(host, 1), ']', &name, &rest) || !host_chars(name, ":."))
            return false;
        has_port = rest.n > 0;
        if (has_port && rest.p[0] != ':')
            return false;
        port = span_skip(rest, 1);
    } else {
        has_port = span_cut(host, ':', &name, &port);
        if (!host_chars(name, ".-_~%"))
            return false;
    }
    int64_t number;
    return !has_port || port.n == 0 || span_to_int(port, 0, 65535, &number);
}

static bool check_host(const struct head *h, struct http_fault *why)
{
    struct span host = {"", 0};
    size_t times = field_times(h, "Host", &host);
    if (times == 0 && h->minor == 0)
        return true;
    if (times == 0)
        return http_refuse(why, 400, "The request has no Host field.");
    if (times > 1)
        return http_refuse(why, 400, "The request has more than one Host field.");
    return head_host_valid(host) || http_refuse(why, 400, "The Host field is not a host name with an optional port.");
}

static bool check_coding(struct head *h, struct span coding, size_t times, struct http_fault *why)
{
    if (h->minor == 0)
        return http_refuse(why, 400, "An HTTP/1.0 request cannot have a Transfer-Encoding.");
    if (times == 1 && span_eq_nocase(coding, SPAN("chunked"))) {
        h->chunked = true;
        return true;
    }
    struct span rest = coding, one = {"", 0};
    size_t chunked = 0, codings = 0;
    bool more = true;
    while (more) {
        more = span_cut(rest, ',', &one, &rest);
        chunked += span_eq_nocase(span_trim(one), SPAN("chunked"));
        codings++;
    }
    bool last = span_eq_nocase(span_trim(one), SPAN("chunked"));
    if (times > 1 || coding.n == 0 || chunked > 1 || (chunked == 1 && !last))
        return http_refuse(why, 400, "The Transfer-Encoding of the request is not a well-formed list that ends in chunked.");
    return http_refuse(why, 501, "The only transfer coding this server reads is chunked.");
}

static bool check_length(struct head *h, struct http_fault *why)
{
    struct span length = {"", 0}, coding = {"", 0};
    size_t lengths = field_times(h, "Content-Length", &length), codings = field_times(h, "Transfer-Encoding", &coding);
    h->content_length = -1;
    h->chunked = false;
    if (lengths && codings)
        return http_refuse(why, 400, "A request cannot have both a Content-Length and a Transfer-Encoding.");
    if (lengths > 1)
        return http_refuse(why, 400, "The request has more than one Content-Length.");
    if (lengths && !span_to_int(length, 0, INT64_MAX, &h->content_length))
        return http_refuse(why, 400, "The Content-Length of the request is not a number.");
    return codings == 0 || check_coding(h, coding, codings, why);
}

static bool check_expect(struct head *h, struct http_fault *why)
{
    struct span expect = {"", 0};
    size_t times = field_times(h, "Expect", &expect);
    h->expect_continue = times == 1 && span_eq_nocase(expect, SPAN("100-continue")) && h->minor > 0;
    if (times == 0 || h->minor == 0 || h->expect_continue)
        return true;
    return http_refuse(why, 417, "The only expectation this server meets is 100-continue.");
}

bool head_check(struct head *h, struct http_fault *why)
{
    return check_length(h, why) && check_host(h, why) && check_expect(h, why);
}
