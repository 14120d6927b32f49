/* The arithmetic of the encoder: a table of functions, one set for each kind of processor, chosen once at embed_open.
 *
 * A matrix is multiplied as int8 × int8 into int32, which is exact: all sets give the same sums, and the results differ only by the rounding of floats. Within one
 * set the result for a row does not depend on the rows beside it, so a text has the same vector alone and in any batch. */
#ifndef EMBED_KERNELS_H
#define EMBED_KERNELS_H

#include "base/span.h"

enum {
    WIDTH = 384,     /* of a token */
    HEADS = 12,      /* of attention */
    HEAD = 32,       /* width of one of them */
    INNER = 1536,    /* width between the two matrices of the feed-forward part, at most */
    POSITIONS = 256, /* tokens of a text, at most */
    PANEL = 16,      /* output rows that lie together in a packed matrix … */
    DEPTH = 4,       /* … and columns: 64 bytes, one load of the widest vector */
};

/* y = x Wᵀ + bias. All values of packed lie in [-127, 127], which the AVX2 kernel relies on. rows is a multiple of 64, columns of 64. */
struct matrix {
    const int8_t *packed; /* [rows / PANEL][columns / DEPTH][PANEL][DEPTH] */
    const float *scale;   /* [rows]: weight = value * scale */
    const int32_t *sum;   /* [rows]: sum of the row's values, for kernels that need unsigned activations */
    const float *bias;    /* [rows] */
    size_t rows, columns;
};

struct norm {
    const float *gain, *bias; /* [WIDTH] */
    float eps;                /* added to the variance */
};

#define QUANTISE_LEAST 1e-30f /* below it a row counts as zeros: 127 / max must stay finite */

enum { ATTEND_SCRATCH = 64 * 1024 };

struct kernels {
    const char *name;
    /* out[i] = round(x[i] / *scale), *scale = max |x| / 127; n is a multiple of 64. A row of zeros has scale 0.
     * All of out lies in [-127, 127]. */
    void (*quantise)(const float *x, size_t n, int8_t *out, float *scale);
    /* x [count][w->columns], one scale a row → out [count][w->rows]. */
    void (*multiply)(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out);
    /* The same with x Φ(x) over each result: GELU in its exact form with erf, within 5e-5 for |x| ≤ 8. */
    void (*multiply_gelu)(const int8_t *x, const float *scale, size_t count, const struct matrix *w, float *out);
    /* x = LayerNorm(x + addend) in place, both [WIDTH]. */
    void (*add_norm)(float *x, const float *addend, const struct norm *norm);
    /* One head of one text: softmax(q kᵀ) v. qkv [tokens][3 * WIDTH]: queries (already divided by √HEAD), keys and values; columns HEAD * head … of each.
     * Writes the same columns of out [tokens][WIDTH]. 1 ≤ tokens ≤ POSITIONS; scratch of ATTEND_SCRATCH bytes, 64-byte aligned. */
    void (*attend)(const float *qkv, size_t tokens, size_t head, void *scratch, float *out);
};

/* The set of that name where this processor can run it, else NULL; NULL as a name takes the fastest. */
const struct kernels *kernels_find(const char *name);

/* Before a loop of constant bounds over an array that shall lie in registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 24")
#endif
#define INLINE static inline __attribute__((always_inline))

extern const struct kernels kernels_scalar;
extern const struct kernels kernels_neon;
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avxvnni;
extern const struct kernels kernels_avxvnni_evex; /* for the tests: kernels_avxvnni in the encoding of AVX-512 */
extern const struct kernels kernels_vnni;

#endif
