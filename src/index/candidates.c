/* Selection of the best few of many. */
#include "index/candidates.h"

#include <math.h>

void candidates_init(struct candidates *c, size_t keep)
{
    c->count = 0;
    c->keep = keep;
    c->threshold = -INFINITY;
}

/* Brings the best `keep` to the front, in no order (Hoare's selection, from the middle). */
static void select_best(struct candidate *list, size_t count, size_t keep)
{
    ptrdiff_t low = 0, high = (ptrdiff_t)count - 1, at = (ptrdiff_t)keep - 1;
    while (low < high) {
        float pivot = list[low + (high - low) / 2].estimate;
        ptrdiff_t i = low, j = high;
        while (i <= j) {
            while (list[i].estimate > pivot)
                i++;
            while (list[j].estimate < pivot)
                j--;
            if (i <= j) {
                struct candidate c = list[i];
                list[i++] = list[j];
                list[j--] = c;
            }
        }
        if (at > j && at < i)
            return;
        low = at >= i ? i : low;
        high = at <= j ? j : high;
    }
}

static void shrink(struct candidates *c)
{
    if (c->count <= c->keep)
        return;
    select_best(c->list, c->count, c->keep);
    c->count = c->keep;
    c->threshold = INFINITY;
    for (size_t i = 0; i < c->count; i++)
        c->threshold = c->list[i].estimate < c->threshold ? c->list[i].estimate : c->threshold;
}

void candidates_push(struct candidates *c, float estimate, uint32_t row)
{
    if (c->count == 2 * CODES_KEEP_MAX || c->count >= 4 * c->keep)
        shrink(c);
    if (estimate > c->threshold)
        c->list[c->count++] = (struct candidate){estimate, row};
}

size_t candidates_best(struct candidates *c, uint32_t *rows)
{
    shrink(c);
    for (size_t i = 0; i < c->count; i++)
        rows[i] = c->list[i].row;
    return c->count;
}
