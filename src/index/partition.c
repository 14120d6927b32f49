/* Spherical k-means: a vector belongs to the centre with which its dot product is greatest, and a centre is the mean of its vectors, brought to length 1. First
 * a few regions, then neighbourhoods in each, and then some rounds over all neighbourhoods, in which a vector may move to a region beside its own. */
#include "index/partition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    D = DENSE_DIMENSIONS,
    INSIDE_MOST = 512, /* neighbourhoods of a region: more are never made of one */
    ROUNDS = 8,        /* of k-means in one region, or over regions */
    ROUNDS_OVER_ALL = 3,
    LOOKED_AT = 6, /* regions whose neighbourhoods are compared with a vector */
};

/* Vectors of length 1, in int8 with a scale each. */
struct centres {
    int8_t (*values)[D];
    float *scales;
};

struct partition {
    dots_kernel *dots;
    uint32_t regions, count;
    uint32_t first[PARTITION_REGIONS + 1]; /* the neighbourhoods of region r: first[r] to first[r + 1] - 1 */
    struct centres region;                 /* [regions] */
    struct centres near;                   /* [count] */
};

static bool centres_new(struct centres *c, size_t count)
{
    c->values = calloc(count, sizeof *c->values);
    c->scales = calloc(count, sizeof *c->scales);
    return c->values && c->scales;
}

static void centres_free(struct centres *c)
{
    free(c->values);
    free(c->scales);
}

void partition_free(struct partition *p)
{
    if (!p)
        return;
    centres_free(&p->region);
    centres_free(&p->near);
    free(p);
}

/* Sets centre i to the direction of sum; leaves it where it was when that has none. */
static void set_centre(const struct centres *c, size_t i, const float sum[D])
{
    float squares = 0, most = 0;
    for (size_t d = 0; d < D; d++) {
        squares += sum[d] * sum[d];
        most = fmaxf(most, fabsf(sum[d]));
    }
    if (!(squares > 0))
        return;
    for (size_t d = 0; d < D; d++)
        c->values[i][d] = (int8_t)lrintf(sum[d] / most * 127);
    c->scales[i] = most / 127 / sqrtf(squares);
}

/* The one of centres[first .. first + count - 1] whose dot product with the vector is greatest, and that product but for the vector's scale. */
static uint32_t greatest(const struct partition *p, const struct centres *c, uint32_t first, uint32_t count, const int8_t values[D], float *product)
{
    int32_t dots[INSIDE_MOST];
    uint32_t best = 0;
    *product = -INFINITY;
    p->dots(values, c->values[first], count, dots);
    for (uint32_t i = 0; i < count; i++) {
        float one = (float)dots[i] * c->scales[first + i];
        if (one > *product) {
            *product = one;
            best = i;
        }
    }
    return first + best;
}

/* ---- learning ---- */

struct learning {
    const struct partition_sample *sample;
    struct partition *p;
    uint32_t *rows;    /* [sample->count], those of a region together */
    uint32_t *nearest; /* [sample->count], of rows */
    float (*sums)[D];  /* of the vectors of a centre */
};

static const int8_t *vector_of(const struct learning *l, uint32_t row)
{
    return l->sample->vectors + (size_t)row * D;
}

static bool stopped(const struct learning *l)
{
    return l->sample->stop && atomic_load_explicit(l->sample->stop, memory_order_relaxed);
}

static void add_to_sum(const struct learning *l, uint32_t row, float sum[D])
{
    const int8_t *v = vector_of(l, row);
    float scale = l->sample->scales[row];
    for (size_t d = 0; d < D; d++)
        sum[d] += scale * (float)v[d];
}

/* k-means of `count` rows: the centres c[first .. first + k - 1], k ≤ count, and in `nearest` which of them each row belongs to. */
static void cluster(struct learning *l, const uint32_t *rows, uint32_t *nearest, size_t count, const struct centres *c, uint32_t first, uint32_t k)
{
    for (uint32_t i = 0; i < k; i++) {
        memset(l->sums[0], 0, sizeof l->sums[0]);
        add_to_sum(l, rows[i * count / k], l->sums[0]);
        set_centre(c, first + i, l->sums[0]);
    }
    for (int round = 0; round < ROUNDS && !stopped(l); round++) {
        float product;
        memset(l->sums, 0, k * sizeof *l->sums);
        for (size_t i = 0; i < count; i++) {
            nearest[i] = greatest(l->p, c, first, k, vector_of(l, rows[i]), &product);
            add_to_sum(l, rows[i], l->sums[nearest[i] - first]);
        }
        for (uint32_t i = 0; i < k; i++)
            set_centre(c, first + i, l->sums[i]);
    }
}

/* Brings the rows of a region together; starts[r] is where those of region r begin. */
static void sort_by_region(struct learning *l, size_t starts[PARTITION_REGIONS + 1])
{
    size_t count = l->sample->count, at[PARTITION_REGIONS];
    memset(starts, 0, (PARTITION_REGIONS + 1) * sizeof *starts);
    for (size_t i = 0; i < count; i++)
        starts[l->nearest[i] + 1]++;
    for (size_t r = 0; r < PARTITION_REGIONS; r++)
        starts[r + 1] += starts[r];
    memcpy(at, starts, sizeof at);
    for (size_t i = 0; i < count; i++)
        l->rows[at[l->nearest[i]]++] = l->sample->rows[i];
}

/* Divides each region into so many neighbourhoods as are its share of the sample; one at least, so that there may be a few more than wanted. */
static void divide(struct learning *l, uint32_t wanted)
{
    struct partition *p = l->p;
    size_t starts[PARTITION_REGIONS + 1], count = l->sample->count;
    sort_by_region(l, starts);
    for (uint32_t r = 0; r < p->regions; r++) {
        size_t inside = starts[r + 1] - starts[r];
        uint32_t k = (uint32_t)(((uint64_t)inside * wanted + count / 2) / count);
        k = k > INSIDE_MOST ? INSIDE_MOST : k > 0 || inside == 0 ? k : 1;
        p->first[r] = p->count;
        p->count += k;
        cluster(l, l->rows + starts[r], l->nearest + starts[r], inside, &p->near, p->first[r], k);
    }
    p->first[p->regions] = p->count;
}

static void move_centres(struct learning *l)
{
    struct partition *p = l->p;
    memset(l->sums, 0, p->count * sizeof *l->sums);
    for (size_t i = 0; i < l->sample->count && !stopped(l); i++) {
        uint32_t row = l->sample->rows[i];
        add_to_sum(l, row, l->sums[partition_of(p, vector_of(l, row))]);
    }
    for (uint32_t r = 0; r < p->regions; r++) {
        float whole[D] = {0};
        for (uint32_t i = p->first[r]; i < p->first[r + 1]; i++) {
            set_centre(&p->near, i, l->sums[i]);
            for (size_t d = 0; d < D; d++)
                whole[d] += l->sums[i][d];
        }
        set_centre(&p->region, r, whole);
    }
}

static bool learn(struct learning *l, uint32_t wanted)
{
    struct partition *p = l->p;
    cluster(l, l->sample->rows, l->nearest, l->sample->count, &p->region, 0, p->regions);
    if (stopped(l))
        return false;
    divide(l, wanted);
    for (int round = 0; round < ROUNDS_OVER_ALL; round++)
        move_centres(l);
    return !stopped(l);
}

static uint32_t regions_of(uint32_t wanted)
{
    uint32_t regions = (uint32_t)sqrtf((float)wanted);
    return regions > PARTITION_REGIONS ? PARTITION_REGIONS : regions ? regions : 1;
}

struct partition *partition_new(const struct partition_sample *sample, uint32_t wanted)
{
    struct partition *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->dots = dots_choose();
    p->regions = regions_of(wanted);
    size_t most = wanted + p->regions;
    struct learning l = {.sample = sample, .p = p};
    l.rows = malloc(sample->count * sizeof *l.rows);
    l.nearest = malloc(sample->count * sizeof *l.nearest);
    l.sums = malloc(most * sizeof *l.sums);
    bool done = l.rows && l.nearest && l.sums && centres_new(&p->region, p->regions) && centres_new(&p->near, most) && learn(&l, wanted);
    free(l.rows);
    free(l.nearest);
    free(l.sums);
    if (done)
        return p;
    partition_free(p);
    return NULL;
}

/* ---- use ---- */

uint32_t partition_count(const struct partition *p)
{
    return p->count;
}

/* The regions with the greatest products, in no order; returns how many: those without neighbourhoods are left out. */
static uint32_t best_regions(const struct partition *p, const int8_t values[D], uint32_t best[LOOKED_AT])
{
    int32_t dots[PARTITION_REGIONS];
    float products[LOOKED_AT];
    uint32_t count = 0;
    p->dots(values, p->region.values[0], p->regions, dots);
    for (uint32_t r = 0; r < p->regions; r++) {
        float product = (float)dots[r] * p->region.scales[r];
        if (p->first[r] == p->first[r + 1] || (count == LOOKED_AT && product <= products[LOOKED_AT - 1]))
            continue;
        uint32_t at = count < LOOKED_AT ? count++ : LOOKED_AT - 1;
        for (; at > 0 && products[at - 1] < product; at--) {
            products[at] = products[at - 1];
            best[at] = best[at - 1];
        }
        products[at] = product;
        best[at] = r;
    }
    return count;
}

uint32_t partition_of(const struct partition *p, const int8_t values[D])
{
    uint32_t regions[LOOKED_AT], count = best_regions(p, values, regions), best = 0;
    float most = -INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t r = regions[i];
        float product;
        uint32_t at = greatest(p, &p->near, p->first[r], p->first[r + 1] - p->first[r], values, &product);
        if (product > most) {
            most = product;
            best = at;
        }
    }
    return best;
}

const int8_t *partition_centre(const struct partition *p, uint32_t at, float *scale)
{
    *scale = p->near.scales[at];
    return p->near.values[at];
}

void partition_dots(const struct partition *p, const int8_t values[D], float scale, float *dots)
{
    int32_t some[INSIDE_MOST];
    for (uint32_t first = 0; first < p->count; first += INSIDE_MOST) {
        uint32_t count = p->count - first < INSIDE_MOST ? p->count - first : INSIDE_MOST;
        p->dots(values, p->near.values[first], count, some);
        for (uint32_t i = 0; i < count; i++)
            dots[first + i] = (float)some[i] * p->near.scales[first + i] * scale;
    }
}

size_t partition_bytes(const struct partition *p)
{
    return sizeof *p + (p->count + p->regions) * (D + sizeof(float));
}

/* ---- as bytes: how many there are, where each region's begin, then the centres ---- */

static bool put_centres(const struct centres *c, size_t count, const struct index_sink *sink)
{
    return sink_put(sink, c->values, count * sizeof *c->values) && sink_put(sink, c->scales, count * sizeof *c->scales);
}

bool partition_save(const struct partition *p, const struct index_sink *sink)
{
    const uint32_t head[] = {p->regions, p->count};
    return sink_put(sink, head, sizeof head) && sink_put(sink, p->first, (p->regions + 1) * sizeof *p->first) && put_centres(&p->region, p->regions, sink) &&
           put_centres(&p->near, p->count, sink);
}

static bool get_centres(struct centres *c, size_t count, struct index_source *source)
{
    c->values = source_array(source, count, count, sizeof *c->values);
    c->scales = c->values ? source_array(source, count, count, sizeof *c->scales) : NULL;
    for (size_t i = 0; c->scales && i < count; i++) {
        if (!(c->scales[i] >= 0 && c->scales[i] <= 1))
            return false;
    }
    return c->scales != NULL;
}

/* Whether each region begins where the one before ends, and none has more than a search has room for. */
static bool is_divided(const struct partition *p)
{
    bool divided = p->first[0] == 0 && p->first[p->regions] == p->count;
    for (uint32_t r = 0; divided && r < p->regions; r++)
        divided = p->first[r + 1] >= p->first[r] && p->first[r + 1] - p->first[r] <= INSIDE_MOST;
    return divided;
}

struct partition *partition_load(struct index_source *source)
{
    uint32_t head[2];
    if (!source_get(source, head, sizeof head) || head[0] < 1 || head[0] > PARTITION_REGIONS || head[1] < 1 || head[1] > PARTITION_MOST)
        return NULL;
    struct partition *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->dots = dots_choose();
    p->regions = head[0];
    p->count = head[1];
    if (source_get(source, p->first, (p->regions + 1) * sizeof *p->first) && is_divided(p) && get_centres(&p->region, p->regions, source) &&
        get_centres(&p->near, p->count, source))
        return p;
    partition_free(p);
    return NULL;
}
