/* Measuring: histograms that threads add to without a lock, and the text format in which Prometheus reads metrics (version 0.0.4). A count is a plain _Atomic uint64_t. */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"

enum { HISTOGRAM_BUCKETS = 15, METRICS_SOURCES_MAX = 8 };

/* Durations, by how many were at most 1 ms, 2.5 ms … 60 s, and longer. All zero is empty. */
struct histogram {
    _Atomic uint64_t bucket[HISTOGRAM_BUCKETS + 1];
    _Atomic uint64_t sum_us;
};
void histogram_add(struct histogram *h, int64_t us);
/* How many there are. */
uint64_t histogram_count(const struct histogram *h);

/* The head of a family, before its samples. type: "counter", "gauge", "histogram". */
void metrics_family(struct buf *out, const char *name, const char *type, const char *help);
/* labels: "" or `operation="chat",status="2xx"`, whose values the program itself has made and need no escapes. */
void metrics_sample(struct buf *out, const char *name, const char *labels, int64_t value);
/* Family and only sample in one. */
void metrics_single(struct buf *out, const char *name, const char *type, const char *help, int64_t value);
/* The samples of a histogram in seconds: NAME_bucket, NAME_sum, NAME_count. */
void metrics_histogram(struct buf *out, const char *name, const char *labels, const struct histogram *h);
/* What the kernel knows of this process: CPU time, memory, descriptors, start. */
void metrics_process(struct buf *out);

/* Who has something to tell. Filled by one thread; read by others meanwhile. All zero is empty. */
struct metrics_sources {
    struct metrics_source {
        void (*write)(struct buf *out, const void *context);
        const void *context;
    } list[METRICS_SOURCES_MAX];
    _Atomic size_t count;
};
/* The context is borrowed until the last metrics_write. False when there are too many. */
bool metrics_add_source(struct metrics_sources *s, void (*write)(struct buf *out, const void *context), const void *context);
void metrics_write(const struct metrics_sources *s, struct buf *out);

#endif
