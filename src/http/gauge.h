/* A count that somebody may wait upon to become zero; what comes after the wait may free what the counted ones used. */
#ifndef HTTP_GAUGE_H
#define HTTP_GAUGE_H

#include <pthread.h>

struct gauge {
    pthread_mutex_t lock;
    pthread_cond_t zero;
    int count;
};

/* One up for each gauge_down; gauge_wait_zero returns when as many went down as came up. */
void gauge_init(struct gauge *g);
void gauge_free(struct gauge *g);
void gauge_up(struct gauge *g);
void gauge_down(struct gauge *g);
int gauge_read(struct gauge *g);
void gauge_wait_zero(struct gauge *g);

#endif
