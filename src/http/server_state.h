/* What the network threads and the exchanges share: the options, the drain flag, the counts. Inside http/ only. */
#ifndef HTTP_SERVER_STATE_H
#define HTTP_SERVER_STATE_H

#include <stdatomic.h>

#include "http/gauge.h"
#include "http/server.h"

struct loop;
struct measured;

enum { SERVER_THREADS_MAX = 16 };

struct http_server {
    struct http_options options; /* limits without zeroes */
    int listener, port;
    _Atomic bool draining;
    _Atomic int connections;
    struct measured *measured; /* [route_count + 1] */
    struct gauge exchanges;    /* alive: being read, being worked on, or being sent */
    struct loop *loops[SERVER_THREADS_MAX];
    unsigned threads;
};

#endif
