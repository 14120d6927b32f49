/* A table of sets of a few places each, so that passages that fall on the same set rarely drive each other out; the oldest of a set goes. */
#include "app/passage_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SETS_MIN = 64, SETS_MAX = 2048, WAYS = 4, PASSAGE_BYTES_MAX = 32 << 10 };

/* One block of memory: this, the marks, the heading, the text. */
struct kept {
    struct passage_name name;
    struct chunk chunk; /* its spans point behind the marks */
    size_t mark_count, bytes;
    bool marked;
    struct word_mark marks[];
};

struct passage_cache {
    pthread_mutex_t lock;
    size_t sets;                 /* a power of two */
    size_t bytes;                /* under lock, as is what follows */
    struct kept *places[][WAYS]; /* [sets]; of a set the newest first */
};

struct passage_cache *passage_cache_new(size_t passages)
{
    size_t sets = SETS_MIN;
    while (sets < SETS_MAX && sets * WAYS < passages)
        sets *= 2;
    size_t bytes = sizeof(struct passage_cache) + sets * WAYS * sizeof(struct kept *);
    struct passage_cache *cache = calloc(1, bytes);
    if (!cache || pthread_mutex_init(&cache->lock, NULL) != 0) {
        free(cache);
        return NULL;
    }
    cache->sets = sets;
    cache->bytes = bytes;
    return cache;
}

void passage_cache_free(struct passage_cache *cache)
{
    if (!cache)
        return;
    for (size_t s = 0; s < cache->sets; s++) {
        for (size_t w = 0; w < WAYS; w++)
            free(cache->places[s][w]);
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct kept **set_of(struct passage_cache *cache, const struct passage_name *name)
{
    uint64_t mixed = ((uint64_t)name->document_id + (uint64_t)(uint32_t)name->ordinal * 0x100000001b3u) * 0x9E3779B97F4A7C15u;
    return cache->places[(mixed >> 32) & (cache->sets - 1)];
}

static bool same(const struct passage_name *a, const struct passage_name *b)
{
    return a->document_id == b->document_id && a->seq == b->seq && a->ordinal == b->ordinal;
}

/* ---- reading ---- */

static bool copy_out(const struct kept *kept, struct arena *arena, struct kept_passage *passage)
{
    struct word_mark *marks = kept->marked ? arena_array(arena, kept->mark_count, sizeof *marks) : NULL;
    if (marks)
        memcpy(marks, kept->marks, kept->mark_count * sizeof *marks);
    *passage = (struct kept_passage){.chunk = kept->chunk, .marks = marks, .mark_count = kept->mark_count};
    passage->chunk.heading = arena_copy(arena, kept->chunk.heading);
    passage->chunk.text = arena_copy(arena, kept->chunk.text);
    return passage->chunk.heading.p && passage->chunk.text.p && (marks || !kept->marked);
}

bool passage_cache_get(struct passage_cache *cache, const struct passage_name *name, struct arena *arena, struct kept_passage *passage)
{
    bool found = false;
    pthread_mutex_lock(&cache->lock);
    struct kept **set = set_of(cache, name);
    for (size_t w = 0; !found && w < WAYS; w++)
        found = set[w] && same(&set[w]->name, name) && copy_out(set[w], arena, passage);
    pthread_mutex_unlock(&cache->lock);
    return found;
}

/* ---- writing ---- */

static struct kept *kept_new(const struct passage_name *name, const struct kept_passage *passage)
{
    const struct chunk *c = &passage->chunk;
    size_t marks = (passage->marks ? passage->mark_count : 0) * sizeof *passage->marks, bytes = sizeof(struct kept) + marks + c->heading.n + c->text.n;
    struct kept *kept = bytes <= PASSAGE_BYTES_MAX ? malloc(bytes) : NULL;
    if (!kept)
        return NULL;
    char *behind = (char *)kept->marks + marks;
    *kept = (struct kept){.name = *name, .chunk = *c, .mark_count = passage->marks ? passage->mark_count : 0, .bytes = bytes, .marked = passage->marks != NULL};
    if (marks)
        memcpy(kept->marks, passage->marks, marks);
    kept->chunk.heading.p = memcpy(behind, c->heading.p ? c->heading.p : "", c->heading.n);
    kept->chunk.text.p = memcpy(behind + c->heading.n, c->text.p ? c->text.p : "", c->text.n);
    return kept;
}

/* Takes the place of the same passage, else of the oldest; the one that goes is the caller's to free. */
static struct kept *insert(struct kept **set, struct kept *kept)
{
    size_t w = 0;
    while (w + 1 < WAYS && set[w] && !same(&set[w]->name, &kept->name))
        w++;
    struct kept *gone = set[w];
    for (; w > 0; w--)
        set[w] = set[w - 1];
    set[0] = kept;
    return gone;
}

void passage_cache_put(struct passage_cache *cache, const struct passage_name *name, const struct kept_passage *passage)
{
    struct kept *kept = kept_new(name, passage);
    if (!kept)
        return;
    pthread_mutex_lock(&cache->lock);
    struct kept *gone = insert(set_of(cache, name), kept);
    cache->bytes += kept->bytes - (gone ? gone->bytes : 0);
    pthread_mutex_unlock(&cache->lock);
    free(gone);
}

void passage_cache_sweep(struct passage_cache *cache, bool (*keep)(void *context, const struct passage_name *name), void *context)
{
    pthread_mutex_lock(&cache->lock);
    for (size_t s = 0; s < cache->sets; s++) {
        size_t left = 0;
        for (size_t w = 0; w < WAYS; w++) {
            struct kept *kept = cache->places[s][w];
            cache->places[s][w] = NULL;
            if (kept && keep(context, &kept->name)) {
                cache->places[s][left++] = kept;
            } else if (kept) {
                cache->bytes -= kept->bytes;
                free(kept);
            }
        }
    }
    pthread_mutex_unlock(&cache->lock);
}

size_t passage_cache_room(const struct passage_cache *cache)
{
    return cache->sets * WAYS;
}

size_t passage_cache_bytes(struct passage_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    size_t bytes = cache->bytes;
    pthread_mutex_unlock(&cache->lock);
    return bytes;
}
