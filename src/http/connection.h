/* One connection and its state machine. Touched by its network thread alone; inside http/ only.
 *
 *   HEAD ──> BODY ──> WORK ──> HEAD (kept alive) or LINGER ──> closed
 *     └──> WORK (admit) ──┘
 *
 * Sockets are registered edge-triggered once; `readable` and `writable` remember what epoll said until a call finds otherwise. Nothing is read while a worker
 * has the exchange: pipelined bytes stay in `in`, which is bounded, or in the kernel. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/exchange_state.h"
#include "http/loop.h"
#include "http/parser.h"

enum connection_state {
    CONNECTION_HEAD,   /* between requests, or inside a head */
    CONNECTION_BODY,   /* the network thread reads the body */
    CONNECTION_WORK,   /* a worker has the exchange, or its reply is being sent */
    CONNECTION_LINGER, /* our side is ended; input is thrown away until the client ends its side too, so that it can read the reply */
};

struct connection {
    struct loop *loop;
    struct connection *next_ready;
    bool is_ready; /* in the loop's ready list */
    uint32_t slot, generation;
    int fd;
    enum connection_state state;
    bool readable, writable;
    bool hung_up;  /* the client has ended its side; what it sent before may be unread */
    struct buf in; /* bytes received and not parsed */
    struct head_scan scan;
    unsigned empty_lines; /* before the request line */
    struct parser *parser;
    struct exchange *exchange;
    struct output output;
    int64_t body_max, body_mark;
    struct http_fault body_fault; /* why the body's sink has stopped */
    int64_t deadline;             /* of the current state, on the monotonic clock; 0: none */
    int64_t idle_since;
    int64_t lingered; /* bytes thrown away */
    char peer[PEER_SIZE];
};

/* Takes over fd; NULL when there is no memory (fd is then closed). */
struct connection *connection_new(struct loop *loop, int fd, uint32_t slot, uint32_t generation);
/* Frees everything but the slot. */
void connection_free(struct connection *c);
/* epoll reported these events. c may be gone afterwards. */
void connection_event(struct connection *c, uint32_t events);
/* Goes on until it has to wait. c may be gone afterwards. */
void connection_drive(struct connection *c);
/* The deadline has passed. c may be gone afterwards. */
void connection_timeout(struct connection *c);
/* One too many: answers 503 and ends. c may be gone afterwards. */
void connection_turn_away(struct connection *c);
/* Whether it can be closed without harm to anybody. */
bool connection_is_idle(const struct connection *c);
/* Asks the socket for input that epoll has not reported yet; a connection that has some is not idle. */
bool connection_has_input(struct connection *c);

/* ---- connection_request.c: from a complete head to the one who answers ---- */

/* A head of c->scan.at bytes stands at the front of c->in. False when there is no memory: close. */
bool connection_begin_request(struct connection *c);
/* Turns to the body, after asking for it if the client waits to be asked. */
void connection_start_body(struct connection *c);
/* The body is complete. */
void connection_body_done(struct connection *c);
/* Answers with an error and ends the connection. False when there is no memory: close. */
bool connection_refuse(struct connection *c, const struct http_fault *why);
/* The parser's sink. */
bool connection_take_body(void *context, struct span bytes);

#endif
