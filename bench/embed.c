/* Speed of the encoder on one thread, for each set of kernels: embed MODEL [SECONDS A FIGURE [KERNELS]]. Tokenising is included. */
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
        embed_texts(m, s, texts, count, out);
        now = cpu_seconds();
        *least = now - before < *least ? now - before : *least;
    }
    *mean = (cpu_seconds() - start) / (double)calls;
    buf_free(&text);
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
        report(m, argc > 2 ? strtod(argv[2], NULL) : 1);
        embed_close(m);
    }
    return 0;
}
