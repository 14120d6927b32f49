/* The connections of a database: lent to one thread at a time, first come first served, with a bound on the wait. */
#include <errno.h>
#include <time.h>

#include "base/log.h"
#include "db/engine.h"

enum { WAIT_SECONDS = 10 };

/* A thread in line; stands on its own stack. */
struct waiter {
    struct waiter *next;
    struct db_conn *given;
    pthread_cond_t wake;
};

static void add_idle(struct db_pool *p, struct db_conn *c)
{
    c->next = p->idle;
    p->idle = c;
}

bool db_pool_open(struct db *db, enum db_access access, unsigned count, char *why, size_t why_size)
{
    struct db_pool *p = &db->pools[access];
    pthread_mutex_init(&p->lock, NULL);
    for (unsigned i = 0; i < count; i++) {
        struct db_conn *c = db->engine->connect(db, access, why, why_size);
        if (!c) {
            db_pool_close(db, access);
            return false;
        }
        add_idle(p, c);
    }
    return true;
}

void db_pool_close(struct db *db, enum db_access access)
{
    struct db_pool *p = &db->pools[access];
    while (p->idle) {
        struct db_conn *c = p->idle;
        p->idle = c->next;
        db_statements_free(c);
        db->engine->disconnect(c);
    }
    pthread_mutex_destroy(&p->lock);
}

static void join(struct db_pool *p, struct waiter *w)
{
    if (p->last)
        p->last->next = w;
    else
        p->first = w;
    p->last = w;
}

static void leave(struct db_pool *p, struct waiter *w)
{
    struct waiter *before = NULL;
    for (struct waiter *i = p->first; i != w; i = i->next)
        before = i;
    if (before)
        before->next = w->next;
    else
        p->first = w->next;
    if (p->last == w)
        p->last = before;
}

/* Called with the lock held. */
static struct db_conn *wait_in_line(struct db_pool *p)
{
    struct waiter w = {0};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&w.wake, &attributes);
    pthread_condattr_destroy(&attributes);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_SECONDS;
    join(p, &w);
    while (!w.given)
        if (pthread_cond_timedwait(&w.wake, &p->lock, &until) == ETIMEDOUT)
            break;
    if (!w.given)
        leave(p, &w);
    pthread_cond_destroy(&w.wake);
    return w.given;
}

struct db_conn *db_acquire(struct db *db, enum db_access access)
{
    struct db_pool *p = &db->pools[access];
    pthread_mutex_lock(&p->lock);
    struct db_conn *c = p->idle;
    if (c)
        p->idle = c->next;
    else
        c = wait_in_line(p);
    pthread_mutex_unlock(&p->lock);
    if (!c)
        log_event(LOG_WARN, "no database connection became free", log_str("access", access == DB_WRITE ? "write" : "read"));
    return c;
}

void db_release(struct db_conn *c)
{
    if (!c)
        return;
    db_statements_end(c);
    if (c->access == DB_WRITE)
        atomic_fetch_add(&c->db->writes, 1);
    struct db_pool *p = &c->db->pools[c->access];
    pthread_mutex_lock(&p->lock);
    struct waiter *w = p->first;
    if (w) {
        leave(p, w);
        w->given = c;
        pthread_cond_signal(&w->wake);
    } else {
        add_idle(p, c);
    }
    pthread_mutex_unlock(&p->lock);
}
