/* The tokenizer's ids for a test that compares them and for one that measures it: token_ids WEIGHTS TEXTS [SECONDS]. TEXTS holds a text a line; for each a line of ids, without those
 * that the encoder adds, goes to standard output. With SECONDS instead one line, "bytes seconds": the fastest of the passes over all texts that fit in so many CPU seconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "embed/embed_internal.h"
#include "embed/tokens.h"

enum { TEXTS_BYTES = 64 << 20, IDS = 1 << 20 };

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_ids(const struct embed_model *m, struct span text, uint32_t *ids)
{
    size_t count = tokens_list(&m->weights, SPAN(""), text, ids, IDS);
    for (size_t i = 0; i < count; i++)
        printf("%s%u", i ? " " : "", ids[i]);
    putchar('\n');
}

static void measure(const struct embed_model *m, struct span texts, double seconds)
{
    double start = cpu_seconds(), before = start, least = 1e9;
    struct embed_count count;
    while (before - start < seconds || least > 1e8) {
        struct span rest = texts, line;
        while (rest.n) {
            span_cut(rest, '\n', &line, &rest);
            embed_count(m, line, &count);
        }
        double now = cpu_seconds();
        least = now - before < least ? now - before : least;
        before = now;
    }
    printf("%zu %.9f\n", texts.n, least);
}

int main(int argc, char **argv)
{
    static char bytes[TEXTS_BYTES];
    static uint32_t ids[IDS];
    char why[512] = "usage: token_ids WEIGHTS TEXTS [SECONDS]";
    FILE *f = argc > 2 ? fopen(argv[2], "rb") : NULL;
    struct embed_model *m = f ? embed_open(argv[1], why, sizeof why) : NULL;
    if (!m) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    struct span rest = {bytes, fread(bytes, 1, sizeof bytes, f)}, line;
    fclose(f);
    if (argc > 3)
        measure(m, rest, strtod(argv[3], NULL));
    for (; argc == 3 && rest.n; print_ids(m, line, ids))
        span_cut(rest, '\n', &line, &rest);
    embed_close(m);
    return 0;
}
