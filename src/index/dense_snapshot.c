/* The dense index as bytes: a head, then one array after the other, of the living rows; then their codes. */
#include <stdlib.h>

#include "index/dense_internal.h"

struct saved_head {
    uint32_t rows, codes_again, has_codes, zero;
};

/* The next rows that live, from *first on; false when there are no more. */
static bool next_living(const struct dense *x, uint32_t *first, uint32_t *count)
{
    uint32_t from = *first + *count, to;
    while (from < x->count && x->ordinals[from] == DEAD)
        from++;
    for (to = from; to < x->count && x->ordinals[to] != DEAD;)
        to++;
    *first = from;
    *count = to - from;
    return *count > 0;
}

static bool put_living(const struct dense *x, const void *array, size_t size, const struct index_sink *sink)
{
    for (uint32_t first = 0, count = 0; next_living(x, &first, &count);)
        if (!sink_put(sink, (const char *)array + first * size, count * size))
            return false;
    return true;
}

static bool is_living(const void *context, uint32_t row)
{
    return ((const struct dense *)context)->ordinals[row] != DEAD;
}

bool dense_save(const struct dense *x, const struct index_sink *sink)
{
    struct saved_head head = {.rows = x->count - x->dead, .codes_again = x->codes_again, .has_codes = x->codes != NULL};
    return sink_put(sink, &head, sizeof head) && put_living(x, x->ids, sizeof *x->ids, sink) && put_living(x, x->ordinals, sizeof *x->ordinals, sink) &&
           put_living(x, x->scales, sizeof *x->scales, sink) && put_living(x, x->ratios, sizeof *x->ratios, sink) &&
           put_living(x, x->vectors, DENSE_DIMENSIONS, sink) && (!x->codes || codes_save(x->codes, x->count, x->dead ? is_living : NULL, x, sink));
}

/* Chains and map of rows that have been read; false when one is none, or of a document that is not known. */
static bool take_rows(struct dense *x, uint32_t rows, const struct index_known *known)
{
    for (; x->count < rows; x->count++) {
        uint32_t row = x->count;
        uint64_t previous = NO_ROW;
        if (x->ordinals[row] < 0 || !(x->scales[row] >= 0 && x->scales[row] <= 1))
            return false;
        if (row && x->ids[row - 1] == x->ids[row])
            previous = row - 1;
        else if (!known->known(known->context, x->ids[row]))
            return false;
        else
            map_get(x->documents, document_key(&x->ids[row]), &previous);
        x->previous[row] = (uint32_t)previous;
        if (!map_put(x->documents, document_key(&x->ids[row]), row))
            return false;
    }
    return true;
}

static bool read_rows(struct dense *x, uint32_t rows, struct index_source *source)
{
    if (rows > source->left / DENSE_DIMENSIONS || rows > UINT32_MAX / 4)
        return false;
    x->capacity = rows;
    return (x->ids = source_array(source, rows, rows, sizeof *x->ids)) && (x->ordinals = source_array(source, rows, rows, sizeof *x->ordinals)) &&
           (x->scales = source_array(source, rows, rows, sizeof *x->scales)) && (x->ratios = source_array(source, rows, rows, sizeof *x->ratios)) &&
           (x->vectors = source_array(source, rows, rows, DENSE_DIMENSIONS)) && (x->previous = calloc(rows ? rows : 1, sizeof *x->previous));
}

struct dense *dense_load(struct index_source *source, const struct index_known *known)
{
    struct dense *x = dense_new();
    struct saved_head head;
    bool loaded = x && source_get(source, &head, sizeof head) && read_rows(x, head.rows, source) && take_rows(x, head.rows, known) &&
                  (!head.has_codes || (x->codes = codes_load(head.rows, source)));
    if (!loaded) {
        dense_free(x);
        return NULL;
    }
    if (x->codes)
        x->codes_again = head.codes_again;
    return x;
}
