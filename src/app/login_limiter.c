/* A set-associative table: a pair (address, peer) hashes to one set of WAYS entries; when all are taken, the one whose last attempt is oldest makes
 * room. The hash is keyed, so nobody can choose pairs that push another one out; whoever wants to be forgotten has to pay for thousands of attempts
 * first. */
#include "app/login_limiter.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"

enum { SETS = 1024, WAYS = 4, PAIR_BYTES = 16 };

struct entry {
    unsigned char pair[PAIR_BYTES];
    int64_t attempts[LOGIN_ATTEMPTS_MAX]; /* times, oldest first */
    int count;                            /* 0: free */
};

struct login_limiter {
    pthread_mutex_t lock;
    unsigned char key[crypto_generichash_KEYBYTES];
    struct entry entries[SETS][WAYS]; /* under lock */
};

struct login_limiter *login_limiter_new(void)
{
    struct login_limiter *l = calloc(1, sizeof *l);
    if (l && pthread_mutex_init(&l->lock, NULL) != 0) {
        free(l);
        return NULL;
    }
    if (l)
        sys_random(l->key, sizeof l->key);
    return l;
}

void login_limiter_free(struct login_limiter *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* The length of the address goes first, so that no two pairs run together. */
static void hash_pair(const struct login_limiter *l, struct span address, struct span peer, unsigned char out[PAIR_BYTES])
{
    crypto_generichash_state state;
    uint64_t length = address.n;
    crypto_generichash_init(&state, l->key, sizeof l->key, PAIR_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)&length, sizeof length);
    crypto_generichash_update(&state, (const unsigned char *)address.p, address.n);
    crypto_generichash_update(&state, (const unsigned char *)peer.p, peer.n);
    crypto_generichash_final(&state, out, PAIR_BYTES);
}

static struct entry *set_of(struct login_limiter *l, const unsigned char pair[PAIR_BYTES])
{
    return l->entries[(pair[0] | pair[1] << 8) % SETS];
}

/* The pair's entry, or NULL. */
static struct entry *find(struct login_limiter *l, const unsigned char pair[PAIR_BYTES])
{
    struct entry *set = set_of(l, pair);
    for (int i = 0; i < WAYS; i++) {
        if (set[i].count && memcmp(set[i].pair, pair, PAIR_BYTES) == 0)
            return &set[i];
    }
    return NULL;
}

static int64_t last_attempt(const struct entry *e)
{
    return e->count ? e->attempts[e->count - 1] : -1;
}

/* An empty entry for the pair. */
static struct entry *make_room(struct login_limiter *l, const unsigned char pair[PAIR_BYTES])
{
    struct entry *set = set_of(l, pair), *oldest = &set[0];
    for (int i = 1; i < WAYS; i++) {
        if (last_attempt(&set[i]) < last_attempt(oldest))
            oldest = &set[i];
    }
    memcpy(oldest->pair, pair, PAIR_BYTES);
    oldest->count = 0;
    return oldest;
}

/* Drops what is older than the window. */
static void expire(struct entry *e, int64_t now_ms)
{
    int old = 0;
    while (old < e->count && e->attempts[old] <= now_ms - LOGIN_WINDOW_MS)
        old++;
    e->count -= old;
    memmove(e->attempts, e->attempts + old, (size_t)e->count * sizeof *e->attempts);
}

bool login_limiter_take(struct login_limiter *l, struct span address, struct span peer, int64_t now_ms, int *retry_after_s)
{
    unsigned char pair[PAIR_BYTES];
    hash_pair(l, address, peer, pair);
    pthread_mutex_lock(&l->lock);
    struct entry *e = find(l, pair);
    if (!e)
        e = make_room(l, pair);
    expire(e, now_ms);
    bool taken = e->count < LOGIN_ATTEMPTS_MAX;
    if (taken)
        e->attempts[e->count++] = now_ms;
    else
        *retry_after_s = (int)((e->attempts[0] + LOGIN_WINDOW_MS - now_ms + 999) / 1000);
    pthread_mutex_unlock(&l->lock);
    return taken;
}

void login_limiter_forgive(struct login_limiter *l, struct span address, struct span peer)
{
    unsigned char pair[PAIR_BYTES];
    hash_pair(l, address, peer, pair);
    pthread_mutex_lock(&l->lock);
    struct entry *e = find(l, pair);
    if (e)
        e->count = 0;
    pthread_mutex_unlock(&l->lock);
}
