/* The HTTP server's metrics: counts without locks, written out by operation. Operations that nobody has called are left out. */
#include "http/measured.h"

#include <stdio.h>

#include "http/server_state.h"

void measured_request(struct http_server *s, const struct route *route, int status, int64_t us)
{
    size_t i = route ? (size_t)(route - s->options.routes) : s->options.route_count;
    int hundreds = status / 100;
    if (!s->measured)
        return;
    atomic_fetch_add_explicit(&s->measured[i].status[hundreds > 0 && hundreds < STATUS_CLASSES ? hundreds : 0], 1, memory_order_relaxed);
    histogram_add(&s->measured[i].duration, us);
}

static const char *operation(const struct http_server *s, size_t i)
{
    return i < s->options.route_count ? s->options.routes[i].operation : "none";
}

static void write_counts(const struct http_server *s, struct buf *out)
{
    char labels[128];
    metrics_family(out, "chatifix_http_requests_total", "counter",
                   "Requests that have ended, by operation and class of status; 499, the client is gone, is a 4xx.");
    for (size_t i = 0; i <= s->options.route_count; i++)
        for (int hundreds = 0; hundreds < STATUS_CLASSES; hundreds++) {
            uint64_t n = atomic_load_explicit(&s->measured[i].status[hundreds], memory_order_relaxed);
            snprintf(labels, sizeof labels, "operation=\"%s\",status=\"%dxx\"", operation(s, i), hundreds);
            if (n)
                metrics_sample(out, "chatifix_http_requests_total", labels, (int64_t)n);
        }
}

static void write_durations(const struct http_server *s, struct buf *out)
{
    char labels[128];
    metrics_family(out, "chatifix_http_request_duration_seconds", "histogram", "From the first byte of a request to the last of its reply.");
    for (size_t i = 0; i <= s->options.route_count; i++) {
        snprintf(labels, sizeof labels, "operation=\"%s\"", operation(s, i));
        if (histogram_count(&s->measured[i].duration))
            metrics_histogram(out, "chatifix_http_request_duration_seconds", labels, &s->measured[i].duration);
    }
}

void http_server_metrics(struct buf *out, const void *server)
{
    const struct http_server *s = server;
    metrics_single(out, "chatifix_http_connections", "gauge", "Open connections.", atomic_load(&s->connections));
    metrics_single(out, "chatifix_http_connections_limit", "gauge", "Connections that may be open.", s->options.limits.connections);
    metrics_single(out, "chatifix_http_requests_in_flight", "gauge", "Requests that have not ended.", http_server_active(s));
    write_counts(s, out);
    write_durations(s, out);
}
