/* The lists as bytes: the centres, how many rows each list has, then its codes and the numbers of their rows in blocks of 16, list by list. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "index/estimate.h"
#include "index/lists_internal.h"

/* Lanes at the end of a list that are not in use are 0. */
struct saved_block {
    struct scan_block codes;
    uint32_t rows[SCAN_LANES];
};

/* ---- writing ---- */

struct renumbering {
    uint32_t (*number)(const void *context, uint32_t row);
    const void *context;
};

static uint32_t lanes_of(const struct lists *l, const struct list *list, uint32_t block)
{
    return l->next[block] == NO_BLOCK ? (list->rows - 1) % SCAN_LANES + 1 : SCAN_LANES;
}

static bool put_count(const struct lists *l, const struct list *list, const struct renumbering *n, const struct index_sink *sink)
{
    uint32_t count = 0;
    for (uint32_t at = list->first; at != NO_BLOCK; at = l->next[at]) {
        for (uint32_t lane = 0, end = lanes_of(l, list, at); lane < end; lane++)
            count += n->number(n->context, l->rows[at][lane]) != NO_ROW;
    }
    return sink_put(sink, &count, sizeof count);
}

static bool put_codes(const struct lists *l, const struct list *list, const struct renumbering *n, const struct index_sink *sink)
{
    struct saved_block gathered = {0};
    uint32_t count = 0;
    for (uint32_t at = list->first; at != NO_BLOCK; at = l->next[at]) {
        for (uint32_t lane = 0, end = lanes_of(l, list, at); lane < end; lane++) {
            uint32_t row = n->number(n->context, l->rows[at][lane]);
            if (row == NO_ROW)
                continue;
            estimate_copy(&l->blocks[at], lane, &gathered.codes, count);
            gathered.rows[count++] = row;
            if (count < SCAN_LANES)
                continue;
            if (!sink_put(sink, &gathered, sizeof gathered))
                return false;
            memset(&gathered, 0, sizeof gathered);
            count = 0;
        }
    }
    return count == 0 || sink_put(sink, &gathered, sizeof gathered);
}

bool lists_save(const struct lists *l, uint32_t (*number)(const void *context, uint32_t row), const void *context, const struct index_sink *sink)
{
    const struct renumbering n = {number, context};
    uint32_t count = partition_count(l->partition);
    bool put = partition_save(l->partition, sink) && sink_put(sink, l->centre, sizeof l->centre);
    for (uint32_t i = 0; put && i < count; i++)
        put = put_count(l, &l->list[i], &n, sink);
    for (uint32_t i = 0; put && i < count; i++)
        put = put_codes(l, &l->list[i], &n, sink);
    return put;
}

/* ---- reading ---- */

/* The lists of no rows yet; NULL when the bytes are none. */
static struct lists *get_centres(struct index_source *source)
{
    float centre[DENSE_DIMENSIONS];
    struct partition *partition = partition_load(source);
    bool read = partition && source_get(source, centre, sizeof centre);
    for (size_t i = 0; read && i < DENSE_DIMENSIONS; i++)
        read = fabsf(centre[i]) <= INT8_MAX;
    if (read)
        return lists_new(partition, centre);
    partition_free(partition);
    return NULL;
}

/* Reads how many rows each list has, and makes room; false when those are not `rows` together. */
static bool get_counts(struct lists *l, uint32_t rows, struct index_source *source)
{
    uint32_t blocks = 0, left = rows;
    for (uint32_t i = 0; i < partition_count(l->partition); i++) {
        uint32_t *count = &l->list[i].rows;
        if (!source_get(source, count, sizeof *count) || *count > left)
            return false;
        left -= *count;
        blocks += *count / SCAN_LANES + (*count % SCAN_LANES != 0);
    }
    return rows > 0 && left == 0 && blocks <= source->left / sizeof(struct saved_block) && lists_reserve(l, blocks);
}

/* False when a row is none of them, or has been met before. */
static bool note_rows(const uint32_t *numbers, uint32_t count, uint32_t rows, bool *met)
{
    for (uint32_t i = 0; i < count; i++) {
        if (numbers[i] >= rows || met[numbers[i]])
            return false;
        met[numbers[i]] = true;
    }
    return true;
}

static bool get_codes(struct lists *l, struct list *list, uint32_t rows, bool *met, struct index_source *source)
{
    for (uint32_t left = list->rows; left > 0;) {
        struct saved_block saved;
        uint32_t block = l->used++, count = left < SCAN_LANES ? left : SCAN_LANES;
        if (!source_get(source, &saved, sizeof saved) || !note_rows(saved.rows, count, rows, met))
            return false;
        l->blocks[block] = saved.codes;
        memcpy(l->rows[block], saved.rows, sizeof saved.rows);
        left -= count;
        l->next[block] = left ? l->used : NO_BLOCK;
        list->first = list->first == NO_BLOCK ? block : list->first;
        list->last = block;
    }
    return true;
}

struct lists *lists_load(uint32_t rows, struct index_source *source)
{
    struct lists *l = get_centres(source);
    bool *met = l && get_counts(l, rows, source) ? calloc(rows, sizeof *met) : NULL, read = met != NULL;
    for (uint32_t i = 0; read && i < partition_count(l->partition); i++)
        read = get_codes(l, &l->list[i], rows, met, source);
    free(met);
    if (read)
        return l;
    lists_free(l);
    return NULL;
}
