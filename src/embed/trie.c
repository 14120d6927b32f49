/* Building: the keys are sorted, so a state is a range of them that share a prefix; states are placed breadth first, each where its children find free units. */
#include "embed/trie.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, SEARCHED_MAX = 4096 };

bool trie_is_sound(const struct trie *t, uint32_t values)
{
    if (t->count == 0 || t->count % BLOCK != 0)
        return false;
    for (uint32_t i = 0; i < t->count; i++)
        if (t->units[i].base_label >> 8 >= t->count || t->units[i].value > values)
            return false;
    return true;
}

/* Keys first … end - 1 share their first `depth` bytes, which lead to unit. */
struct state {
    uint32_t first, end, unit;
    size_t depth;
};

struct building {
    const struct trie_key *keys;
    struct trie_unit *units; /* [room] */
    bool *taken, *is_base;   /* [room] each */
    uint32_t room;
    uint32_t free_from; /* below it no unit is looked for */
    struct state *queue;
    size_t queued, queue_room;
};

static bool grow(struct building *b)
{
    uint32_t room = b->room ? b->room * 2 : 1 << 16;
    if (room > TRIE_UNITS_MAX)
        return false;
    struct trie_unit *units = realloc(b->units, room * sizeof *units);
    b->units = units ? units : b->units;
    bool *taken = realloc(b->taken, room * sizeof *taken);
    b->taken = taken ? taken : b->taken;
    bool *is_base = realloc(b->is_base, room * sizeof *is_base);
    b->is_base = is_base ? is_base : b->is_base;
    if (!units || !taken || !is_base)
        return false;
    memset(units + b->room, 0, (room - b->room) * sizeof *units);
    memset(taken + b->room, 0, (room - b->room) * sizeof *taken);
    memset(is_base + b->room, 0, (room - b->room) * sizeof *is_base);
    b->room = room;
    return true;
}

static bool push(struct building *b, struct state s)
{
    if (b->queued == b->queue_room) {
        size_t room = b->queue_room ? b->queue_room * 2 : 1 << 12;
        struct state *queue = realloc(b->queue, room * sizeof *queue);
        if (!queue)
            return false;
        b->queue = queue;
        b->queue_room = room;
    }
    b->queue[b->queued++] = s;
    return true;
}

static bool fits(const struct building *b, uint32_t base, const unsigned char *labels, size_t count)
{
    if (base == 0 || b->is_base[base])
        return false;
    for (size_t i = 0; i < count; i++)
        if (b->taken[base ^ labels[i]])
            return false;
    return true;
}

/* A base whose children by those labels are free; 0 when there is no room. Stretches that are nearly full are given up. */
static uint32_t find_base(struct building *b, const unsigned char *labels, size_t count)
{
    while (b->free_from < b->room && b->taken[b->free_from])
        b->free_from++;
    for (uint32_t at = b->free_from;; at++) {
        if (at == b->room && !grow(b))
            return 0;
        if (!b->taken[at] && fits(b, at ^ labels[0], labels, count))
            return at ^ labels[0];
        if (at - b->free_from > SEARCHED_MAX)
            b->free_from += SEARCHED_MAX / 2;
    }
}

/* The different bytes behind the shared ones, rising; a key that ends there is the first of its state, and its value is set. */
static size_t list_labels(struct building *b, struct state *s, unsigned char labels[BLOCK])
{
    size_t count = 0;
    if (b->keys[s->first].bytes.n == s->depth)
        b->units[s->unit].value = b->keys[s->first++].value + 1;
    for (uint32_t i = s->first; i < s->end; i++) {
        unsigned char label = (unsigned char)b->keys[i].bytes.p[s->depth];
        if (count == 0 || labels[count - 1] != label)
            labels[count++] = label;
    }
    return count;
}

static bool place(struct building *b, struct state s)
{
    unsigned char labels[BLOCK];
    size_t count = list_labels(b, &s, labels);
    uint32_t base = count ? find_base(b, labels, count) : 0, first = s.first;
    if (count == 0 || base == 0)
        return count == 0;
    b->is_base[base] = true;
    b->units[s.unit].base_label |= base << 8;
    for (size_t i = 0; i < count; i++) {
        uint32_t unit = base ^ labels[i], end = first;
        while (end < s.end && (unsigned char)b->keys[end].bytes.p[s.depth] == labels[i])
            end++;
        b->taken[unit] = true;
        b->units[unit].base_label = labels[i];
        if (!push(b, (struct state){first, end, unit, s.depth + 1}))
            return false;
        first = end;
    }
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    const struct span x = ((const struct trie_key *)a)->bytes, y = ((const struct trie_key *)b)->bytes;
    int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
    return order ? order : (x.n > y.n) - (x.n < y.n);
}

/* Sorted, so that equal ones are neighbours. */
static bool all_differ(const struct trie_key *keys, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (by_bytes(&keys[i - 1], &keys[i]) == 0)
            return false;
    return true;
}

/* Up to the end of the last block in use. */
static uint32_t used_of(const struct building *b)
{
    uint32_t used = b->room;
    while (used > BLOCK && !memchr(b->taken + used - BLOCK, true, BLOCK) && !memchr(b->is_base + used - BLOCK, true, BLOCK))
        used -= BLOCK;
    return used;
}

struct trie_unit *trie_build(struct trie_key *keys, size_t count, uint32_t *units)
{
    struct building b = {.keys = keys};
    qsort(keys, count, sizeof *keys, by_bytes);
    bool ok = count > 0 && count < TRIE_UNITS_MAX && all_differ(keys, count) && grow(&b) && push(&b, (struct state){0, (uint32_t)count, 0, 0});
    if (ok)
        b.taken[0] = true;
    for (size_t i = 0; ok && i < b.queued; i++)
        ok = place(&b, b.queue[i]);
    *units = ok ? used_of(&b) : 0;
    free(b.taken);
    free(b.is_base);
    free(b.queue);
    if (!ok)
        free(b.units);
    return ok ? b.units : NULL;
}
