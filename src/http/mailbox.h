/* A network thread's mailbox: a list of letters under a mutex and an eventfd that wakes the thread's epoll_wait.
 *
 * A letter is part of what it speaks of, so posting needs no memory and cannot fail; it is in the box at most once. It carries slot and generation, so that one
 * that comes too late finds no connection. */
#ifndef HTTP_MAILBOX_H
#define HTTP_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct letter {
    struct letter *next;
    bool posted; /* under the mailbox's lock */
    uint32_t slot, generation;
};

struct mailbox {
    int fd; /* readable while there are letters or it was rung */
    pthread_mutex_t lock;
    struct letter *first, *last;
    bool closed;
};

/* False when there is no descriptor. */
bool mailbox_open(struct mailbox *m);
void mailbox_free(struct mailbox *m);
/* Puts the letter in, and wakes the thread when the box was empty. False when it is there already or the box is closed. */
bool mailbox_post(struct mailbox *m, struct letter *letter);
/* Wakes the thread without a letter. */
void mailbox_ring(struct mailbox *m);
/* Clears the wake-up; before the letters are taken. */
void mailbox_quiet(struct mailbox *m);
/* The oldest letter; NULL when there is none. From now on it may be posted again. */
struct letter *mailbox_take(struct mailbox *m);
/* From now on nothing is taken in. */
void mailbox_close(struct mailbox *m);

#endif
