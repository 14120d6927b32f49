/* The list of a term: blocks of 128 postings, packed by the byte, and a tail that grows. */
#include "index/postings.h"

#include <stdlib.h>
#include <string.h>

const uint8_t count_class_most[COUNT_CLASSES] = {1, 2, 4, COUNT_MAX};

/* ---- blocks ---- */

static size_t class_of(uint32_t count)
{
    size_t i = 0;
    while (count > count_class_most[i])
        i++;
    return i;
}

static uint8_t step_bytes_of(const struct posting *list)
{
    uint32_t most = 0;
    for (size_t i = 1; i < BLOCK_POSTINGS; i++)
        most = list[i].chunk - list[i - 1].chunk > most ? list[i].chunk - list[i - 1].chunk : most;
    return most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : 4;
}

static void describe(struct block *b, const struct posting *list, const uint16_t *lengths)
{
    *b = (struct block){.first = list[0].chunk, .last = list[BLOCK_POSTINGS - 1].chunk, .step_bytes = step_bytes_of(list), .most = 1};
    for (size_t i = 0; i < COUNT_CLASSES; i++)
        b->shortest[i] = LENGTH_DEAD;
    for (size_t i = 0; i < BLOCK_POSTINGS; i++) {
        uint16_t *shortest = &b->shortest[class_of(list[i].count)], length = lengths[list[i].chunk];
        *shortest = length < *shortest ? length : *shortest;
        b->most = list[i].count > b->most ? (uint8_t)list[i].count : b->most;
    }
}

static void pack(struct block *b, const struct posting *list)
{
    for (size_t i = 0; i < BLOCK_POSTINGS; i++) {
        uint32_t step = i ? list[i].chunk - list[i - 1].chunk : 0;
        for (size_t k = 0; k < b->step_bytes; k++)
            b->bytes[i * b->step_bytes + k] = (uint8_t)(step >> 8 * k);
        if (b->most > 1)
            b->bytes[(size_t)BLOCK_POSTINGS * b->step_bytes + i] = (uint8_t)list[i].count;
    }
}

/* Turns a full tail into a block. */
static bool seal(struct postings *p, const uint16_t *lengths, size_t *bytes)
{
    if (p->block_count == p->block_capacity) {
        uint32_t capacity = p->block_capacity < 4 ? p->block_capacity + 1 : p->block_capacity + p->block_capacity / 4;
        struct block *blocks = realloc(p->blocks, capacity * sizeof *blocks);
        if (!blocks)
            return false;
        *bytes += (capacity - p->block_capacity) * sizeof *blocks;
        p->blocks = blocks;
        p->block_capacity = capacity;
    }
    struct block *b = &p->blocks[p->block_count];
    describe(b, p->tail, lengths);
    b->bytes = malloc(block_bytes(b));
    if (!b->bytes)
        return false;
    pack(b, p->tail);
    *bytes += block_bytes(b);
    p->block_count++;
    p->tail_count = 0;
    return true;
}

bool postings_reserve(struct postings *p, const uint16_t *lengths, size_t *bytes)
{
    if (p->tail_count < p->tail_capacity)
        return true;
    if (p->tail_count == BLOCK_POSTINGS)
        return seal(p, lengths, bytes);
    uint8_t capacity = p->tail_capacity ? (uint8_t)(p->tail_capacity * 2) : 2;
    struct posting *tail = realloc(p->tail, capacity * sizeof *tail);
    if (!tail)
        return false;
    *bytes += (size_t)(capacity - p->tail_capacity) * sizeof *tail;
    p->tail = tail;
    p->tail_capacity = capacity;
    return true;
}

void postings_append(struct postings *p, struct posting posting)
{
    if (posting.count > COUNT_MAX)
        posting.count = COUNT_MAX;
    p->tail[p->tail_count++] = posting;
    p->count++;
    p->living = 0;
}

void postings_clear(struct postings *p, size_t *bytes)
{
    for (uint32_t i = 0; i < p->block_count; i++) {
        *bytes -= block_bytes(&p->blocks[i]);
        free(p->blocks[i].bytes);
    }
    *bytes -= p->block_capacity * sizeof *p->blocks + p->tail_capacity * sizeof *p->tail;
    free(p->blocks);
    free(p->tail);
    *p = (struct postings){0};
}

/* ---- places ---- */

static void enter(struct place *p, uint32_t block)
{
    p->block = block;
    p->at = 0;
    if (block < p->list->block_count)
        p->chunk = p->list->blocks[block].first;
    else
        p->chunk = p->list->tail_count ? p->list->tail[0].chunk : NO_CHUNK;
}

struct place place_first(const struct postings *list)
{
    struct place p = {.list = list};
    enter(&p, 0);
    return p;
}

uint32_t place_count(const struct place *p)
{
    if (p->block == p->list->block_count)
        return p->list->tail[p->at].count;
    const uint8_t *counts = block_counts(&p->list->blocks[p->block]);
    return counts ? counts[p->at] : 1;
}

void place_next(struct place *p)
{
    p->at++;
    if (p->block == p->list->block_count)
        p->chunk = p->at < p->list->tail_count ? p->list->tail[p->at].chunk : NO_CHUNK;
    else if (p->at < BLOCK_POSTINGS)
        p->chunk += block_step(&p->list->blocks[p->block], p->at);
    else
        enter(p, p->block + 1);
}

/* The first block from `from` on that ends at the chunk or later; block_count when none does. Steps that double, then halves. */
static uint32_t block_of(const struct postings *list, uint32_t from, uint32_t chunk)
{
    uint32_t low = from, step = 1;
    while (low < list->block_count && list->blocks[low].last < chunk && list->block_count - low > step && list->blocks[low + step].last < chunk) {
        low += step;
        step *= 2;
    }
    uint32_t high = list->block_count - low > step ? low + step : list->block_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list->blocks[middle].last < chunk)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void place_seek(struct place *p, uint32_t chunk)
{
    if (p->chunk >= chunk)
        return;
    uint32_t block = block_of(p->list, p->block, chunk);
    if (block != p->block)
        enter(p, block);
    while (p->chunk < chunk)
        place_next(p);
}
