/* The dense index as bytes: a head, the living runs, then one array after the other of their rows; then the codes, in order or in lists. */
#include <stdlib.h>

#include "index/dense_internal.h"

enum saved_codes { SAVED_NONE, SAVED_IN_ORDER, SAVED_IN_LISTS };

struct saved_head {
    uint32_t rows, runs, codes_again, codes; /* enum saved_codes */
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

/* What rows are called when the dead have gone. */
struct renumbering {
    const struct dense *x;
    uint32_t *first; /* [x->run_count], rows; NO_ROW: a dead run */
};

static uint32_t number_of(const void *context, uint32_t row)
{
    const struct renumbering *r = context;
    uint32_t run = r->x->run_of[row];
    return r->first[run] == NO_ROW ? NO_ROW : r->first[run] + (row - r->x->runs[run].first);
}

static bool put_lists(const struct dense *x, const struct index_sink *sink)
{
    struct renumbering r = {x, malloc((x->run_count + (size_t)1) * sizeof *r.first)};
    uint32_t rows = 0;
    for (uint32_t i = 0; r.first && i < x->run_count; i++) {
        bool living = x->runs[i].ordinal != DEAD;
        r.first[i] = living ? rows : NO_ROW;
        rows += living ? x->runs[i].count : 0;
    }
    bool put = r.first && lists_save(x->lists, number_of, &r, sink);
    free(r.first);
    return put;
}

static bool put_codes(const struct dense *x, enum saved_codes which, const struct index_sink *sink)
{
    switch (which) {
    case SAVED_IN_ORDER:
        return codes_save(x->codes, x->count, x->dead ? is_living : NULL, x, sink);
    case SAVED_IN_LISTS:
        return put_lists(x, sink);
    case SAVED_NONE:
        break;
    }
    return true;
}

bool dense_save(const struct dense *x, const struct index_sink *sink)
{
    struct saved_head head = {.rows = x->count - x->dead, .runs = living_runs(x), .codes_again = x->codes_again};
    enum saved_codes codes = x->codes ? SAVED_IN_ORDER : x->lists && head.rows ? SAVED_IN_LISTS : SAVED_NONE;
    head.codes = codes;
    return sink_put(sink, &head, sizeof head) && put_runs(x, sink) && put_living(x, x->scales, sizeof *x->scales, sink) &&
           put_living(x, x->ratios, sizeof *x->ratios, sink) && put_living(x, x->vectors, DENSE_DIMENSIONS, sink) && put_codes(x, codes, sink);
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

static bool read_codes(struct dense *x, const struct saved_head *head, struct index_source *source)
{
    if (head->codes == SAVED_IN_ORDER)
        x->codes = codes_load(head->rows, source);
    if (head->codes == SAVED_IN_LISTS)
        x->lists = lists_load(head->rows, source);
    if (x->lists)
        x->lists_again = dense_times(2, head->rows);
    if (x->codes || x->lists)
        x->codes_again = head->codes_again;
    return x->codes || x->lists || head->codes == SAVED_NONE;
}

struct dense *dense_load(struct index_source *source, const struct index_known *known)
{
    struct dense *x = dense_new();
    struct saved_head head;
    if (x && source_get(source, &head, sizeof head) && read_runs(x, &head, source, known) && read_rows(x, source) && read_codes(x, &head, source))
        return x;
    dense_free(x);
    return NULL;
}
