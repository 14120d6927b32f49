/* The raw scan of a request head: every byte is looked at once, every line when it is complete. */
#include <string.h>

#include "http/head.h"

static bool is_token_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool head_is_token(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_token_char((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool check_version(struct span v, struct http_fault *why)
{
    if (span_eq(v, SPAN("HTTP/1.1")) || span_eq(v, SPAN("HTTP/1.0")))
        return true;
    if (v.n == 8 && span_starts(v, SPAN("HTTP/")) && is_digit(v.p[5]) && v.p[6] == '.' && is_digit(v.p[7]))
        return http_refuse(why, 505, "This server speaks HTTP/1.1 and HTTP/1.0.");
    return http_refuse(why, 400, "The request line does not end in an HTTP version.");
}

static bool check_request_line(struct span line, const struct head_limits *limits, struct http_fault *why)
{
    struct span method, rest, target, version;
    if (!span_cut(line, ' ', &method, &rest) || !span_cut(rest, ' ', &target, &version))
        return http_refuse(why, 400, "The request line must be a method, a target and a version, with one space between them.");
    if (!head_is_token(method) || method.n > 32)
        return http_refuse(why, 400, "The method in the request line is not a token.");
    if (target.n > limits->target_bytes)
        return http_refuse(why, 414, "The request target is too long.");
    if (target.n == 0)
        return http_refuse(why, 400, "The request line has no target.");
    for (size_t i = 0; i < target.n; i++)
        if ((unsigned char)target.p[i] <= ' ' || (unsigned char)target.p[i] >= 0x7f || strchr("\"<>#", target.p[i]))
            return http_refuse(why, 400, "The request target holds a character that must be percent-encoded.");
    return check_version(version, why);
}

static bool check_field_line(struct span line, struct http_fault *why)
{
    struct span name, value;
    if (line.p[0] == ' ' || line.p[0] == '\t')
        return http_refuse(why, 400, "A header field may not be folded over several lines.");
    if (!span_cut(line, ':', &name, &value))
        return http_refuse(why, 400, "A header field has no colon.");
    if (!head_is_token(name))
        return http_refuse(why, 400, "A header field's name is not a token (white space before the colon, perhaps).");
    return true;
}

/* The line without its CRLF. Sets *done at the empty line that ends the head. */
static bool end_line(struct head_scan *s, struct span line, const struct head_limits *limits, bool *done, struct http_fault *why)
{
    *done = s->lines > 0 && line.n == 0;
    if (s->lines == 0)
        return check_request_line(line, limits, why);
    if (*done)
        return true;
    if (s->lines > limits->header_count)
        return http_refuse(why, 431, "The request has too many header fields.");
    return check_field_line(line, why);
}

static bool check_byte(unsigned char before, unsigned char c, struct http_fault *why)
{
    if (c == '\n')
        return before == '\r' || http_refuse(why, 400, "A line of the request head ends in a bare line feed.");
    if (before == '\r')
        return http_refuse(why, 400, "The request head holds a bare carriage return.");
    if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
        return http_refuse(why, 400, "The request head holds a control character.");
    return true;
}

/* What is too long shall be refused before its end comes. */
static bool check_sizes(const struct head_scan *s, struct span bytes, const struct head_limits *limits, struct http_fault *why)
{
    struct span method, rest, target, version;
    if (s->lines == 0 && span_cut(bytes, ' ', &method, &rest) && !span_cut(rest, ' ', &target, &version) && rest.n > limits->target_bytes)
        return http_refuse(why, 414, "The request target is too long.");
    if (bytes.n > limits->head_bytes)
        return http_refuse(why, 431, "The request head is too large.");
    return true;
}

enum head_scan_status head_scan(struct head_scan *s, struct span bytes, const struct head_limits *limits, struct http_fault *why)
{
    while (s->at < bytes.n) {
        unsigned char c = (unsigned char)bytes.p[s->at];
        if (!check_byte(s->at > s->line ? (unsigned char)bytes.p[s->at - 1] : 0, c, why))
            return HEAD_BAD;
        s->at++;
        if (c != '\n')
            continue;
        bool done = false;
        struct span line = {bytes.p + s->line, s->at - s->line - 2};
        if (!check_sizes(s, (struct span){bytes.p, s->at}, limits, why) || !end_line(s, line, limits, &done, why))
            return HEAD_BAD;
        if (done)
            return HEAD_DONE;
        s->line = s->at;
        s->lines++;
    }
    return check_sizes(s, bytes, limits, why) ? HEAD_MORE : HEAD_BAD;
}
