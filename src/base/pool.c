/* The worker pool: a ring of tasks under one mutex. */
#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct task {
    pool_task *run;
    void *arg;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t some; /* a task came, or stopping */
    struct task *ring;   /* [size] */
    size_t size, head, count;
    bool stopping;
    unsigned threads;
    pthread_t thread[64];
};

static void *work(void *arg)
{
    struct pool *p = arg;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->count == 0 && !p->stopping)
            pthread_cond_wait(&p->some, &p->lock);
        if (p->count == 0)
            break;
        struct task t = p->ring[p->head];
        p->head = (p->head + 1) % p->size;
        p->count--;
        pthread_mutex_unlock(&p->lock);
        t.run(t.arg);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Signals go to the main thread alone. */
static bool start(struct pool *p, const char *name)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&p->thread[p->threads], NULL, work, p) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (ok)
        pthread_setname_np(p->thread[p->threads++], name);
    return ok;
}

struct pool *pool_new(const char *name, unsigned threads, size_t queue_max)
{
    if (threads < 1 || threads > 64 || queue_max < 1)
        return NULL;
    struct pool *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->size = queue_max;
    p->ring = calloc(queue_max, sizeof *p->ring);
    if (!p->ring) {
        free(p);
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->some, NULL);
    while (p->threads < threads) {
        if (!start(p, name)) {
            pool_free(p);
            return NULL;
        }
    }
    return p;
}

bool pool_submit(struct pool *p, pool_task *task, void *arg)
{
    pthread_mutex_lock(&p->lock);
    bool ok = !p->stopping && p->count < p->size;
    if (ok) {
        p->ring[(p->head + p->count++) % p->size] = (struct task){task, arg};
        pthread_cond_signal(&p->some);
    }
    pthread_mutex_unlock(&p->lock);
    return ok;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->some);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++)
        pthread_join(p->thread[i], NULL);
    pthread_cond_destroy(&p->some);
    pthread_mutex_destroy(&p->lock);
    free(p->ring);
    free(p);
}

size_t pool_waiting(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    size_t n = p->count;
    pthread_mutex_unlock(&p->lock);
    return n;
}
