/* Routing: every pattern of the table against the decoded segments of the path. */
#include "http/router.h"

static const char *const method_names[HTTP_METHODS] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

const char *http_method_name(enum http_method method)
{
    return method < HTTP_METHODS ? method_names[method] : "-";
}

enum http_method http_method_of(struct span name)
{
    unsigned m = 0;
    while (m < HTTP_METHODS && !span_eq(name, span_of(method_names[m])))
        m++;
    return (enum http_method)m;
}

static bool is_param(struct span pattern_segment)
{
    return pattern_segment.n > 2 && pattern_segment.p[0] == '{';
}

/* A parameter takes any text but the two that mean a place in a hierarchy. */
static bool param_fits(struct span value)
{
    return value.n > 0 && !span_eq(value, SPAN(".")) && !span_eq(value, SPAN(".."));
}

/* Whether the path fits the pattern; fills in the parameters. */
static bool fits(const char *pattern, const struct target *t, struct route_match *m)
{
    struct span rest = span_skip(span_of(pattern), 1), segment;
    m->param_count = 0;
    bool more = true;
    for (size_t i = 0; more; i++) {
        more = span_cut(rest, '/', &segment, &rest);
        if (i >= t->segment_count || more != (i + 1 < t->segment_count))
            return false;
        if (!is_param(segment)) {
            if (!span_eq(segment, t->segments[i]))
                return false;
        } else if (!param_fits(t->segments[i]) || m->param_count == ROUTE_PARAMS_MAX) {
            return false;
        } else {
            m->params[m->param_count++] = (struct route_param){{segment.p + 1, segment.n - 2}, t->segments[i]};
        }
    }
    return true;
}

enum route_result router_find(const struct route *routes, size_t count, enum http_method method, const struct target *target, struct route_match *match)
{
    *match = (struct route_match){0};
    if (target->segment_count > TARGET_SEGMENTS_MAX || target->asterisk)
        return ROUTE_NO_PATH;
    struct route_match one = {0};
    for (size_t i = 0; i < count; i++) {
        const struct route *r = &routes[i];
        if (!fits(r->pattern, target, &one))
            continue;
        unsigned allow = match->allow | 1u << r->method;
        bool takes = r->method == method || (method == HTTP_HEAD && r->method == HTTP_GET);
        bool better = !match->route || one.param_count < match->param_count || (one.param_count == match->param_count && match->route->method != method);
        if (takes && better) {
            *match = one;
            match->route = r;
        }
        match->allow = allow;
    }
    if (match->route)
        return ROUTE_FOUND;
    return match->allow ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}

void router_allow(struct buf *out, unsigned mask)
{
    if (mask & 1u << HTTP_GET)
        mask |= 1u << HTTP_HEAD;
    mask |= 1u << HTTP_OPTIONS;
    const char *separator = "";
    for (unsigned m = 0; m < HTTP_METHODS; m++) {
        if (!(mask & 1u << m))
            continue;
        buf_str(out, separator);
        buf_str(out, method_names[m]);
        separator = ", ";
    }
}
