/* A list under a lock: there are never more answers under way than threads and model calls, and few calls that look for one. */
#include "app/live.h"

#include <pthread.h>
#include <stdlib.h>

#include "app/sessions.h"

struct live {
    pthread_mutex_t lock;
    struct live_answer *first;
};

struct live *live_new(void)
{
    struct live *l = calloc(1, sizeof *l);
    if (l)
        pthread_mutex_init(&l->lock, NULL);
    return l;
}

void live_free(struct live *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

void live_begin(struct live *l, struct live_answer *answer)
{
    pthread_mutex_lock(&l->lock);
    answer->previous = NULL;
    answer->next = l->first;
    if (l->first)
        l->first->previous = answer;
    l->first = answer;
    pthread_mutex_unlock(&l->lock);
}

void live_moved(struct live *l, struct live_answer *answer, const struct session_row *session)
{
    pthread_mutex_lock(&l->lock);
    answer->session = *session;
    pthread_mutex_unlock(&l->lock);
}

void live_end(struct live *l, struct live_answer *answer)
{
    if (!answer->message_id)
        return;
    pthread_mutex_lock(&l->lock);
    if (answer->next)
        answer->next->previous = answer->previous;
    if (answer->previous)
        answer->previous->next = answer->next;
    else
        l->first = answer->next;
    answer->message_id = NULL;
    pthread_mutex_unlock(&l->lock);
}

/* Under the lock. */
static struct live_answer *find(const struct live *l, const struct principal *by, struct span message_id, struct span user)
{
    struct live_answer *a = l->first;
    while (a && !(a->tenant_id == by->tenant.id && span_eq(span_of(a->message_id), message_id)))
        a = a->next;
    return a && session_visible(by, &a->session, user) ? a : NULL;
}

bool live_stop(struct live *l, const struct principal *by, struct span message_id, struct span user)
{
    pthread_mutex_lock(&l->lock);
    struct live_answer *a = find(l, by, message_id, user);
    if (a)
        atomic_store(&a->stopped, true);
    pthread_mutex_unlock(&l->lock);
    return a != NULL;
}

void *live_feed(struct live *l, const struct principal *by, struct span message_id, struct span user, void *(*take)(void *feed))
{
    pthread_mutex_lock(&l->lock);
    struct live_answer *a = find(l, by, message_id, user);
    void *taken = a && a->feed ? take(a->feed) : NULL;
    pthread_mutex_unlock(&l->lock);
    return taken;
}
