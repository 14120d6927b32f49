/* The dense index as bytes: a head, the living runs, then one array after the other of their rows; then their codes. */
#include <stdlib.h>

#include "index/dense_internal.h"

struct saved_head {
    uint32_t rows, runs, codes_again, has_codes;
};

struct saved_run {
    int64_t document_id;
    int32_t ordinal;
    uint32_t count;
};

/* ---- writing ---- */

static uint32_t living_runs(const struct dense *x)
{
    uint32_t living = 0;
    for (uint32_t i = 0; i < x->run_count; i++)
        living += x->runs[i].ordinal != DEAD;
    return living;
}

static bool put_runs(const struct dense *x, const struct index_sink *sink)
{
    for (uint32_t i = 0; i < x->run_count; i++) {
        struct saved_run run = {x->runs[i].document_id, x->runs[i].ordinal, x->runs[i].count};
        if (run.ordinal != DEAD && !sink_put(sink, &run, sizeof run))
            return false;
    }
    return true;
}

static bool put_living(const struct dense *x, const void *array, size_t size, const struct index_sink *sink)
{
    for (uint32_t i = 0; i < x->run_count; i++) {
        const struct run *run = &x->runs[i];
        if (run->ordinal != DEAD && !sink_put(sink, (const char *)array + run->first * size, run->count * size))
            return false;
    }
    return true;
}

static bool is_living(const void *context, uint32_t row)
{
    const struct dense *x = context;
    return x->runs[x->run_of[row]].ordinal != DEAD;
}

bool dense_save(const struct dense *x, const struct index_sink *sink)
{
    struct saved_head head = {.rows = x->count - x->dead, .runs = living_runs(x), .codes_again = x->codes_again, .has_codes = x->codes != NULL};
    return sink_put(sink, &head, sizeof head) && put_runs(x, sink) && put_living(x, x->scales, sizeof *x->scales, sink) &&
           put_living(x, x->ratios, sizeof *x->ratios, sink) && put_living(x, x->vectors, DENSE_DIMENSIONS, sink) &&
           (!x->codes || codes_save(x->codes, x->count, x->dead ? is_living : NULL, x, sink));
}

/* ---- reading ---- */

/* Behind those that are there; its rows are the next. False when it cannot be, or is of a document that is not known. */
static bool take_run(struct dense *x, const struct saved_run *saved, uint32_t rows, const struct index_known *known)
{
    uint64_t previous = NO_RUN;
    if (saved->ordinal < 0 || saved->count == 0 || saved->count > rows - x->count || saved->count > INT32_MAX - (uint32_t)saved->ordinal ||
        !known->known(known->context, saved->document_id))
        return false;
    map_get(x->documents, document_key(&saved->document_id), &previous);
    if (!map_put(x->documents, document_key(&saved->document_id), x->run_count))
        return false;
    for (uint32_t i = 0; i < saved->count; i++)
        x->run_of[x->count + i] = x->run_count;
    x->runs[x->run_count++] = (struct run){saved->document_id, x->count, saved->count, saved->ordinal, (uint32_t)previous};
    x->count += saved->count;
    return true;
}

static bool read_runs(struct dense *x, const struct saved_head *head, struct index_source *source, const struct index_known *known)
{
    if (head->runs > source->left / sizeof(struct saved_run) || head->rows > source->left / DENSE_DIMENSIONS || head->rows > UINT32_MAX / 4)
        return false;
    x->runs = calloc(head->runs ? head->runs : 1, sizeof *x->runs);
    x->run_of = calloc(head->rows ? head->rows : 1, sizeof *x->run_of);
    if (!x->runs || !x->run_of)
        return false;
    x->run_capacity = head->runs;
    x->capacity = head->rows;
    while (x->run_count < head->runs) {
        struct saved_run saved;
        if (!source_get(source, &saved, sizeof saved) || !take_run(x, &saved, head->rows, known))
            return false;
    }
    return x->count == head->rows;
}

static bool read_rows(struct dense *x, struct index_source *source)
{
    uint32_t rows = x->count;
    bool read = (x->scales = source_array(source, rows, rows, sizeof *x->scales)) && (x->ratios = source_array(source, rows, rows, sizeof *x->ratios)) &&
                (x->vectors = source_array(source, rows, rows, DENSE_DIMENSIONS));
    for (uint32_t i = 0; read && i < rows; i++)
        read = x->scales[i] >= 0 && x->scales[i] <= 1;
    return read;
}

struct dense *dense_load(struct index_source *source, const struct index_known *known)
{
    struct dense *x = dense_new();
    struct saved_head head;
    bool loaded = x && source_get(source, &head, sizeof head) && read_runs(x, &head, source, known) && read_rows(x, source) &&
                  (!head.has_codes || (x->codes = codes_load(head.rows, source)));
    if (!loaded) {
        dense_free(x);
        return NULL;
    }
    if (x->codes)
        x->codes_again = head.codes_again;
    return x;
}
