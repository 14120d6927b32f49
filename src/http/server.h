/* The HTTP/1.1 server: an epoll loop on a few network threads, llhttp, bounded buffers both ways. Knows nothing of the product.
 *
 * Who owns what: a network thread owns its connections and is the only one to touch their sockets. A handler owns its exchange. They speak through the
 * thread's mailbox (an eventfd), with slot and generation, so that a late reply to a connection that is gone, or reused, goes nowhere. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/pool.h"
#include "http/exchange.h"

typedef void http_handler(struct exchange *x);

struct route {
    enum http_method method;
    const char *pattern; /* "/api/v1/knowledge/documents/{id}" */
    http_handler *handler;
    http_handler *admit;   /* runs once the head is read, before the body (authentication before 200 MiB come in); NULL: none */
    unsigned lane;         /* index into http_options.lanes */
    int64_t body_max;      /* bytes; 0: a body is refused with 413 */
    const char *operation; /* operationId of the OpenAPI document and name in the log */
};

/* A limit of 0 is the default. */
struct http_limits {
    size_t head_bytes;    /* 32 KiB; over it 431 */
    size_t target_bytes;  /* 8 KiB; over it 414 */
    size_t header_count;  /* 100; over it 431 */
    int connections;      /* 4096 in all; over it the oldest idle one is closed, or the new one answered 503 */
    int head_timeout_ms;  /* 10 s from the first byte, or from accept */
    int body_timeout_ms;  /* 20 s without 1 KiB a second */
    int idle_timeout_ms;  /* 75 s between requests */
    int write_timeout_ms; /* 30 s without progress */
};
extern const struct http_limits http_default_limits;

struct http_options {
    const char *listen;        /* "127.0.0.1:8080", "[::1]:0" */
    unsigned threads;          /* network threads, default 2 */
    struct pool *const *lanes; /* pools by route.lane, borrowed */
    const struct route *routes;
    size_t route_count;
    const char *spool_dir;    /* for bodies over 64 KiB */
    const char *cors_origins; /* "*" or a comma-separated list */
    struct http_limits limits;
    void *context; /* exchange_context */
};

struct http_server;

/* Binds, listens and starts the threads; NULL with a sentence in why. Options are borrowed until http_server_free. */
struct http_server *http_server_start(const struct http_options *options, char *why, size_t why_size);
/* The port it listens on (the chosen one for port 0). */
int http_server_port(const struct http_server *s);
/* From now on new requests get 503 with Retry-After and Connection: close; exchanges in progress go on. */
void http_server_drain(struct http_server *s);
/* Exchanges that are not finished yet. */
int http_server_active(const struct http_server *s);
/* Appends the server's metrics in Prometheus' text format; for metrics_add_source, with the server as context. */
void http_server_metrics(struct buf *out, const void *server);
/* Closes every connection, ends the threads. The lanes must still be running; every exchange must have been finished, or be finished by them. */
void http_server_free(struct http_server *s);

#endif
