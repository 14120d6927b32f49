/* What the database said of API keys lately, by the hash of the key: good for as long as nothing has been written (db_mark), so a revocation counts from the
 * next request on all the same. */
#ifndef APP_KEY_CACHE_H
#define APP_KEY_CACHE_H

#include "app/api_key.h"
#include "store/account.h"

struct key_cache;

struct known_key {
    struct tenant tenant;
    int64_t key_id;
    struct api_key_access access;
};

/* NULL when there is no memory. */
struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *cache);
/* What was put under that hash and mark; false when there is none, and for mark 0. Any thread. */
bool key_cache_get(struct key_cache *cache, const unsigned char hash[API_KEY_HASH_BYTES], uint64_t mark, struct known_key *key);
/* mark: as db_mark gave it before the rows were read. Keys that share a place drive each other out. */
void key_cache_put(struct key_cache *cache, const unsigned char hash[API_KEY_HASH_BYTES], uint64_t mark, const struct known_key *key);

#endif
