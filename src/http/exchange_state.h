/* What an exchange is made of, and the calls between its connection and its worker. Inside http/ only.
 *
 * Who owns what: from exchange_new the network thread; from the submit to a lane until exchange_continue or the reply, the worker; in between they share only
 * what stands under `lock`, and the atomics. A stream's worker writes to the socket itself while nothing is unsent (then the network thread has nothing to write).
 * Each side holds a reference, a letter in the mailbox holds one more; the last to let go writes the log line. */
#ifndef HTTP_EXCHANGE_STATE_H
#define HTTP_EXCHANGE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/body.h"
#include "http/head.h"
#include "http/mailbox.h"
#include "http/output.h"
#include "http/router.h"
#include "http/server_state.h"
#include "http/target.h"

enum {
    EXCHANGE_ARENA_MAX = 4 << 20,
    REQUEST_ID_SIZE = 65,
    PEER_SIZE = 64,
    EXTRA_FIELDS_MAX = 16384, /* bytes of header fields a handler may add */
    UNSENT_MAX = 262144,      /* a stream waits while so much is unsent */
    STREAM_WAIT_MS = 30000,
};

/* Fields of the reply that a handler has set itself. */
enum { OWN_SECURITY_POLICY = 1, OWN_CACHE_CONTROL = 2 };

struct exchange {
    struct letter letter; /* first: a letter is cast back to its exchange */
    _Atomic int references;
    _Atomic bool gone; /* the client has hung up */
    struct http_server *server;
    struct mailbox *mailbox;
    int fd;             /* the connection's socket; written to by the worker under `lock`, while not `detached` and nothing is unsent */
    bool local;         /* the network thread owns it */
    http_handler *step; /* what the lane is to run: admit or handler */

    struct arena *arena;
    struct head head;
    struct target target;
    struct route_match match;
    enum http_method method;
    struct body body;
    bool body_done;   /* all of it has been read, or there is none */
    struct buf whole; /* a spooled body that exchange_body brought back into memory */
    char request_id[REQUEST_ID_SIZE];
    char peer[PEER_SIZE];
    void *user;
    void (*release)(void *);

    struct buf fields; /* "Name: value\r\n"… to add to the reply */
    unsigned own_fields;
    bool close;    /* the connection ends with this reply */
    bool chunked;  /* the streamed reply is chunked */
    bool streamed; /* exchange_stream_begin was called */
    int status;
    int64_t started_us, bytes_in;

    pthread_mutex_t lock;
    pthread_cond_t sent; /* bytes left, or the client is gone */
    struct output output;
    size_t unsent;     /* bytes in output and in the connection's own list */
    bool finished;     /* nothing more comes */
    bool continued;    /* the admit step has let it pass */
    bool detached;     /* its connection is closed */
    bool failed;       /* cannot be completed: the connection must end */
    int64_t bytes_out; /* written to the socket */
};

/* One reference, owned by the network thread. NULL when there is no memory. */
struct exchange *exchange_new(struct http_server *server, struct mailbox *mailbox, uint32_t slot, uint32_t generation, const char *peer);
void exchange_ref(struct exchange *x);
void exchange_unref(struct exchange *x);
/* Keeps the client's request id if it is a sane one. */
void exchange_take_request_id(struct exchange *x);
/* Queues bytes as one block; takes over the buffer. False when the connection is closed or there is no memory. */
bool exchange_push(struct exchange *x, struct buf *data);
/* Network thread: n bytes have been written. */
void exchange_sent(struct exchange *x, size_t n);
/* Network thread: the client has hung up, or the connection is closed and nothing more can be sent. */
void exchange_hang_up(struct exchange *x, bool detach);
/* Gives it to the lane; false, still owned by the network thread, when the lane is full. */
bool exchange_submit(struct exchange *x, http_handler *step);
/* Tells the network thread to look at it. */
void exchange_wake(struct exchange *x);
/* Frees what only the handler needs. */
void exchange_release_request(struct exchange *x);

#endif
