/* Four rounds of signs and a fast Walsh-Hadamard transform over 256 of the 384 dimensions, the first and the last in turns, so that all of them mix. A transform of
 * 256 is taken as 16 rows of 16: butterflies between rows, a transposition, butterflies between rows again. What results is its usual order but for a permutation,
 * which is as good here, and every step works on whole rows. */
#include "index/rotation.h"

#include <string.h>

enum { SIDE = 16, SPAN = SIDE * SIDE, ROUNDS = 4 };

static void butterflies(float m[SPAN])
{
    for (size_t step = SIDE; step < SPAN; step *= 2) {
        for (size_t i = 0; i < SPAN; i += 2 * step) {
            for (size_t j = i; j < i + step; j++) {
                float a = m[j], b = m[j + step];
                m[j] = a + b;
                m[j + step] = a - b;
            }
        }
    }
}

static void transpose(const float from[SPAN], float to[SPAN])
{
    for (size_t row = 0; row < SIDE; row++) {
        for (size_t column = 0; column < SIDE; column++)
            to[column * SIDE + row] = from[row * SIDE + column];
    }
}

/* The sign of component i in a round: a bit of a mixed counter (splitmix64). */
static float sign_of(uint64_t round, uint64_t i)
{
    uint64_t x = (round * DENSE_DIMENSIONS + i + 1) * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x >> 63 ? -1 : 1;
}

/* Signs of a round, over its 256 dimensions, with the transform's 1/16 in them. */
struct signs {
    float of[ROUNDS][SPAN];
};

static void signs_fill(struct signs *s)
{
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < SPAN; i++)
            s->of[round][i] = sign_of(round, i) / SIDE;
    }
}

static const struct signs *signs_get(void)
{
    static _Thread_local struct signs signs; /* a thread's own: filled once, and no lock needed */
    if (signs.of[0][0] == 0)
        signs_fill(&signs);
    return &signs;
}

void rotate(float v[DENSE_DIMENSIONS])
{
    const struct signs *signs = signs_get();
    float m[SPAN];
    for (size_t round = 0; round < ROUNDS; round++) {
        float *part = v + (round % 2 ? DENSE_DIMENSIONS - SPAN : 0);
        for (size_t i = 0; i < SPAN; i++)
            m[i] = part[i] * signs->of[round][i];
        butterflies(m);
        transpose(m, part);
        butterflies(part);
    }
}
