/* A map from key to entry, and the entries in a ring by their last use. */
#include "app/answer_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { OVERHEAD = 128 /* of an entry in the map and the heap, about */ };

struct entry {
    struct entry *newer, *older;
    unsigned char key[ANSWER_KEY_SIZE];
    size_t n;
    char text[];
};

struct answer_cache {
    pthread_mutex_t lock;
    size_t bytes, max;
    struct map *entries;
    struct entry ring; /* ring.older: the newest; ring.newer: the oldest */
};

struct answer_cache *answer_cache_new(size_t bytes)
{
    struct answer_cache *c = calloc(1, sizeof *c);
    if (!c || !(c->entries = map_new())) {
        free(c);
        return NULL;
    }
    pthread_mutex_init(&c->lock, NULL);
    c->max = bytes;
    c->ring.newer = c->ring.older = &c->ring;
    return c;
}

static struct span key_span(const unsigned char key[ANSWER_KEY_SIZE])
{
    return (struct span){(const char *)key, ANSWER_KEY_SIZE};
}

static size_t cost(size_t n)
{
    return sizeof(struct entry) + n + OVERHEAD;
}

static void unlink_entry(struct entry *e)
{
    e->newer->older = e->older;
    e->older->newer = e->newer;
}

static void make_newest(struct answer_cache *c, struct entry *e)
{
    e->newer = &c->ring;
    e->older = c->ring.older;
    e->older->newer = e;
    c->ring.older = e;
}

static void drop(struct answer_cache *c, struct entry *e)
{
    unlink_entry(e);
    map_remove(c->entries, key_span(e->key));
    c->bytes -= cost(e->n);
    free(e);
}

void answer_cache_free(struct answer_cache *c)
{
    if (!c)
        return;
    while (c->ring.newer != &c->ring)
        drop(c, c->ring.newer);
    map_free(c->entries);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct entry *find(const struct answer_cache *c, const unsigned char key[ANSWER_KEY_SIZE])
{
    uint64_t at;
    return map_get(c->entries, key_span(key), &at) ? (struct entry *)(uintptr_t)at : NULL;
}

struct span answer_cache_get(struct answer_cache *c, const unsigned char key[ANSWER_KEY_SIZE], struct arena *arena)
{
    struct span found = {NULL, 0};
    pthread_mutex_lock(&c->lock);
    struct entry *e = find(c, key);
    if (e) {
        unlink_entry(e);
        make_newest(c, e);
        found = arena_copy(arena, (struct span){e->text, e->n});
    }
    pthread_mutex_unlock(&c->lock);
    return found;
}

static struct entry *entry_new(const unsigned char key[ANSWER_KEY_SIZE], struct span answer)
{
    struct entry *e = malloc(sizeof *e + answer.n);
    if (!e)
        return NULL;
    memcpy(e->key, key, ANSWER_KEY_SIZE);
    memcpy(e->text, answer.p, answer.n);
    e->n = answer.n;
    return e;
}

void answer_cache_put(struct answer_cache *c, const unsigned char key[ANSWER_KEY_SIZE], struct span answer)
{
    struct entry *e = cost(answer.n) <= c->max ? entry_new(key, answer) : NULL, *before;
    if (!e)
        return;
    pthread_mutex_lock(&c->lock);
    if ((before = find(c, key)))
        drop(c, before);
    while (c->bytes + cost(e->n) > c->max)
        drop(c, c->ring.newer);
    if (map_put(c->entries, key_span(key), (uint64_t)(uintptr_t)e)) {
        make_newest(c, e);
        c->bytes += cost(e->n);
        e = NULL;
    }
    pthread_mutex_unlock(&c->lock);
    free(e);
}
