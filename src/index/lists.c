/* Blocks of 16 codes in chains, one for each neighbourhood. Those of the first filling follow one another; what comes later is put wherever the next block was
 * free. */
#include "index/lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "index/candidates.h"
#include "index/estimate.h"
#include "index/lists_internal.h"
#include "index/rotation.h"

enum { D = DENSE_DIMENSIONS, BATCH = 16, BLOCKS_FIRST = 64 };

void lists_free(struct lists *l)
{
    if (!l)
        return;
    partition_free(l->partition);
    free(l->list);
    free(l->centre_offsets);
    free(l->blocks);
    free(l->rows);
    free(l->next);
    free(l);
}

static float dot_with(const float v[D], const int8_t values[D], float scale)
{
    float dot = 0;
    for (size_t i = 0; i < D; i++)
        dot += v[i] * (float)values[i];
    return dot * scale;
}

struct lists *lists_new(struct partition *partition, const float centre[D])
{
    struct lists *l = calloc(1, sizeof *l);
    if (!l) {
        partition_free(partition);
        return NULL;
    }
    uint32_t count = partition_count(partition);
    l->partition = partition;
    l->scan = scan_choose();
    l->list = calloc(count, sizeof *l->list);
    l->centre_offsets = calloc(count, sizeof *l->centre_offsets);
    memcpy(l->centre, centre, sizeof l->centre);
    if (!l->list || !l->centre_offsets) {
        lists_free(l);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        float scale;
        const int8_t *values = partition_centre(partition, i, &scale);
        l->list[i] = (struct list){NO_BLOCK, NO_BLOCK, 0};
        l->centre_offsets[i] = dot_with(centre, values, scale);
    }
    return l;
}

size_t lists_bytes(const struct lists *l)
{
    if (!l)
        return 0;
    size_t block = sizeof *l->blocks + sizeof *l->rows + sizeof *l->next;
    return sizeof *l + partition_bytes(l->partition) + partition_count(l->partition) * (sizeof *l->list + sizeof *l->centre_offsets) + l->capacity * block;
}

/* ---- filling ---- */

/* Arrays that have the room already keep it when another has not: no harm. */
bool lists_reserve(struct lists *l, uint32_t capacity)
{
    struct scan_block *blocks = realloc(l->blocks, capacity * sizeof *blocks);
    l->blocks = blocks ? blocks : l->blocks;
    uint32_t(*rows)[SCAN_LANES] = realloc(l->rows, capacity * sizeof *rows);
    l->rows = rows ? rows : l->rows;
    uint32_t *next = realloc(l->next, capacity * sizeof *next);
    l->next = next ? next : l->next;
    if (!blocks || !rows || !next)
        return false;
    l->capacity = capacity;
    return true;
}

/* Another block at the end of a list. */
static bool append_block(struct lists *l, struct list *list)
{
    if (l->used == l->capacity &&
        (l->capacity > UINT32_MAX / 4 || !lists_reserve(l, l->capacity + (l->capacity < BLOCKS_FIRST * 128 ? BLOCKS_FIRST : l->capacity / 128))))
        return false;
    uint32_t block = l->used++;
    memset(&l->blocks[block], 0, sizeof l->blocks[block]);
    l->next[block] = NO_BLOCK;
    if (list->last == NO_BLOCK)
        list->first = block;
    else
        l->next[list->last] = block;
    list->last = block;
    return true;
}

static bool add_to(struct lists *l, uint32_t at, uint32_t row, const int8_t values[D], float scale)
{
    struct list *list = &l->list[at];
    size_t lane = list->rows % SCAN_LANES;
    if (lane == 0 && !append_block(l, list))
        return false;
    float v[D], centre_scale;
    const int8_t *centre = partition_centre(l->partition, at, &centre_scale);
    for (size_t i = 0; i < D; i++)
        v[i] = (float)values[i] * scale - (float)centre[i] * centre_scale;
    rotate(v);
    estimate_row(&l->blocks[list->last], lane, v, dot_with(l->centre, values, scale));
    l->rows[list->last][lane] = row;
    list->rows++;
    return true;
}

bool lists_add(struct lists *l, uint32_t row, const int8_t values[D], float scale)
{
    return add_to(l, partition_of(l->partition, values), row, values, scale);
}

/* Adds each row to its list, list by list: in `order` are the rows, those of list i up to ends[i]. */
static bool fill_ordered(struct lists *l, const int8_t *vectors, const float *scales, const uint32_t *order, const uint32_t *ends)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < partition_count(l->partition); i++) {
        for (; at < ends[i]; at++) {
            uint32_t row = order[at];
            if (!add_to(l, i, row, vectors + (size_t)row * D, scales[row]))
                return false;
        }
    }
    return true;
}

/* ends[i]: where the rows of list i end when all are put in the order of their lists. */
static uint32_t count_rows(const uint32_t *belongs, uint32_t rows, uint32_t *ends, uint32_t count)
{
    uint32_t blocks = 0;
    memset(ends, 0, count * sizeof *ends);
    for (uint32_t row = 0; row < rows; row++)
        ends[belongs[row]]++;
    for (uint32_t i = 0, sum = 0; i < count; i++) {
        blocks += (ends[i] + SCAN_LANES - 1) / SCAN_LANES;
        sum += ends[i];
        ends[i] = sum;
    }
    return blocks;
}

static bool assign(const struct lists *l, const int8_t *vectors, uint32_t rows, const atomic_bool *stop, uint32_t *belongs)
{
    for (uint32_t row = 0; row < rows; row++) {
        if (stop && atomic_load_explicit(stop, memory_order_relaxed))
            return false;
        belongs[row] = partition_of(l->partition, vectors + (size_t)row * D);
    }
    return true;
}

bool lists_fill(struct lists *l, const int8_t *vectors, const float *scales, uint32_t rows, const atomic_bool *stop)
{
    uint32_t count = partition_count(l->partition);
    uint32_t *belongs = malloc(rows * sizeof *belongs), *order = malloc(rows * sizeof *order), *ends = malloc(count * sizeof *ends);
    bool done = belongs && order && ends && assign(l, vectors, rows, stop, belongs) && lists_reserve(l, count_rows(belongs, rows, ends, count));
    for (uint32_t row = rows; done && row-- > 0;)
        order[--ends[belongs[row]]] = row;
    if (done)
        memmove(ends, ends + 1, (count - 1) * sizeof *ends); /* where a list begins the one before it ends */
    if (done)
        ends[count - 1] = rows;
    done = done && fill_ordered(l, vectors, scales, order, ends);
    free(belongs);
    free(order);
    free(ends);
    return done;
}

/* ---- searching ---- */

struct nearby {
    float dot; /* of the query, less g, with the centre */
    uint32_t list;
};

struct walk {
    const struct lists *l;
    const struct codes_query *query;
    bool selective;
    struct scan_query q;
    struct candidates found;
    uint64_t seen; /* rows, or those that were allowed of one in each block, times 16 */
};

/* Scans `count` blocks that follow one another, those of a neighbourhood whose centre has that dot product; lanes of the last one from `end` on are not in use.
 */
static void scan_blocks(struct walk *w, uint32_t first, uint32_t count, float dot, uint32_t end)
{
    const struct lists *l = w->l;
    float estimates[BATCH * SCAN_LANES];
    uint16_t above[BATCH];
    l->scan(&w->q, l->blocks + first, count, w->found.threshold - dot, estimates, above);
    above[count - 1] &= (uint16_t)((1u << end) - 1);
    for (uint32_t b = 0; b < count; b++) {
        const uint32_t *rows = l->rows[first + b];
        for (uint32_t bits = above[b]; bits; bits &= bits - 1) {
            uint32_t lane = (uint32_t)__builtin_ctz(bits);
            float estimate = estimates[b * SCAN_LANES + lane] + dot;
            if (estimate > w->found.threshold && w->query->allow(w->query->context, rows[lane]))
                candidates_push(&w->found, estimate, rows[lane]);
        }
        if (w->selective && w->query->allow(w->query->context, rows[0]))
            w->seen += SCAN_LANES;
    }
}

static void scan_list(struct walk *w, const struct list *list, float dot)
{
    const uint32_t *next = w->l->next;
    uint32_t end = (list->rows - 1) % SCAN_LANES + 1;
    for (uint32_t at = list->first; at != NO_BLOCK;) {
        uint32_t count = 1, last = at;
        while (count < BATCH && next[last] == last + 1) {
            last++;
            count++;
        }
        if (next[last] != NO_BLOCK)
            __builtin_prefetch(&w->l->blocks[next[last]]);
        scan_blocks(w, at, count, dot, last == list->last ? end : SCAN_LANES);
        at = next[last];
    }
    if (!w->selective)
        w->seen += list->rows;
}

/* A heap, the greatest dot product first. */
static void sink(struct nearby *heap, uint32_t count, uint32_t i)
{
    struct nearby n = heap[i];
    for (uint32_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && heap[child + 1].dot > heap[child].dot)
            child++;
        if (n.dot >= heap[child].dot)
            break;
        heap[i] = heap[child];
    }
    heap[i] = n;
}

static uint32_t measure(const struct lists *l, const struct codes_query *query, struct nearby heap[PARTITION_MOST])
{
    float dots[PARTITION_MOST];
    uint32_t count = 0;
    partition_dots(l->partition, query->values, query->scale, dots);
    for (uint32_t i = 0; i < partition_count(l->partition); i++) {
        if (l->list[i].rows)
            heap[count++] = (struct nearby){dots[i] - l->centre_offsets[i], i};
    }
    for (uint32_t i = count / 2; i-- > 0;)
        sink(heap, count, i);
    return count;
}

size_t lists_nearest(const struct lists *l, const struct codes_query *query, bool selective, uint32_t enough, size_t keep, uint32_t *nearest)
{
    struct walk w = {.l = l, .query = query, .selective = selective};
    struct nearby heap[PARTITION_MOST];
    float v[D];
    for (size_t i = 0; i < D; i++)
        v[i] = (float)query->values[i] * query->scale - l->centre[i];
    rotate(v);
    estimate_query(v, &w.q);
    candidates_init(&w.found, keep);
    for (uint32_t count = measure(l, query, heap); count > 0 && (w.seen < enough || w.found.count < keep);) {
        scan_list(&w, &l->list[heap[0].list], heap[0].dot);
        heap[0] = heap[--count];
        sink(heap, count, 0);
    }
    return candidates_best(&w.found, nearest);
}
