/* Passages that searches of one tenant have shown lately, so that the next one that finds them need not ask the database. Part of the tenant's index
 * (app/index_entry.c): a passage is known by its document, the index_seq at which that document last changed, and its number, so what was replaced is never
 * found again. Every function may be called by any thread, but for new and free. */
#ifndef APP_PASSAGE_CACHE_H
#define APP_PASSAGE_CACHE_H

#include "app/highlights.h"

struct passage_cache;

/* Room for so many passages, at most some thousands. NULL when there is no memory. */
struct passage_cache *passage_cache_new(size_t passages);
void passage_cache_free(struct passage_cache *cache);

struct passage_name {
    int64_t document_id, seq;
    int32_t ordinal;
};
struct kept_passage {
    struct chunk chunk;
    const struct word_mark *marks; /* [mark_count]; NULL: not made yet */
    size_t mark_count;
};
/* Copies the passage into the arena; false when it is not there (or the arena is full). */
bool passage_cache_get(struct passage_cache *cache, const struct passage_name *name, struct arena *arena, struct kept_passage *passage);
/* Copies the passage into the cache, in the place of another one. Very long ones are not kept, nor is anything without memory. */
void passage_cache_put(struct passage_cache *cache, const struct passage_name *name, const struct kept_passage *passage);
/* Drops all that `keep` says no to. */
void passage_cache_sweep(struct passage_cache *cache, bool (*keep)(void *context, const struct passage_name *name), void *context);
/* Passages that there is room for. */
size_t passage_cache_room(const struct passage_cache *cache);
/* Memory held. */
size_t passage_cache_bytes(struct passage_cache *cache);

#endif
