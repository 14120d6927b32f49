/* The network thread: epoll, accept, letters, the sweep over deadlines. */
#include "http/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"
#include "http/connection.h"

enum {
    EVENTS_MAX = 128,
    ACCEPT_MAX = 16,        /* connections taken per event, so that the other threads get some */
    TURN_AWAY_MAX = 64,     /* connections over the bound that are told so; those beyond are just closed */
    EVICT_TRIES = 8,        /* connections looked at for one to close */
    ACCEPT_PAUSE_MS = 100,  /* when there are no descriptors */
    SWEEP_LONGEST_MS = 500, /* how late a deadline may be noticed */
};

/* Keys of epoll events: a connection's is generation << 32 | slot. */
static const uint64_t listener_key = UINT64_MAX, mailbox_key = UINT64_MAX - 1;

static bool watch(struct loop *l, int fd, uint32_t events, uint64_t key)
{
    struct epoll_event e = {.events = events, .data.u64 = key};
    return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

static int64_t sweep_interval(const struct http_limits *limits)
{
    const int all[] = {limits->head_timeout_ms, limits->body_timeout_ms, limits->idle_timeout_ms, limits->write_timeout_ms};
    int64_t shortest = 4 * SWEEP_LONGEST_MS;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        shortest = all[i] < shortest ? all[i] : shortest;
    return shortest / 4 > 5 ? shortest / 4 : 5;
}

struct loop *loop_new(struct http_server *server)
{
    struct loop *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->server = server;
    l->slot_max = l->free_slot = (uint32_t)server->options.limits.connections + TURN_AWAY_MAX;
    l->slots = calloc(l->slot_max, sizeof *l->slots);
    l->sweep_every = sweep_interval(&server->options.limits);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    bool ok = mailbox_open(&l->mailbox) && l->slots && l->epoll >= 0;
    if (ok && watch(l, l->mailbox.fd, EPOLLIN, mailbox_key) && watch(l, server->listener, EPOLLIN | EPOLLEXCLUSIVE, listener_key))
        return l;
    loop_free(l);
    return NULL;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    mailbox_free(&l->mailbox);
    if (l->epoll >= 0)
        close(l->epoll);
    free(l->slots);
    free(l);
}

/* ---- slots ---- */

static struct connection *find(const struct loop *l, uint32_t slot, uint32_t generation)
{
    return slot < l->slot_used && l->slots[slot].generation == generation ? l->slots[slot].connection : NULL;
}

/* A free slot's number, or slot_max. */
static uint32_t take_slot(struct loop *l)
{
    uint32_t n = l->free_slot;
    if (n < l->slot_max)
        l->free_slot = l->slots[n].next_free;
    else if (l->slot_used < l->slot_max)
        n = l->slot_used++;
    return n;
}

static void leave_ready(struct loop *l, struct connection *c)
{
    struct connection **at = &l->ready_first, *before = NULL;
    while (*at && *at != c) {
        before = *at;
        at = &before->next_ready;
    }
    if (!*at)
        return;
    *at = c->next_ready;
    if (l->ready_last == c)
        l->ready_last = before;
    c->is_ready = false;
}

void loop_close(struct loop *l, struct connection *c)
{
    struct slot *s = &l->slots[c->slot];
    if (c->is_ready)
        leave_ready(l, c);
    s->connection = NULL;
    s->generation++;
    s->next_free = l->free_slot;
    l->free_slot = c->slot;
    l->open--;
    connection_free(c);
    atomic_fetch_sub(&l->server->connections, 1);
}

void loop_again(struct loop *l, struct connection *c)
{
    if (c->is_ready)
        return;
    c->is_ready = true;
    c->next_ready = NULL;
    if (l->ready_last)
        l->ready_last->next_ready = c;
    else
        l->ready_first = c;
    l->ready_last = c;
}

/* ---- new connections ---- */

static struct connection *oldest_idle(const struct loop *l)
{
    struct connection *oldest = NULL;
    for (uint32_t i = 0; i < l->slot_used; i++) {
        struct connection *c = l->slots[i].connection;
        if (c && connection_is_idle(c) && (!oldest || c->idle_since < oldest->idle_since))
            oldest = c;
    }
    return oldest;
}

/* A request may have come that epoll has not told of yet; such a connection is passed over, and is not idle from then on. */
static bool close_oldest_idle(struct loop *l)
{
    struct connection *c = NULL;
    for (int tries = 0; tries < EVICT_TRIES && (c = oldest_idle(l)); tries++) {
        if (!connection_has_input(c)) {
            loop_close(l, c);
            return true;
        }
    }
    return false;
}

/* None of ours is idle: the other threads may have one to close for the next that comes. */
static void ask_others(struct loop *l)
{
    for (unsigned i = 0; i < l->server->threads; i++) {
        struct loop *other = l->server->loops[i];
        if (other == l)
            continue;
        atomic_store(&other->evict, true);
        mailbox_ring(&other->mailbox);
    }
}

static void drop(struct loop *l, int fd)
{
    close(fd);
    atomic_fetch_sub(&l->server->connections, 1);
}

static void add_connection(struct loop *l, int fd)
{
    int limit = l->server->options.limits.connections, before = atomic_fetch_add(&l->server->connections, 1);
    bool one_too_many = before >= limit && !close_oldest_idle(l);
    if (one_too_many)
        ask_others(l);
    uint32_t n = before < limit + TURN_AWAY_MAX ? take_slot(l) : l->slot_max;
    if (n == l->slot_max) {
        drop(l, fd);
        return;
    }
    struct slot *s = &l->slots[n];
    s->connection = connection_new(l, fd, n, s->generation);
    if (!s->connection) {
        s->next_free = l->free_slot;
        l->free_slot = n;
        atomic_fetch_sub(&l->server->connections, 1);
        return;
    }
    l->open++;
    if (!watch(l, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, (uint64_t)s->generation << 32 | n))
        loop_close(l, s->connection);
    else if (one_too_many)
        connection_turn_away(s->connection);
}

/* Without descriptors the listener is left alone for a while: clients wait in its queue, and the thread does not spin. accept complains even when
 * nobody waits; then nothing is done. */
static void pause_accepting(struct loop *l)
{
    struct pollfd waiting = {.fd = l->server->listener, .events = POLLIN};
    if (poll(&waiting, 1, 0) == 0)
        return;
    log_event(LOG_WARN, "no descriptors for new connections", log_int("connections", atomic_load(&l->server->connections)));
    close_oldest_idle(l);
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, l->server->listener, NULL);
    l->accept_again = l->now + ACCEPT_PAUSE_MS;
}

static void accept_some(struct loop *l)
{
    for (int i = 0; i < ACCEPT_MAX && l->accept_again == 0; i++) {
        int fd = accept4(l->server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            add_connection(l, fd);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            pause_accepting(l);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
    }
}

static void accept_again(struct loop *l)
{
    if (l->accept_again && l->now >= l->accept_again && watch(l, l->server->listener, EPOLLIN | EPOLLEXCLUSIVE, listener_key))
        l->accept_again = 0;
}

/* ---- the round ---- */

static void read_letters(struct loop *l)
{
    struct letter *letter;
    mailbox_quiet(&l->mailbox);
    while ((letter = mailbox_take(&l->mailbox))) {
        struct exchange *x = (struct exchange *)letter;
        struct connection *c = find(l, letter->slot, letter->generation);
        if (c && c->exchange == x)
            connection_drive(c);
        exchange_unref(x);
    }
    if (atomic_exchange(&l->evict, false))
        close_oldest_idle(l);
}

static void drive_ready(struct loop *l)
{
    struct connection *last = l->ready_last, *c;
    while ((c = l->ready_first)) {
        bool end = c == last;
        leave_ready(l, c);
        connection_drive(c);
        if (end)
            return;
    }
}

static void sweep(struct loop *l)
{
    if (l->now < l->next_sweep)
        return;
    l->next_sweep = l->now + l->sweep_every;
    for (uint32_t i = 0; i < l->slot_used; i++) {
        struct connection *c = l->slots[i].connection;
        if (c && c->deadline && l->now >= c->deadline)
            connection_timeout(c);
    }
}

static int wait_ms(const struct loop *l)
{
    if (l->ready_first)
        return 0;
    if (l->open == 0 && l->accept_again == 0)
        return -1;
    int64_t until = l->accept_again && l->accept_again < l->next_sweep ? l->accept_again : l->next_sweep;
    return until > l->now ? (int)(until - l->now) : 0;
}

static void dispatch(struct loop *l, const struct epoll_event *e)
{
    uint64_t key = e->data.u64;
    if (key == listener_key) {
        accept_some(l);
    } else if (key == mailbox_key) {
        read_letters(l);
    } else {
        struct connection *c = find(l, (uint32_t)key, (uint32_t)(key >> 32));
        if (c)
            connection_event(c, e->events);
    }
}

static void close_all(struct loop *l)
{
    for (uint32_t i = 0; i < l->slot_used; i++)
        if (l->slots[i].connection)
            loop_close(l, l->slots[i].connection);
    mailbox_close(&l->mailbox);
    read_letters(l);
}

static void *run(void *arg)
{
    struct loop *l = arg;
    struct epoll_event events[EVENTS_MAX];
    l->now = sys_mono_ms();
    while (!atomic_load(&l->stop)) {
        int n = epoll_wait(l->epoll, events, EVENTS_MAX, wait_ms(l));
        l->now = sys_mono_ms();
        for (int i = 0; i < n; i++)
            dispatch(l, &events[i]);
        drive_ready(l);
        accept_again(l);
        sweep(l);
    }
    close_all(l);
    return NULL;
}

bool loop_start(struct loop *l, unsigned number)
{
    char name[16];
    sigset_t all, before;
    snprintf(name, sizeof name, "http-net-%u", number % 100);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    l->started = pthread_create(&l->thread, NULL, run, l) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (l->started)
        pthread_setname_np(l->thread, name);
    return l->started;
}

void loop_stop(struct loop *l)
{
    if (!l->started)
        return;
    atomic_store(&l->stop, true);
    mailbox_ring(&l->mailbox);
    pthread_join(l->thread, NULL);
    l->started = false;
}
