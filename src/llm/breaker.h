/* A circuit breaker: a model that has failed several times in a row is left alone for a while, then tried with one call. Pure; not thread-safe. */
#ifndef LLM_BREAKER_H
#define LLM_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum { BREAKER_FAILURES = 5, BREAKER_OPEN_MS = 10000 };

struct breaker {
    unsigned failures;  /* in a row */
    int64_t open_until; /* milliseconds; calls are turned away before */
    bool trying;        /* the one call that finds out is on its way */
};

/* Whether a call may be made now. One that was let through is followed by exactly one of the three below. */
bool breaker_admits(struct breaker *b, int64_t now);
void breaker_succeeded(struct breaker *b);
void breaker_failed(struct breaker *b, int64_t now);
/* The first text of a call: the one that finds out need not be over for the others to go on. Beside the three. */
void breaker_shows_life(struct breaker *b);
/* The call was given up before it showed anything. */
void breaker_learned_nothing(struct breaker *b);

#endif
