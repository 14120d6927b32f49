/* A list of the running calls: a few hundred at most, read whole. */
#include "app/budget.h"

#include <pthread.h>
#include <stdlib.h>

struct running {
    int64_t tenant_id, tokens; /* tokens 0: free */
};

struct budget {
    pthread_mutex_t lock;
    unsigned count;
    struct running calls[]; /* [count] */
};

struct budget *budget_new(unsigned calls_max)
{
    struct budget *b = calloc(1, sizeof *b + calls_max * sizeof b->calls[0]);
    if (!b)
        return NULL;
    pthread_mutex_init(&b->lock, NULL);
    b->count = calls_max;
    return b;
}

void budget_free(struct budget *b)
{
    if (b)
        pthread_mutex_destroy(&b->lock);
    free(b);
}

bool budget_reserve(struct budget *b, int64_t tenant_id, int64_t tokens, int64_t *reserved)
{
    struct running *free_one = NULL;
    *reserved = tokens;
    pthread_mutex_lock(&b->lock);
    for (unsigned i = 0; i < b->count; i++) {
        if (!b->calls[i].tokens)
            free_one = &b->calls[i];
        else if (b->calls[i].tenant_id == tenant_id)
            *reserved += b->calls[i].tokens;
    }
    if (free_one)
        *free_one = (struct running){tenant_id, tokens};
    pthread_mutex_unlock(&b->lock);
    return free_one != NULL;
}

void budget_release(struct budget *b, int64_t tenant_id, int64_t tokens)
{
    pthread_mutex_lock(&b->lock);
    for (unsigned i = 0; i < b->count; i++) {
        if (b->calls[i].tenant_id == tenant_id && b->calls[i].tokens == tokens) {
            b->calls[i] = (struct running){0};
            break;
        }
    }
    pthread_mutex_unlock(&b->lock);
}
