/* Request targets: which form, where the path and the query are, what they decode to. */
#include "http/target.h"

#include <string.h>

#include "base/utf8.h"
#include "http/head.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

ptrdiff_t target_decode(struct span in, bool plus, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (c == '%') {
            int high = i + 2 < in.n ? hex_value(in.p[i + 1]) : -1, low = i + 2 < in.n ? hex_value(in.p[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0)
                return -1;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        out[n++] = c;
    }
    return (ptrdiff_t)n;
}

static bool has_control(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            return true;
    return false;
}

static bool add_segment(struct target *t, struct span raw, struct arena *arena, struct http_fault *why)
{
    char *out = arena_alloc(arena, raw.n + 1);
    if (!out)
        return http_refuse(why, 503, "The server has no memory to spare; try again soon.");
    ptrdiff_t n = target_decode(raw, false, out);
    struct span segment = {out, n < 0 ? 0 : (size_t)n};
    if (n < 0 || has_control(segment) || !utf8_valid(segment))
        return http_refuse(why, 400, "The path is not percent-encoded UTF-8 text.");
    if (t->segment_count < TARGET_SEGMENTS_MAX)
        t->segments[t->segment_count] = segment;
    t->segment_count++;
    return true;
}

static bool split_path(struct target *t, struct arena *arena, struct http_fault *why)
{
    struct span rest = span_skip(t->path, 1), segment;
    if (memchr(t->path.p, '\\', t->path.n))
        return http_refuse(why, 400, "The path holds a backslash.");
    bool more = true;
    while (more) {
        more = span_cut(rest, '/', &segment, &rest);
        if (!add_segment(t, segment, arena, why))
            return false;
    }
    return true;
}

static bool check_query(struct span query, struct arena *arena, struct http_fault *why)
{
    if (query.n == 0)
        return true;
    char *out = arena_alloc(arena, query.n);
    if (!out)
        return http_refuse(why, 503, "The server has no memory to spare; try again soon.");
    ptrdiff_t n = target_decode(query, true, out);
    if (n < 0 || !utf8_valid((struct span){out, (size_t)n}))
        return http_refuse(why, 400, "The query is not percent-encoded UTF-8 text.");
    return true;
}

/* Length of an http scheme with its "://", or 0. */
static size_t scheme_length(struct span raw)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < 2; i++) {
        struct span scheme = span_of(schemes[i]);
        if (raw.n >= scheme.n && span_eq_nocase((struct span){raw.p, scheme.n}, scheme))
            return scheme.n;
    }
    return 0;
}

/* Takes "http://authority" off the front of an absolute target. */
static bool strip_authority(struct span *raw, struct http_fault *why)
{
    size_t scheme = scheme_length(*raw), n = 0;
    if (scheme == 0)
        return http_refuse(why, 400, "The request target must be a path that starts with a slash.");
    *raw = span_skip(*raw, scheme);
    while (n < raw->n && raw->p[n] != '/' && raw->p[n] != '?')
        n++;
    if (!head_host_valid((struct span){raw->p, n}))
        return http_refuse(why, 400, "The host in the request target is not a host name with an optional port.");
    *raw = span_skip(*raw, n);
    return true;
}

bool target_parse(struct target *t, struct span raw, struct span method, struct arena *arena, struct http_fault *why)
{
    *t = (struct target){.path = SPAN("/"), .query = SPAN("")};
    if (span_eq(raw, SPAN("*"))) {
        t->path = raw;
        t->asterisk = span_eq(method, SPAN("OPTIONS"));
        return t->asterisk || http_refuse(why, 400, "Only OPTIONS may have the target *.");
    }
    if (span_eq(method, SPAN("CONNECT")))
        return http_refuse(why, 501, "This server is not a proxy.");
    if (raw.n == 0)
        return http_refuse(why, 400, "The request has no target.");
    if (raw.p[0] != '/' && !strip_authority(&raw, why))
        return false;
    struct span path;
    span_cut(raw, '?', &path, &t->query);
    if (path.n)
        t->path = path;
    return split_path(t, arena, why) && check_query(t->query, arena, why);
}
