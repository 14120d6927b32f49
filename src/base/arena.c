/* The arena: a list of blocks of doubling size; what is not handed out is poisoned under AddressSanitizer. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 1 << 20 };

struct block {
    struct block *next;
    size_t size; /* bytes of data */
    size_t used;
    alignas(max_align_t) char data[];
};

struct arena {
    struct block *blocks; /* newest first */
    size_t max;
    size_t used;
};

static struct block *block_new(size_t size)
{
    struct block *b = malloc(sizeof *b + size);
    if (!b)
        return NULL;
    b->next = NULL;
    b->size = size;
    b->used = 0;
    POISON(b->data, size);
    return b;
}

static void block_free(struct block *b)
{
    UNPOISON(b->data, b->size);
    free(b);
}

struct arena *arena_new(size_t max)
{
    struct arena *a = calloc(1, sizeof *a);
    if (a)
        a->max = max;
    return a;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct block *b = a->blocks; b;) {
        struct block *next = b->next;
        block_free(b);
        b = next;
    }
    free(a);
}

void arena_reset(struct arena *a)
{
    struct block *keep = a->blocks;
    if (keep) {
        for (struct block *b = keep->next; b;) {
            struct block *next = b->next;
            block_free(b);
            b = next;
        }
        keep->next = NULL;
        keep->used = 0;
        POISON(keep->data, keep->size);
    }
    a->used = 0;
}

static struct block *grow(struct arena *a, size_t size)
{
    size_t next = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK;
    if (next > LARGEST_BLOCK)
        next = LARGEST_BLOCK;
    struct block *b = block_new(size > next ? size : next);
    if (!b)
        return NULL;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size == 0)
        size = 1;
    if (size > a->max || a->used > a->max - size)
        return NULL;
    size_t rounded = (size + align - 1) & ~(align - 1);
    struct block *b = a->blocks;
    if (!b || b->size - b->used < rounded)
        b = grow(a, rounded);
    if (!b)
        return NULL;
    void *p = b->data + b->used;
    b->used += rounded;
    a->used += size;
    UNPOISON(p, size);
    return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    return arena_alloc(a, total);
}

char *arena_cstr(struct arena *a, struct span s)
{
    char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p;
}

struct span arena_copy(struct arena *a, struct span s)
{
    char *p = arena_cstr(a, s);
    return (struct span){p, p ? s.n : 0};
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
