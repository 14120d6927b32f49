/* The lexical index on texts in files, a line each: CPU time of splitting and adding, of searches for the best ten, and memory.
 *
 *     bench_lexical PASSAGES QUESTIONS...        bench/lexical.py makes the files, and runs a peer on them
 *
 * Splitting into words (segmentation, stop words, English stemming) is included, for passages and questions. One thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "index/lexical.h"
#include "text/words.h"

enum { TOP = 10, LINE_MAX_BYTES = 1 << 16, QUESTIONS_MAX = 10000, ARENA_BYTES = 16 << 20, TERMS_MAX = 256 };

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const struct language english = {"en"};

static FILE *open_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(1);
    }
    return f;
}

static struct lexical *fill(const char *path, struct arena *arena)
{
    static char line[LINE_MAX_BYTES];
    struct lexical *x = lexical_new();
    FILE *f = open_file(path);
    double splitting = 0, adding = 0;
    size_t count = 0, bytes = 0;
    while (x && fgets(line, sizeof line, f)) {
        struct term *terms;
        size_t terms_count;
        uint32_t length;
        double start = cpu_seconds();
        bool ok = words_terms(span_of(line), english, arena, &terms, &terms_count, &length);
        double split = cpu_seconds();
        ok = ok && lexical_add(x, (int64_t)(count / 8), (int32_t)(count % 8), terms, terms_count, length);
        adding += cpu_seconds() - split;
        splitting += split - start;
        if (!ok) {
            fprintf(stderr, "no memory\n");
            exit(1);
        }
        count++;
        bytes += strlen(line);
        arena_reset(arena);
    }
    fclose(f);
    printf("%zu passages, %.1f MB: %.0f a second (words %.2f s, index %.2f s); %.1f MB of memory\n", count, (double)bytes / 1e6,
           (double)count / (splitting + adding), splitting, adding, (double)lexical_bytes(x) / 1e6);
    return x;
}

static size_t ask_one(const struct lexical *x, struct span question, struct arena *arena)
{
    struct lexical_hit hits[TOP];
    struct span words[TERMS_MAX];
    struct term *terms;
    size_t count;
    uint32_t length;
    if (!words_terms(question, english, arena, &terms, &count, &length))
        return 0;
    count = count < TERMS_MAX ? count : TERMS_MAX;
    for (size_t i = 0; i < count; i++)
        words[i] = terms[i].word;
    return lexical_search(x, &(struct lexical_query){.terms = words, .count = count}, hits, TOP);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void ask(const struct lexical *x, const char *path, struct arena *arena)
{
    static char line[LINE_MAX_BYTES];
    static double seconds[QUESTIONS_MAX];
    double total = 0;
    size_t count = 0, found = 0;
    FILE *f = open_file(path);
    while (count < QUESTIONS_MAX && fgets(line, sizeof line, f)) {
        double start = cpu_seconds();
        found += ask_one(x, span_of(line), arena);
        seconds[count] = cpu_seconds() - start;
        total += seconds[count++];
        arena_reset(arena);
    }
    fclose(f);
    qsort(seconds, count, sizeof *seconds, ascending);
    printf("  %s: %.0f a second; ms p50 %.3f, p99 %.3f (%zu questions, %.1f hits each)\n", path, (double)count / total, seconds[count / 2] * 1e3,
           seconds[count * 99 / 100] * 1e3, count, (double)found / (double)count);
}

/* Each term of the questions with its middle letter left out, as if misspelt. */
static void look_for_neighbours(const struct lexical *x, const char *path, struct arena *arena)
{
    static char line[LINE_MAX_BYTES];
    static double seconds[QUESTIONS_MAX];
    double total = 0;
    size_t count = 0, found = 0;
    FILE *f = open_file(path);
    while (count < QUESTIONS_MAX && fgets(line, sizeof line, f)) {
        struct term *terms;
        size_t terms_count;
        uint32_t length;
        arena_reset(arena);
        if (!words_terms(span_of(line), english, arena, &terms, &terms_count, &length) || !terms_count || terms[0].word.n < 4)
            continue;
        struct span word = arena_copy(arena, terms[0].word), neighbour;
        size_t middle = word.n / 2;
        memmove((char *)(uintptr_t)word.p + middle, word.p + middle + 1, word.n - middle - 1);
        word.n--;
        double start = cpu_seconds();
        found += lexical_neighbour(x, word, 2, &neighbour);
        seconds[count] = cpu_seconds() - start;
        total += seconds[count++];
    }
    fclose(f);
    qsort(seconds, count, sizeof *seconds, ascending);
    if (count)
        printf("  misspelt words: %.0f a second; ms p50 %.3f, p99 %.3f (%zu words, %zu found)\n", (double)count / total, seconds[count / 2] * 1e3,
               seconds[count * 99 / 100] * 1e3, count, found);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bench_lexical PASSAGES QUESTIONS...\n");
        return 2;
    }
    struct arena *arena = arena_new(ARENA_BYTES);
    struct lexical *x = fill(argv[1], arena);
    for (int i = 2; i < argc; i++)
        ask(x, argv[i], arena);
    look_for_neighbours(x, argv[argc - 1], arena);
    lexical_free(x);
    arena_free(arena);
    return 0;
}
