/* A network thread: its epoll set, mailbox, connections and clock. Inside http/ only. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include "http/mailbox.h"
#include "http/server_state.h"

struct connection;

enum { SCRATCH_SIZE = 65536 };

struct slot {
    struct connection *connection; /* NULL when free */
    uint32_t generation;           /* rises with every use */
    uint32_t next_free;
};

struct loop {
    struct http_server *server;
    pthread_t thread;
    bool started;
    int epoll;
    struct mailbox mailbox;
    struct slot *slots; /* [slot_max]; those below slot_used were used before */
    uint32_t slot_max, slot_used, free_slot;
    unsigned open;
    struct connection *ready_first, *ready_last; /* have more to do, and gave way to others */
    int64_t now, next_sweep, sweep_every;
    int64_t accept_again; /* 0: accepting; else when to try again */
    _Atomic bool stop, evict;
    char scratch[SCRATCH_SIZE]; /* what recv fills */
};

/* NULL when there is no memory or no descriptor. */
struct loop *loop_new(struct http_server *server);
bool loop_start(struct loop *l, unsigned number);
/* Closes its connections and ends its thread. */
void loop_stop(struct loop *l);
/* After loop_stop, when no exchange is left. */
void loop_free(struct loop *l);

/* ---- for connections ---- */
/* Drives c again in this or the next round, after the others. */
void loop_again(struct loop *l, struct connection *c);
/* Ends and frees the connection. */
void loop_close(struct loop *l, struct connection *c);

#endif
