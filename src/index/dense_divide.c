/* Dividing a large dense index into neighbourhoods: learning them from a part of the rows, and putting the codes of all rows into their lists. */
#include <math.h>
#include <stdlib.h>

#include "index/dense_internal.h"

enum {
    LISTS_OF_ROOT = 4,   /* neighbourhoods: so many times the square root of the rows … */
    SAMPLE_OF_LIST = 32, /* … and the rows that one of them is learned from */
};

/* Rows to learn neighbourhoods from, evenly out of the living; NULL: no memory. */
static uint32_t *choose_sample(const struct dense *x, uint32_t wanted, size_t *count)
{
    uint32_t living = x->count - x->dead, seen = 0;
    uint32_t *rows = malloc((wanted + (size_t)1) * sizeof *rows);
    *count = 0;
    for (uint32_t row = 0; rows && row < x->count; row++) {
        if (x->runs[x->run_of[row]].ordinal == DEAD)
            continue;
        if ((uint64_t)seen++ * wanted / living >= *count && *count < wanted)
            rows[(*count)++] = row;
    }
    return rows;
}

static struct partition *learn(const struct dense *x, const atomic_bool *stop)
{
    uint32_t living = x->count - x->dead, lists = (uint32_t)(LISTS_OF_ROOT * sqrtf((float)living));
    lists = lists > PARTITION_WANTED ? PARTITION_WANTED : lists > living ? living : lists;
    uint32_t wanted = living / SAMPLE_OF_LIST < lists ? living : lists * SAMPLE_OF_LIST;
    struct partition_sample sample = {.vectors = x->vectors, .scales = x->scales, .stop = stop};
    uint32_t *rows = choose_sample(x, wanted, &sample.count);
    sample.rows = rows;
    struct partition *p = rows ? partition_new(&sample, lists) : NULL;
    free(rows);
    return p;
}

bool dense_divided(const struct dense *x)
{
    return x->lists != NULL;
}

bool dense_undivided(const struct dense *x)
{
    return !x->lists && x->count >= x->lists_again;
}

bool dense_divide(struct dense *x, const atomic_bool *stop)
{
    float centre[DENSE_DIMENSIONS];
    x->lists_again = dense_times(2, x->count);
    if (x->count == x->dead)
        return false;
    struct partition *partition = learn(x, stop);
    if (!partition)
        return false;
    dense_mean(x, centre);
    struct lists *lists = lists_new(partition, centre);
    if (!lists || !lists_fill(lists, x->vectors, x->scales, x->count, stop)) {
        lists_free(lists);
        return false;
    }
    dense_drop_codes(x, dense_times(4, x->count));
    x->lists = lists;
    return true;
}
