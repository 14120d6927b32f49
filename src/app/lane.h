/* Who goes first at the processors: questions, before the batches of ingest. Nothing is handed over; a batch asks between two layers whether it is in the way, and
 * then waits. */
#ifndef APP_LANE_H
#define APP_LANE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct lane {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned places;     /* processors */
    unsigned batches;    /* threads that may be at work on one */
    unsigned questions;  /* under way */
    unsigned aside;      /* batches that wait */
    int64_t patience_ms; /* of a batch: then it does one layer all the same, for questions may never end */
};

void lane_init(struct lane *l, unsigned places, int64_t patience_ms);
/* When no thread uses it any more. */
void lane_end(struct lane *l);

/* Around the work for a question. Never waits. */
void lane_begin_question(struct lane *l);
void lane_end_question(struct lane *l);

/* A thread that will work on batches for as long as it lives, whether it has one now or not. */
void lane_add_batches(struct lane *l);
void lane_remove_batches(struct lane *l);
/* Such a thread before each layer (as embed_between has it; lane: a struct lane): returns when there are places for the questions under way and all batches that do not
 * wait, or when its patience ends. */
void lane_step_aside(void *lane);
/* Batches that wait now. */
unsigned lane_aside(struct lane *l);

#endif
