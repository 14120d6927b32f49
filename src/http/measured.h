/* What the server counts of its requests, by operation. Inside http/ only. */
#ifndef HTTP_MEASURED_H
#define HTTP_MEASURED_H

#include "base/metrics.h"

enum { STATUS_CLASSES = 6 };

/* One for each route, and one for requests that found none. */
struct measured {
    _Atomic uint64_t status[STATUS_CLASSES]; /* by hundreds */
    struct histogram duration;
};

struct http_server;
struct route;
/* A request has ended; route may be NULL. */
void measured_request(struct http_server *s, const struct route *route, int status, int64_t us);

#endif
