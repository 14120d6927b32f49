/* Speed of the encoder on one thread, for each set of kernels: embed MODEL [SECONDS A FIGURE [KERNELS]]. Tokenising is included.
 * With embed MODEL SECONDS KERNELS TEXTS VECTORS (bench/embed.py), the texts are the lines of a file, and their vectors go to another as floats. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/sys.h"
#include "embed/embed_internal.h"

enum { BATCH = 32 };

/* CPU seconds of this thread: other programs on the machine do not count, though they do slow it down. */
static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A text of exactly so many tokens, [CLS] and [SEP] included. */
static struct span text_of(struct buf *b, size_t tokens)
{
    static const char *const words[] = {"vacation ", "days ", "of ", "the ", "company ", "are ", "paid ", "each "};
    buf_clear(b);
    for (size_t i = 0; i + 2 < tokens; i++)
        buf_str(b, words[i % (sizeof words / sizeof *words)]);
    return buf_view(b);
}

/* Seconds for one call with count texts of so many tokens: the least of many calls, which is what the code can do, and the mean. */
static void measure(const struct embed_model *m, struct embed_scratch *s, size_t tokens, size_t count, double seconds, double *least, double *mean)
{
    struct span texts[BATCH];
    struct embed_vector out[BATCH];
    struct buf text;
    size_t calls = 0;
    double start = cpu_seconds(), before = start;
    buf_init(&text, 1 << 16);
    for (size_t i = 0; i < count; i++)
        texts[i] = text_of(&text, tokens);
    *least = 1e9;
    for (double now = start; now - start < seconds || calls == 0; before = now, calls++) {
        embed_texts(m, s, EMBED_PASSAGE, texts, count, out);
        now = cpu_seconds();
        *least = now - before < *least ? now - before : *least;
    }
    *mean = (cpu_seconds() - start) / (double)calls;
    buf_free(&text);
}

struct racer {
    const struct embed_model *model;
    double seconds, least, mean;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct embed_scratch *s = embed_scratch_new(r->model);
    if (s)
        measure(r->model, s, 64, BATCH, r->seconds, &r->least, &r->mean);
    embed_scratch_free(s);
    return NULL;
}

/* How many times the work of one thread two do that share the model, in passages of 64 tokens. By CPU time: what they cost each other in caches and memory, not what else runs. */
static void report_two(const struct embed_model *m, double seconds)
{
    struct racer one = {.model = m, .seconds = seconds}, two[2] = {one, one};
    pthread_t thread[2];
    race(&one);
    for (size_t i = 0; i < 2; i++)
        if (pthread_create(&thread[i], NULL, race, &two[i]) != 0)
            exit(1);
    for (size_t i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    printf("%s: two threads %.2f times one\n", embed_kernels(m), one.mean / two[0].mean + one.mean / two[1].mean);
}

static void report(const struct embed_model *m, double seconds)
{
    static const size_t lengths[] = {16, 64, 256};
    struct embed_scratch *s = embed_scratch_new(m);
    double least, mean;
    if (!s)
        return;
    printf("%s:", embed_kernels(m));
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        measure(m, s, lengths[i], BATCH, seconds, &least, &mean);
        printf(" %zu tokens: %.0f tokens/s (mean %.0f);", lengths[i], (double)(BATCH * lengths[i]) / least, (double)(BATCH * lengths[i]) / mean);
    }
    measure(m, s, 16, 1, seconds, &least, &mean);
    printf(" a question of 16 tokens: %.2f ms (mean %.2f)\n", least * 1e3, mean * 1e3);
    fflush(stdout);
    embed_scratch_free(s);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum { TEXTS = 4096, TEXTS_BYTES = 8 << 20 };

/* The lines of a file, in memory that stays. */
static size_t read_texts(const char *path, struct span texts[TEXTS])
{
    static char bytes[TEXTS_BYTES];
    FILE *f = fopen(path, "rb");
    struct span rest = {bytes, f ? fread(bytes, 1, sizeof bytes, f) : 0};
    size_t count = 0;
    while (count < TEXTS && rest.n > 0)
        span_cut(rest, '\n', &texts[count++], &rest);
    if (f)
        fclose(f);
    return count;
}

/* The median of CPU seconds for one text alone. */
static double alone(const struct embed_model *m, struct embed_scratch *s, const struct span *texts, size_t count, double seconds)
{
    static double calls[1 << 16];
    struct embed_vector out;
    size_t n = 0;
    double start = cpu_seconds(), before = start;
    while (n < sizeof calls / sizeof *calls && (n < count || before - start < seconds)) {
        embed_texts(m, s, EMBED_QUESTION, &texts[n % count], 1, &out);
        double now = cpu_seconds();
        calls[n++] = now - before;
        before = now;
    }
    qsort(calls, n, sizeof *calls, by_size);
    return calls[n / 2];
}

/* The least CPU seconds for all texts, BATCH at once. */
static double together(const struct embed_model *m, struct embed_scratch *s, const struct span *texts, size_t count, double seconds, struct embed_vector *out)
{
    double start = cpu_seconds(), least = 1e9;
    for (double before = start, now = start; now - start < seconds || least > 1e8; before = now) {
        for (size_t i = 0; i < count; i += BATCH)
            embed_texts(m, s, EMBED_PASSAGE, texts + i, count - i < BATCH ? count - i : BATCH, out + i);
        now = cpu_seconds();
        least = now - before < least ? now - before : least;
    }
    return least;
}

/* One line: seconds for all texts in batches, the median for one alone. */
static int measure_file(const struct embed_model *m, const char *from, const char *to, double seconds)
{
    static struct span texts[TEXTS];
    static struct embed_vector out[TEXTS];
    size_t count = read_texts(from, texts);
    struct embed_scratch *s = embed_scratch_new(m);
    FILE *f = fopen(to, "wb");
    if (count == 0 || !s || !f)
        return 1;
    double batch = together(m, s, texts, count, seconds, out);
    printf("%.9f %.9f\n", batch, alone(m, s, texts, count, seconds));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < EMBED_DIMENSIONS; j++) {
            float value = (float)out[i].values[j] * out[i].scale;
            fwrite(&value, sizeof value, 1, f);
        }
    embed_scratch_free(s);
    return fclose(f) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const char *const sets[] = {"scalar", "neon", "avx2", "avx-vnni", "avx512-vnni"};
    char why[512];
    if (argc < 2) {
        fputs("usage: embed MODEL [SECONDS [KERNELS]]\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (argc > 3 && strcmp(argv[3], sets[i]) != 0)
            continue;
        struct embed_model *m = embed_open_kernels(argv[1], sets[i], why, sizeof why);
        if (!m) {
            fprintf(stderr, "%s\n", why);
            continue;
        }
        if (argc > 5)
            return measure_file(m, argv[4], argv[5], strtod(argv[2], NULL));
        report(m, argc > 2 ? strtod(argv[2], NULL) : 1);
        report_two(m, argc > 2 ? strtod(argv[2], NULL) : 1);
        embed_close(m);
    }
    return 0;
}
