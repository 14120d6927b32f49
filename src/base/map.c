/* Open addressing with linear probing; the table doubles at three quarters full. Hash: eight bytes at a time, multiplied by a random
 * number and folded, so that keys chosen by an attacker cannot be made to collide without knowing it. */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/sys.h"

enum { NEAR = 8 }; /* keys up to here need no memory of their own */

struct entry {
    union {
        char *far; /* owned */
        char near[NEAR];
    } key;
    uint32_t length; /* of the key, plus 1; 0: the entry is free */
    uint32_t hash;
    uint64_t value;
};

struct map {
    struct entry *entries;
    size_t size; /* a power of two, or 0 */
    size_t count;
    size_t key_bytes;
    uint64_t seed, multiplier; /* of the hash */
};

static struct span key_of(const struct entry *e)
{
    size_t n = e->length - 1u;
    return (struct span){n <= NEAR ? e->key.near : e->key.far, n};
}

static void free_key(struct entry *e)
{
    if (e->length > NEAR + 1)
        free(e->key.far);
}

struct map *map_new(void)
{
    struct map *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->seed = sys_random_u64();
    m->multiplier = sys_random_u64() | 1;
    return m;
}

void map_free(struct map *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->size; i++)
        free_key(&m->entries[i]);
    free(m->entries);
    free(m);
}

/* Both halves of the product, folded. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* At most 8 bytes as a number: different for different keys of one length. */
static uint64_t word_of(struct span key)
{
    uint64_t word = 0;
    uint32_t first, last;
    if (key.n == 8) {
        memcpy(&word, key.p, 8);
    } else if (key.n >= 4) {
        memcpy(&first, key.p, 4);
        memcpy(&last, key.p + key.n - 4, 4);
        word = (uint64_t)last << 32 | first;
    } else {
        for (size_t i = 0; i < key.n; i++)
            word = word << 8 | (unsigned char)key.p[i];
    }
    return word;
}

static uint32_t hash(const struct map *m, struct span key)
{
    uint64_t h = m->seed ^ key.n;
    for (; key.n > 8; key = span_skip(key, 8))
        h = mix(h ^ word_of((struct span){key.p, 8}), m->multiplier);
    return (uint32_t)(mix(mix(h ^ word_of(key), m->multiplier), m->multiplier) >> 32);
}

static bool holds(const struct entry *e, struct span key)
{
    return e->length == key.n + 1 && (key.n <= NEAR ? word_of(key_of(e)) == word_of(key) : memcmp(e->key.far, key.p, key.n) == 0);
}

/* The slot that holds key, or the free one where it belongs. The table is never full. */
static struct entry *slot(const struct map *m, struct span key, uint32_t h)
{
    for (size_t i = h & (m->size - 1);; i = (i + 1) & (m->size - 1)) {
        struct entry *e = &m->entries[i];
        if (!e->length || (e->hash == h && holds(e, key)))
            return e;
    }
}

uint32_t map_seek(const struct map *m, struct span key)
{
    uint32_t h = hash(m, key);
    if (m->size)
        __builtin_prefetch(&m->entries[h & (m->size - 1)]);
    return h;
}

bool map_get_sought(const struct map *m, struct span key, uint32_t sought, uint64_t *value)
{
    if (m->size == 0)
        return false;
    const struct entry *e = slot(m, key, sought);
    if (!e->length)
        return false;
    *value = e->value;
    return true;
}

bool map_get(const struct map *m, struct span key, uint64_t *value)
{
    return map_get_sought(m, key, hash(m, key), value);
}

static bool resize(struct map *m, size_t size)
{
    struct entry *entries = calloc(size, sizeof *entries);
    if (!entries)
        return false;
    struct map bigger = *m;
    bigger.entries = entries;
    bigger.size = size;
    for (size_t i = 0; i < m->size; i++) {
        struct entry *e = &m->entries[i];
        if (e->length)
            *slot(&bigger, key_of(e), e->hash) = *e;
    }
    free(m->entries);
    *m = bigger;
    return true;
}

static bool grow(struct map *m)
{
    return resize(m, m->size ? m->size * 2 : 16);
}

bool map_expect(struct map *m, size_t more)
{
    size_t size = m->size ? m->size : 16;
    while (size / 4 * 3 < m->count + more) {
        if (size > SIZE_MAX / sizeof(struct entry) / 2)
            return false;
        size *= 2;
    }
    return size == m->size || resize(m, size);
}

/* Copies the key into a free entry; false when there is no memory. */
static bool set_key(struct map *m, struct entry *e, struct span key)
{
    char *to = e->key.near;
    if (key.n > NEAR) {
        to = e->key.far = malloc(key.n);
        if (!to)
            return false;
        m->key_bytes += key.n;
    }
    if (key.n)
        memcpy(to, key.p, key.n);
    e->length = (uint32_t)key.n + 1;
    m->count++;
    return true;
}

bool map_put(struct map *m, struct span key, uint64_t value)
{
    if (key.n > UINT32_MAX - 1)
        return false;
    if (m->count + 1 > m->size / 4 * 3 && !grow(m))
        return false;
    uint32_t h = hash(m, key);
    struct entry *e = slot(m, key, h);
    if (!e->length && !set_key(m, e, key))
        return false;
    e->hash = h;
    e->value = value;
    return true;
}

bool map_remove(struct map *m, struct span key)
{
    if (m->size == 0)
        return false;
    struct entry *e = slot(m, key, hash(m, key));
    if (!e->length)
        return false;
    m->key_bytes -= e->length > NEAR + 1 ? e->length - 1u : 0;
    m->count--;
    free_key(e);
    size_t mask = m->size - 1, hole = (size_t)(e - m->entries);
    m->entries[hole].length = 0;
    for (size_t i = (hole + 1) & mask; m->entries[i].length; i = (i + 1) & mask) {
        size_t home = m->entries[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        m->entries[hole] = m->entries[i];
        m->entries[i].length = 0;
        hole = i;
    }
    return true;
}

size_t map_count(const struct map *m)
{
    return m->count;
}

size_t map_bytes(const struct map *m)
{
    return sizeof *m + m->size * sizeof *m->entries + m->key_bytes;
}

bool map_next(const struct map *m, size_t *at, struct span *key, uint64_t *value)
{
    for (; *at < m->size; ++*at) {
        const struct entry *e = &m->entries[*at];
        if (!e->length)
            continue;
        *key = key_of(e);
        *value = e->value;
        ++*at;
        return true;
    }
    return false;
}
