/* What the product counts of itself, over all tenants together: no metric names a tenant or what a person wrote. */
#ifndef APP_MEASURES_H
#define APP_MEASURES_H

#include "base/metrics.h"

enum measure {
    MEASURE_ACCEPTED,  /* documents: stored with a job */
    MEASURE_COMPLETED, /* the ends of a job, in the order of ingest_job.c */
    MEASURE_MOOT,
    MEASURE_REFUSED,
    MEASURE_GIVEN_BACK,
    MEASURE_SEARCHES,
    MEASURE_ANSWERED,
    MEASURE_FALLBACKS,
    MEASURES
};

/* Part of struct app; all zero at start. */
struct measures {
    _Atomic uint64_t counts[MEASURES];
    _Atomic int64_t in_work;        /* documents */
    struct histogram extract;       /* a document's process */
    struct metrics_sources sources; /* what others have to tell: the HTTP server, the lanes */
};

static inline void measure(struct measures *m, enum measure what)
{
    atomic_fetch_add_explicit(&m->counts[what], 1, memory_order_relaxed);
}

struct app;
/* Whether /metrics may be read with this Authorization header (p == NULL: none): it bears the token, or none is set. */
bool measures_allowed(const struct app *app, struct span authorization);
/* Appends all metrics in the text format. */
void measures_write(const struct app *app, struct buf *out);

#endif
