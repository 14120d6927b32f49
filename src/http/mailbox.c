/* Letters from the workers to a network thread. */
#include "http/mailbox.h"

#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool mailbox_open(struct mailbox *m)
{
    *m = (struct mailbox){.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    pthread_mutex_init(&m->lock, NULL);
    return m->fd >= 0;
}

void mailbox_free(struct mailbox *m)
{
    if (m->fd >= 0)
        close(m->fd);
    pthread_mutex_destroy(&m->lock);
}

bool mailbox_post(struct mailbox *m, struct letter *letter)
{
    pthread_mutex_lock(&m->lock);
    bool ok = !letter->posted && !m->closed, was_empty = m->first == NULL;
    if (ok) {
        letter->posted = true;
        letter->next = NULL;
        if (m->last)
            m->last->next = letter;
        else
            m->first = letter;
        m->last = letter;
    }
    pthread_mutex_unlock(&m->lock);
    if (ok && was_empty)
        mailbox_ring(m);
    return ok;
}

void mailbox_ring(struct mailbox *m)
{
    const uint64_t one = 1;
    ssize_t ignored = write(m->fd, &one, sizeof one); /* fails only when the counter is full: then the thread is awake anyway */
    (void)ignored;
}

void mailbox_quiet(struct mailbox *m)
{
    uint64_t count;
    ssize_t ignored = read(m->fd, &count, sizeof count);
    (void)ignored;
}

struct letter *mailbox_take(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    struct letter *l = m->first;
    if (l) {
        m->first = l->next;
        if (!m->first)
            m->last = NULL;
        l->posted = false;
    }
    pthread_mutex_unlock(&m->lock);
    return l;
}

void mailbox_close(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    m->closed = true;
    pthread_mutex_unlock(&m->lock);
}
