/* The dense index: rows in the order they came, what is known of them in arrays side by side. A removed row is marked and skipped until enough are dead to
 * close the gaps. */
#include "index/dense.h"

#include <stdlib.h>
#include <string.h>

#include "index/dense_internal.h"

enum {
    ROWS_FIRST = 16,
    ROWS_DOUBLED = 4096, /* room doubles up to here, and then grows by a 256th: the memory of a large tenant is in use */
    ANEW_MOST = 20000,   /* rows that are moved together, or coded again, while searches wait: some 30 ms */
};

struct dense *dense_new(void)
{
    struct dense *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->dots = dots_choose();
    x->codes_again = DENSE_EXACT;
    x->lists_again = DENSE_DIVIDED;
    x->documents = map_new();
    if (x->documents)
        return x;
    dense_free(x);
    return NULL;
}

void dense_free(struct dense *x)
{
    if (!x)
        return;
    map_free(x->documents);
    codes_free(x->codes);
    lists_free(x->lists);
    free(x->runs);
    free(x->run_of);
    free(x->scales);
    free(x->ratios);
    free(x->vectors);
    free(x);
}

/* ---- codes ---- */

void dense_mean(const struct dense *x, float mean[DENSE_DIMENSIONS])
{
    double sum[DENSE_DIMENSIONS] = {0};
    for (uint32_t row = 0; row < x->count; row++) {
        const int8_t *v = vector_of(x, row);
        for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
            sum[i] += (double)v[i] * (double)x->scales[row];
    }
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
        mean[i] = (float)(sum[i] / x->count);
}

void dense_drop_codes(struct dense *x, uint32_t again)
{
    codes_free(x->codes);
    lists_free(x->lists);
    x->codes = NULL;
    x->lists = NULL;
    x->codes_again = again;
}

/* Codes of all rows around their centre. Without memory for them every search is exact, and slower, until there are twice as many rows. */
static void make_codes(struct dense *x)
{
    float centre[DENSE_DIMENSIONS];
    dense_drop_codes(x, dense_times(4, x->count));
    dense_mean(x, centre);
    x->codes = codes_new(centre);
    if (!x->codes || !codes_resize(x->codes, x->capacity)) {
        dense_drop_codes(x, dense_times(2, x->count));
        return;
    }
    for (uint32_t row = 0; row < x->count; row++)
        codes_set(x->codes, row, vector_of(x, row), x->scales[row]);
}

/* The codes of a large index go on around the centres that they have, until it is built anew. */
static bool needs_codes(const struct dense *x)
{
    return x->count >= x->codes_again && !x->lists && (!x->codes || x->count <= ANEW_MOST);
}

static void add_code(struct dense *x, uint32_t row)
{
    if (x->lists && !lists_add(x->lists, row, vector_of(x, row), x->scales[row]))
        dense_drop_codes(x, dense_times(2, x->count));
    else if (needs_codes(x) && !x->expecting)
        make_codes(x);
    else if (x->codes)
        codes_set(x->codes, row, vector_of(x, row), x->scales[row]);
}

/* ---- filling ---- */

static bool resize_one(void *array, uint32_t capacity, size_t size)
{
    void *old, *new;
    memcpy(&old, array, sizeof old);
    new = realloc(old, (size_t)capacity * size);
    if (new)
        memcpy(array, &new, sizeof new);
    return new != NULL;
}

/* When one array cannot have the room, those before it have more than is counted on: no harm. */
static bool resize(struct dense *x, uint32_t capacity)
{
    if (!resize_one(&x->vectors, capacity, DENSE_DIMENSIONS) || !resize_one(&x->run_of, capacity, sizeof *x->run_of) ||
        !resize_one(&x->scales, capacity, sizeof *x->scales) || !resize_one(&x->ratios, capacity, sizeof *x->ratios))
        return false;
    if (x->codes && !codes_resize(x->codes, capacity))
        dense_drop_codes(x, capacity);
    x->capacity = capacity;
    return true;
}

static uint32_t grown(uint32_t capacity)
{
    return capacity < ROWS_DOUBLED ? capacity ? capacity * 2 : ROWS_FIRST : capacity + capacity / 256;
}

static bool reserve(struct dense *x)
{
    return x->count < x->capacity || (x->capacity <= UINT32_MAX / 4 && resize(x, grown(x->capacity)));
}

static bool reserve_run(struct dense *x)
{
    if (x->run_count < x->run_capacity)
        return true;
    if (!resize_one(&x->runs, grown(x->run_capacity), sizeof *x->runs))
        return false;
    x->run_capacity = grown(x->run_capacity);
    return true;
}

void dense_expect(struct dense *x, size_t more)
{
    if (more > x->capacity / 256 && more < UINT32_MAX / 4 - x->count && x->count + more > x->capacity)
        (void)resize(x, x->count + (uint32_t)more);
    x->expecting = true;
}

void dense_settle(struct dense *x)
{
    x->expecting = false;
    if (needs_codes(x))
        make_codes(x);
}

/* Whether the next row goes on with the last run. Only one run of a document can be its last, and it is its newest. */
static bool goes_on(const struct dense *x, int64_t document_id, int32_t ordinal)
{
    const struct run *last = x->run_count ? &x->runs[x->run_count - 1] : NULL;
    return last && last->ordinal != DEAD && last->document_id == document_id && last->count <= INT32_MAX && ordinal - last->ordinal == (int32_t)last->count;
}

static bool begin_run(struct dense *x, int64_t document_id, int32_t ordinal)
{
    uint64_t previous = NO_RUN;
    if (!reserve_run(x))
        return false;
    map_get(x->documents, document_key(&document_id), &previous);
    if (!map_put(x->documents, document_key(&document_id), x->run_count))
        return false;
    x->runs[x->run_count++] = (struct run){document_id, x->count, 0, ordinal, (uint32_t)previous};
    return true;
}

bool dense_add(struct dense *x, int64_t document_id, int32_t ordinal, const int8_t values[DENSE_DIMENSIONS], float scale, float ratio)
{
    if (ordinal < 0 || !reserve(x) || (!goes_on(x, document_id, ordinal) && !begin_run(x, document_id, ordinal)))
        return false;
    uint32_t row = x->count++;
    float steps = ratio * RATIO_STEPS + 0.5f;
    memcpy(x->vectors + (size_t)row * DENSE_DIMENSIONS, values, DENSE_DIMENSIONS);
    x->runs[x->run_count - 1].count++;
    x->run_of[row] = x->run_count - 1;
    x->scales[row] = scale;
    x->ratios[row] = steps > 0 && steps < UINT16_MAX ? (uint16_t)steps : UINT16_MAX;
    add_code(x, row);
    return true;
}

/* ---- removing ---- */

static void move_run(struct dense *x, struct run run, uint32_t to)
{
    for (uint32_t i = 0; i < run.count; i++) {
        if (x->codes)
            codes_copy(x->codes, run.first + i, x->count + i);
        x->run_of[x->count + i] = to;
    }
    memmove(x->vectors + (size_t)x->count * DENSE_DIMENSIONS, vector_of(x, run.first), (size_t)run.count * DENSE_DIMENSIONS);
    memmove(x->scales + x->count, x->scales + run.first, run.count * sizeof *x->scales);
    memmove(x->ratios + x->count, x->ratios + run.first, run.count * sizeof *x->ratios);
    run.first = x->count;
    x->runs[to] = run;
    x->count += run.count;
}

/* Moves the living together. */
static void close_gaps(struct dense *x)
{
    uint32_t to = 0;
    x->count = 0;
    for (uint32_t i = 0; i < x->run_count; i++) {
        if (x->runs[i].ordinal != DEAD)
            move_run(x, x->runs[i], to++);
    }
    x->run_count = to;
    x->dead = 0;
}

/* Chains and map again, after runs have moved. The map holds every document already, so setting its run again needs no memory. */
static void link_runs(struct dense *x)
{
    for (uint32_t i = 0; i < x->run_count; i++)
        (void)map_put(x->documents, document_key(&x->runs[i].document_id), NO_RUN);
    for (uint32_t i = 0; i < x->run_count; i++) {
        uint64_t previous = NO_RUN;
        map_get(x->documents, document_key(&x->runs[i].document_id), &previous);
        x->runs[i].previous = (uint32_t)previous;
        (void)map_put(x->documents, document_key(&x->runs[i].document_id), i);
    }
}

/* Room that is no longer used; without memory for less it just stays. */
static void shrink(struct dense *x)
{
    uint32_t runs = x->run_count > ROWS_FIRST ? x->run_count : ROWS_FIRST;
    if (x->count < x->capacity / 4)
        (void)resize(x, x->count > ROWS_FIRST ? x->count : ROWS_FIRST);
    if (x->run_count < x->run_capacity / 4 && resize_one(&x->runs, runs, sizeof *x->runs))
        x->run_capacity = runs;
}

static void compact(struct dense *x)
{
    bool divided = x->lists;
    close_gaps(x);
    link_runs(x);
    if (divided || x->count < DENSE_EXACT)
        dense_drop_codes(x, DENSE_EXACT);
    if (divided && needs_codes(x))
        make_codes(x);
    shrink(x);
}

void dense_remove(struct dense *x, int64_t document_id)
{
    uint64_t newest;
    if (!map_get(x->documents, document_key(&document_id), &newest))
        return;
    map_remove(x->documents, document_key(&document_id));
    for (uint32_t run = (uint32_t)newest; run != NO_RUN; run = x->runs[run].previous) {
        x->runs[run].ordinal = DEAD;
        x->dead += x->runs[run].count;
    }
    if (x->dead > x->count / 3 && x->count <= ANEW_MOST)
        compact(x);
}

bool dense_worn(const struct dense *x)
{
    bool outgrown = (x->codes || x->lists) && x->count >= x->codes_again;
    return x->dead > x->count / 3 || outgrown || dense_undivided(x);
}

size_t dense_chunks(const struct dense *x)
{
    return x->count - x->dead;
}

size_t dense_bytes(const struct dense *x)
{
    size_t row = DENSE_DIMENSIONS + sizeof *x->run_of + sizeof *x->scales + sizeof *x->ratios;
    return sizeof *x + map_bytes(x->documents) + x->run_capacity * sizeof *x->runs + x->capacity * row + codes_bytes(x->codes) + lists_bytes(x->lists);
}
