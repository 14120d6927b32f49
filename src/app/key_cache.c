/* A table in which each hash has one place. */
#include "app/key_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 1024 };

struct place {
    uint64_t mark; /* 0: empty */
    unsigned char hash[API_KEY_HASH_BYTES];
    struct known_key key;
};

struct key_cache {
    pthread_mutex_t lock;
    struct place places[PLACES]; /* under lock */
};

struct key_cache *key_cache_new(void)
{
    struct key_cache *cache = calloc(1, sizeof *cache);
    if (cache && pthread_mutex_init(&cache->lock, NULL) == 0)
        return cache;
    free(cache);
    return NULL;
}

void key_cache_free(struct key_cache *cache)
{
    if (!cache)
        return;
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct place *place_of(struct key_cache *cache, const unsigned char hash[API_KEY_HASH_BYTES])
{
    return &cache->places[((unsigned)hash[0] | (unsigned)hash[1] << 8) % PLACES];
}

bool key_cache_get(struct key_cache *cache, const unsigned char hash[API_KEY_HASH_BYTES], uint64_t mark, struct known_key *key)
{
    struct place *place = place_of(cache, hash);
    pthread_mutex_lock(&cache->lock);
    bool found = mark && place->mark == mark && memcmp(place->hash, hash, sizeof place->hash) == 0;
    if (found)
        *key = place->key;
    pthread_mutex_unlock(&cache->lock);
    return found;
}

void key_cache_put(struct key_cache *cache, const unsigned char hash[API_KEY_HASH_BYTES], uint64_t mark, const struct known_key *key)
{
    struct place *place = place_of(cache, hash);
    pthread_mutex_lock(&cache->lock);
    place->mark = mark;
    memcpy(place->hash, hash, sizeof place->hash);
    place->key = *key;
    pthread_mutex_unlock(&cache->lock);
}
