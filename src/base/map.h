/* A hash map from byte strings to 64-bit values; keys are copied. Not thread-safe. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/span.h"

struct map;

/* Empty map; NULL when there is no memory. map_free ends it. */
struct map *map_new(void);
void map_free(struct map *m);
/* The value under key; false when absent. */
bool map_get(const struct map *m, struct span key, uint64_t *value);
/* For many keys at once: begins to fetch what map_get of the key needs, for which memory is waited on else, and gives the hash that map_get_sought takes. */
uint32_t map_seek(const struct map *m, struct span key);
bool map_get_sought(const struct map *m, struct span key, uint32_t sought, uint64_t *value);
/* Sets or replaces; false when there is no memory (the map is as before). */
bool map_put(struct map *m, struct span key, uint64_t value);
/* So many keys are about to be put: makes room for them at once. False when there is no memory. */
bool map_expect(struct map *m, size_t more);
/* False when absent. */
bool map_remove(struct map *m, struct span key);
size_t map_count(const struct map *m);
/* Bytes held, keys included. */
size_t map_bytes(const struct map *m);
/* Walks in no order: *at starts at 0; false at the end. The key is borrowed until the next change. */
bool map_next(const struct map *m, size_t *at, struct span *key, uint64_t *value);

#endif
