/* The dense index on vectors in files: recall@10 against the exact answers, CPU time of a search and of adding, and memory; a large one also divided.
 *
 *     bench_dense DIR N        DIR/vecN.f32 [N][384], DIR/q.f32 [questions][384], DIR/gtN.i32 [questions][10]
 *
 * The files are those of the vector peers' generator (vecgen.py), so that its peers can be measured on them in the same sitting. One thread. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "index/dense.h"

enum { D = DENSE_DIMENSIONS, TOP = 10, CHUNKS_OF_A_DOCUMENT = 16 };

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *read_file(const char *folder, const char *name, size_t *bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    *bytes = (size_t)ftell(f);
    rewind(f);
    void *content = malloc(*bytes + 1);
    if (!content || fread(content, 1, *bytes, f) != *bytes) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    fclose(f);
    return content;
}

/* Symmetric, one scale for the vector: as the encoder's vectors are stored. */
static float quantise(const float v[D], int8_t values[D])
{
    float most = 0;
    for (size_t i = 0; i < D; i++)
        most = fmaxf(most, fabsf(v[i]));
    float scale = most > 0 ? most / 127 : 1;
    for (size_t i = 0; i < D; i++)
        values[i] = (int8_t)lrintf(v[i] / scale);
    return scale;
}

static struct dense *fill(const float *vectors, size_t count)
{
    struct dense *x = dense_new();
    double start = cpu_seconds(), quantising = 0;
    for (size_t i = 0; x && i < count; i++) {
        int8_t values[D];
        double before = i % 64 ? 0 : cpu_seconds();
        float scale = quantise(vectors + i * D, values);
        quantising += i % 64 ? 0 : 64 * (cpu_seconds() - before);
        if (!dense_add(x, (int64_t)(i / CHUNKS_OF_A_DOCUMENT), (int32_t)(i % CHUNKS_OF_A_DOCUMENT), values, scale, 1)) {
            fprintf(stderr, "no memory\n");
            exit(1);
        }
    }
    double seconds = cpu_seconds() - start - quantising;
    printf("%zu vectors: added in %.2f s CPU, %.0f a second; %.1f bytes each\n", count, seconds, (double)count / seconds,
           (double)dense_bytes(x) / (double)count);
    return x;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Hits that are among the truth's ten. */
static size_t right_of(const struct dense_hit *hits, size_t found, const int32_t *truth)
{
    size_t right = 0;
    for (size_t i = 0; i < found && i < TOP; i++) {
        int32_t row = (int32_t)(hits[i].document_id * CHUNKS_OF_A_DOCUMENT + hits[i].ordinal);
        for (size_t j = 0; j < TOP; j++)
            right += truth[j] == row;
    }
    return right;
}

static void ask(const struct dense *x, const float *questions, size_t count, const int32_t *truth, size_t limit)
{
    struct dense_hit hits[512];
    double *seconds = calloc(count, sizeof *seconds), total = 0;
    size_t right = 0;
    for (size_t q = 0; seconds && q < count; q++) {
        int8_t values[D];
        struct dense_query query = {.values = values, .scale = quantise(questions + q * D, values)};
        double start = cpu_seconds();
        size_t found = dense_search(x, &query, hits, limit);
        seconds[q] = cpu_seconds() - start;
        total += seconds[q];
        right += right_of(hits, found, truth + q * TOP);
    }
    qsort(seconds, count, sizeof *seconds, ascending);
    printf("  best %3zu: recall@10 %.4f, %.0f a second; ms mean %.3f, p50 %.3f, p99 %.3f\n", limit, (double)right / (double)(count * TOP),
           (double)count / total, total / (double)count * 1e3, seconds[count / 2] * 1e3, seconds[count * 99 / 100] * 1e3);
    free(seconds);
}

/* Divides the index, and measures adding to it then: vectors that are removed again. */
static void divide(struct dense *x, const float *questions, size_t count)
{
    enum { ADDED = 20000 };
    const int64_t document = (int64_t)1 << 40;
    size_t before = dense_chunks(x);
    double start = cpu_seconds(), quantising;
    int8_t values[D];
    if (!dense_divide(x, NULL)) {
        fprintf(stderr, "no memory\n");
        exit(1);
    }
    printf("divided in %.2f s CPU; %.1f bytes each", cpu_seconds() - start, (double)dense_bytes(x) / (double)before);
    start = cpu_seconds();
    for (size_t i = 0; i < ADDED; i++)
        (void)quantise(questions + i % count * D, values);
    quantising = cpu_seconds() - start;
    start = cpu_seconds();
    for (size_t i = 0; i < ADDED; i++) {
        float scale = quantise(questions + i % count * D, values);
        if (!dense_add(x, document, (int32_t)i, values, scale, 1))
            exit(1);
    }
    printf("; %.0f added a second\n", ADDED / (cpu_seconds() - start - quantising));
    dense_remove(x, document);
}

int main(int argc, char **argv)
{
    char name[64];
    size_t bytes, questions_bytes;
    if (argc != 3 || strtoul(argv[2], NULL, 10) == 0) {
        fprintf(stderr, "usage: bench_dense DIR N\n");
        return 2;
    }
    size_t count = strtoul(argv[2], NULL, 10);
    float *questions = read_file(argv[1], "q.f32", &questions_bytes);
    snprintf(name, sizeof name, "gt%zu.i32", count);
    int32_t *truth = read_file(argv[1], name, &bytes);
    size_t asked = questions_bytes / (D * sizeof(float));
    snprintf(name, sizeof name, "vec%zu.f32", count);
    float *vectors = read_file(argv[1], name, &bytes);
    if (bytes != count * D * sizeof(float) || asked == 0) {
        fprintf(stderr, "%s: not %zu vectors\n", name, count);
        return 1;
    }
    struct dense *x = fill(vectors, count);
    free(vectors);
    ask(x, questions, asked, truth, TOP);
    ask(x, questions, asked, truth, 100);
    if (count >= DENSE_DIVIDED) {
        divide(x, questions, asked);
        ask(x, questions, asked, truth, TOP);
        ask(x, questions, asked, truth, 100);
    }
    dense_free(x);
    free(truth);
    free(questions);
    return 0;
}
