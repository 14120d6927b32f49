/* A counted gate. */
#include "http/gauge.h"

void gauge_init(struct gauge *g)
{
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->zero, NULL);
    g->count = 0;
}

void gauge_free(struct gauge *g)
{
    pthread_cond_destroy(&g->zero);
    pthread_mutex_destroy(&g->lock);
}

void gauge_up(struct gauge *g)
{
    pthread_mutex_lock(&g->lock);
    g->count++;
    pthread_mutex_unlock(&g->lock);
}

/* Signals under the lock: the waiter cannot go on, and free the gauge, before this thread has left it. */
void gauge_down(struct gauge *g)
{
    pthread_mutex_lock(&g->lock);
    if (--g->count == 0)
        pthread_cond_broadcast(&g->zero);
    pthread_mutex_unlock(&g->lock);
}

int gauge_read(struct gauge *g)
{
    pthread_mutex_lock(&g->lock);
    int n = g->count;
    pthread_mutex_unlock(&g->lock);
    return n;
}

void gauge_wait_zero(struct gauge *g)
{
    pthread_mutex_lock(&g->lock);
    while (g->count > 0)
        pthread_cond_wait(&g->zero, &g->lock);
    pthread_mutex_unlock(&g->lock);
}
