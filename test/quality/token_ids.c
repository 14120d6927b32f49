/* The tokenizer's ids for a test that compares them and for one that measures it: token_ids WEIGHTS TEXTS [SECONDS]; token_ids WEIGHTS. TEXTS holds a text a line; for each a line of ids, without those
 * that the encoder adds, goes to standard output. With SECONDS instead one line, "bytes seconds": the fastest of the passes over all texts that fit in so many CPU seconds. Without texts the
 * vocabulary of a unigram: "piece ID SCORE HEX" in the order of bytes, then "letters CODE-POINT: CODE-POINT ...". */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "embed/embed_internal.h"
#include "embed/tokens.h"

enum { TEXTS_BYTES = 64 << 20, IDS = 1 << 20, PIECE_BYTES = 63 };

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

/* Every string that begins with bytes[0..n), which lead to unit. */
static void print_pieces(const struct unigram *u, const struct trie_unit *unit, unsigned char *bytes, size_t n)
{
    if (unit->value) {
        printf("piece %u %.9g ", unit->value - 1, (double)u->scores[unit->value - 1]);
        for (size_t i = 0; i < n; i++)
            printf("%02x", bytes[i]);
        putchar('\n');
    }
    for (unsigned c = 1; c < 256 && n < PIECE_BYTES; c++) {
        struct trie_unit child = *unit;
        bytes[n] = (unsigned char)c;
        if (unit->base_label >> 8 && trie_step(&u->trie, &child, bytes[n]))
            print_pieces(u, &child, bytes, n + 1);
    }
}

static void print_letters(const struct unigram *u)
{
    for (uint32_t c = 0; c < UNIGRAM_PAGES * UNIGRAM_PAGE; c++) {
        uint32_t place = u->entry[(size_t)u->page[c / UNIGRAM_PAGE] * UNIGRAM_PAGE + c % UNIGRAM_PAGE];
        if (!place)
            continue;
        printf("letters %u:", c);
        for (uint32_t i = 0; i < u->letters[place - 1]; i++)
            printf(" %u", u->letters[place + i]);
        putchar('\n');
    }
}

static void print_vocabulary(const struct unigram *u)
{
    unsigned char bytes[PIECE_BYTES + 1];
    if (!u->trie.units)
        return;
    print_pieces(u, &u->trie.units[0], bytes, 0);
    print_letters(u);
}

static int run(const struct embed_model *m, const char *path, const char *seconds)
{
    static char bytes[TEXTS_BYTES];
    static uint32_t ids[IDS];
    FILE *f = fopen(path, "rb");
    if (!f)
        return 1;
    struct span rest = {bytes, fread(bytes, 1, sizeof bytes, f)}, line;
    fclose(f);
    if (seconds)
        measure(m, rest, strtod(seconds, NULL));
    for (; !seconds && rest.n; print_ids(m, line, ids))
        span_cut(rest, '\n', &line, &rest);
    return 0;
}

int main(int argc, char **argv)
{
    char why[512] = "usage: token_ids WEIGHTS [TEXTS [SECONDS]]";
    struct embed_model *m = argc > 1 ? embed_open(argv[1], why, sizeof why) : NULL;
    if (!m) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    int status = 0;
    if (argc > 2)
        status = run(m, argv[2], argc > 3 ? argv[3] : NULL);
    else
        print_vocabulary(&m->weights.unigram);
    embed_close(m);
    return status;
}
