/* Histograms and the Prometheus text format. */
#include "base/metrics.h"

#include <inttypes.h>

static const struct {
    int64_t us;
    const char *seconds;
} bounds[HISTOGRAM_BUCKETS] = {
    {1000, "0.001"}, {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"}, {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"},
    {500000, "0.5"}, {1000000, "1"},   {2500000, "2.5"}, {5000000, "5"},  {10000000, "10"}, {30000000, "30"}, {60000000, "60"},
};

void histogram_add(struct histogram *h, int64_t us)
{
    size_t i = 0;
    while (i < HISTOGRAM_BUCKETS && us > bounds[i].us)
        i++;
    atomic_fetch_add_explicit(&h->bucket[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->sum_us, us > 0 ? (uint64_t)us : 0, memory_order_relaxed);
}

uint64_t histogram_count(const struct histogram *h)
{
    uint64_t n = 0;
    for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++)
        n += atomic_load_explicit(&h->bucket[i], memory_order_relaxed);
    return n;
}

void metrics_family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* NAME SUFFIX {labels}, without the value. */
static void put_name(struct buf *out, const char *name, const char *suffix, const char *labels)
{
    buf_printf(out, labels[0] ? "%s%s{%s} " : "%s%s%s ", name, suffix, labels);
}

void metrics_sample(struct buf *out, const char *name, const char *labels, int64_t value)
{
    put_name(out, name, "", labels);
    buf_printf(out, "%" PRId64 "\n", value);
}

void metrics_single(struct buf *out, const char *name, const char *type, const char *help, int64_t value)
{
    metrics_family(out, name, type, help);
    metrics_sample(out, name, "", value);
}

/* Each bucket is read once, so that the count is the last bucket's even while others add. */
void metrics_histogram(struct buf *out, const char *name, const char *labels, const struct histogram *h)
{
    uint64_t n = 0, sum = atomic_load_explicit(&h->sum_us, memory_order_relaxed);
    for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++) {
        n += atomic_load_explicit(&h->bucket[i], memory_order_relaxed);
        buf_printf(out, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", name, labels, labels[0] ? "," : "", i < HISTOGRAM_BUCKETS ? bounds[i].seconds : "+Inf", n);
    }
    put_name(out, name, "_sum", labels);
    buf_printf(out, "%" PRIu64 ".%06" PRIu64 "\n", sum / 1000000, sum % 1000000);
    put_name(out, name, "_count", labels);
    buf_printf(out, "%" PRIu64 "\n", n);
}

bool metrics_add_source(struct metrics_sources *s, void (*write)(struct buf *out, const void *context), const void *context)
{
    size_t n = atomic_load_explicit(&s->count, memory_order_relaxed);
    if (n == METRICS_SOURCES_MAX)
        return false;
    s->list[n] = (struct metrics_source){write, context};
    atomic_store_explicit(&s->count, n + 1, memory_order_release);
    return true;
}

void metrics_write(const struct metrics_sources *s, struct buf *out)
{
    size_t n = atomic_load_explicit(&s->count, memory_order_acquire);
    for (size_t i = 0; i < n; i++)
        s->list[i].write(out, s->list[i].context);
}
