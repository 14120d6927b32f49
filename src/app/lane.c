/* Counts under one lock. A question takes milliseconds and a layer of a batch at most three, so a batch that goes on beside it would cost the question half of its
 * processor for that long; with more processors than threads nobody waits. */
#include "app/lane.h"

#include <errno.h>
#include <time.h>

void lane_init(struct lane *l, unsigned places, int64_t patience_ms)
{
    pthread_condattr_t monotonic;
    *l = (struct lane){.places = places, .patience_ms = patience_ms};
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&l->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void lane_end(struct lane *l)
{
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
}

static void count(struct lane *l, unsigned *what, unsigned by)
{
    pthread_mutex_lock(&l->lock);
    *what += by;
    if (l->aside)
        pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

void lane_begin_question(struct lane *l)
{
    count(l, &l->questions, 1);
}

void lane_end_question(struct lane *l)
{
    count(l, &l->questions, -1u);
}

void lane_add_batches(struct lane *l)
{
    count(l, &l->batches, 1);
}

void lane_remove_batches(struct lane *l)
{
    count(l, &l->batches, -1u);
}

/* Whether a batch, itself not counted as aside, takes a question's place. */
static bool is_in_the_way(const struct lane *l)
{
    return l->questions && l->questions + l->batches - l->aside > l->places;
}

static struct timespec after(int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ns = t.tv_nsec + ms % 1000 * 1000000;
    return (struct timespec){.tv_sec = t.tv_sec + (time_t)(ms / 1000 + ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
}

void lane_step_aside(void *lane)
{
    struct lane *l = lane;
    pthread_mutex_lock(&l->lock);
    if (is_in_the_way(l)) {
        struct timespec until = after(l->patience_ms);
        int status = 0;
        while (is_in_the_way(l) && status != ETIMEDOUT) {
            l->aside++;
            status = pthread_cond_timedwait(&l->changed, &l->lock, &until);
            l->aside--;
        }
    }
    pthread_mutex_unlock(&l->lock);
}

unsigned lane_aside(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    unsigned n = l->aside;
    pthread_mutex_unlock(&l->lock);
    return n;
}
