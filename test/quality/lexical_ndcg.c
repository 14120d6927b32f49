/* Retrieval quality of words and BM25 alone on a labelled corpus: lexical_ndcg FOLDER SET [FLOOR] [--whole]. Prints nDCG@10, Recall@10 and speed.
 * Exit status 1 below the floor, 77 (skipped) when the corpus is not there. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/map.h"
#include "base/sys.h"
#include "index/lexical.h"
#include "text/chunker.h"
#include "text/words.h"

enum { TOP = 10, DEPTH = 100, CORPUS_MAX = 1 << 30, ARENA_MAX = 64 << 20 };

/* One line of qrels: a relevant document of a query. */
struct judgement {
    struct span query, document;
    int64_t grade;
    uint64_t number; /* of the document */
};

struct bench {
    const char *folder, *set;
    bool whole; /* index documents as they are, not their chunks */
    struct lexical *index;
    struct map *documents; /* id in the corpus → number from 1 */
    struct map *languages; /* code → documents in it */
    struct language common;
    uint64_t common_count;
    struct arena *arena; /* of one document or question */
    struct buf corpus, questions, judged;
    struct judgement *judgements; /* [judgement_count], sorted by query; those of grade 0 left out */
    size_t judgement_count, document_count, chunk_count, query_count;
    double ndcg, recall; /* sums over the queries */
    int64_t search_us;
};

static bool read_file(const struct bench *b, const char *name, struct buf *out)
{
    char path[4096];
    buf_init(out, CORPUS_MAX);
    int n = snprintf(path, sizeof path, "%s/%s/%s", b->folder, b->set, name);
    int fd = n > 0 && (size_t)n < sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    bool ok = file_read_all(fd, out);
    close(fd);
    return ok;
}

static void die(const char *what)
{
    fprintf(stderr, "lexical_ndcg: %s\n", what);
    exit(2);
}

static void note_language(struct bench *b, struct language language)
{
    uint64_t n = 0;
    map_get(b->languages, span_of(language.code), &n);
    if (!map_put(b->languages, span_of(language.code), ++n))
        die("out of memory");
    if (n > b->common_count && language.code[0]) {
        b->common = language;
        b->common_count = n;
    }
}

static void add_text(struct bench *b, int64_t document, int32_t ordinal, struct span text, struct language language)
{
    struct term *terms;
    size_t count;
    uint32_t length;
    if (!words_terms(text, language, b->arena, &terms, &count, &length) || !lexical_add(b->index, document, ordinal, terms, count, length))
        die("a document does not fit");
    b->chunk_count++;
}

/* Each chunk carries the title in front, as the product indexes it. */
static void add_chunks(struct bench *b, int64_t document, struct span title, struct span body, struct language language)
{
    struct chunker_options options = {.min_tokens = 100, .max_tokens = 200, .count = count_tokens_roughly};
    struct block block = {.kind = BLOCK_PARAGRAPH, .text = body};
    struct buf text;
    buf_init(&text, CORPUS_MAX);
    struct chunk *chunks;
    size_t count;
    if (!chunk_document(&block, 1, &options, b->arena, &text, &chunks, &count))
        die("a document cannot be cut");
    for (size_t i = 0; i < count; i++) {
        struct buf full;
        buf_init(&full, CORPUS_MAX);
        buf_span(&full, title);
        buf_char(&full, '\n');
        buf_span(&full, chunks[i].text);
        add_text(b, document, chunks[i].ordinal, buf_view(&full), language_detect_or(chunks[i].text, language));
        buf_free(&full);
    }
    buf_free(&text);
}

static void add_document(struct bench *b, const json_t *record)
{
    struct span id = json_text(json_object_get(record, "_id")), title = json_text(json_object_get(record, "title")),
                body = json_text(json_object_get(record, "text"));
    int64_t number = (int64_t)++b->document_count;
    if (!map_put(b->documents, id, (uint64_t)number))
        die("out of memory");
    if (span_starts(body, title))
        title.n = 0;
    arena_reset(b->arena);
    struct language language = language_detect(body);
    note_language(b, language);
    if (!b->whole) {
        add_chunks(b, number, title, body, language);
        return;
    }
    struct buf full;
    buf_init(&full, CORPUS_MAX);
    buf_span(&full, title);
    buf_char(&full, '\n');
    buf_span(&full, body);
    add_text(b, number, 0, buf_view(&full), language);
    buf_free(&full);
}

static void for_lines(struct bench *b, const struct buf *file, void (*each)(struct bench *, const json_t *))
{
    struct span rest = buf_view(file), line;
    char why[200];
    while (rest.n) {
        span_cut(rest, '\n', &line, &rest);
        if (span_trim(line).n == 0)
            continue;
        json_t *record = json_read(line, why, sizeof why);
        if (!record)
            die(why);
        each(b, record);
        json_decref(record);
    }
}

static bool take_judgement(struct span *rest, struct judgement *j)
{
    struct span line, tail, grade;
    if (rest->n == 0)
        return false;
    span_cut(*rest, '\n', &line, rest);
    span_cut(line, '\t', &j->query, &tail);
    span_cut(tail, '\t', &j->document, &grade);
    j->grade = 0;
    (void)span_to_int(span_trim(grade), 0, 100, &j->grade);
    return true;
}

static int by_query(const void *a, const void *b)
{
    struct span x = ((const struct judgement *)a)->query, y = ((const struct judgement *)b)->query;
    int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
    return order ? order : (x.n > y.n) - (x.n < y.n);
}

static void sort_judgements(struct bench *b)
{
    struct span rest = buf_view(&b->judged);
    struct judgement j;
    size_t lines = 1;
    for (size_t i = 0; i < rest.n; i++)
        lines += rest.p[i] == '\n';
    b->judgements = calloc(lines, sizeof *b->judgements);
    if (!b->judgements)
        die("out of memory");
    while (take_judgement(&rest, &j)) {
        if (map_get(b->documents, j.document, &j.number) && j.grade > 0)
            b->judgements[b->judgement_count++] = j;
    }
    qsort(b->judgements, b->judgement_count, sizeof *b->judgements, by_query);
}

/* The documents of the best chunks, each once; returns how many. */
static size_t top_documents(struct bench *b, struct span question, int64_t found[TOP])
{
    struct term *terms;
    size_t count, n = 0;
    uint32_t length;
    arena_reset(b->arena);
    if (!words_terms(question, language_detect_or(question, b->common), b->arena, &terms, &count, &length))
        die("a question does not fit");
    struct span *words = arena_array(b->arena, count + 1, sizeof *words);
    if (!words)
        die("out of memory");
    for (size_t i = 0; i < count; i++)
        words[i] = terms[i].word;
    struct lexical_hit hits[DEPTH];
    struct lexical_query query = {.terms = words, .count = count};
    size_t got = lexical_search(b->index, &query, hits, DEPTH);
    for (size_t i = 0; i < got && n < TOP; i++) {
        bool seen = false;
        for (size_t k = 0; k < n; k++)
            seen = seen || found[k] == hits[i].document_id;
        if (!seen)
            found[n++] = hits[i].document_id;
    }
    return n;
}

static double gain(int64_t grade, size_t rank)
{
    return (exp2((double)grade) - 1) / log2((double)rank + 2);
}

static int falling(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* One question against its relevant documents judged[0..relevant). */
static void judge(struct bench *b, struct span question, const struct judgement *judged, size_t relevant)
{
    int64_t found[TOP], *grades = calloc(relevant, sizeof *grades);
    if (!grades)
        die("out of memory");
    int64_t before = sys_mono_us();
    size_t n = top_documents(b, question, found), hit = 0;
    b->search_us += sys_mono_us() - before;
    double dcg = 0, ideal = 0;
    for (size_t k = 0; k < relevant; k++) {
        grades[k] = judged[k].grade;
        for (size_t i = 0; i < n; i++) {
            if (found[i] == (int64_t)judged[k].number) {
                dcg += gain(judged[k].grade, i);
                hit++;
            }
        }
    }
    qsort(grades, relevant, sizeof *grades, falling);
    for (size_t i = 0; i < relevant && i < TOP; i++)
        ideal += gain(grades[i], i);
    b->ndcg += dcg / ideal;
    b->recall += (double)hit / (double)relevant;
    b->query_count++;
    free(grades);
}

/* Questions that their passage does not answer are left out. */
static void ask(struct bench *b, const json_t *record)
{
    struct judgement key = {.query = json_text(json_object_get(record, "_id"))};
    const struct judgement *first = bsearch(&key, b->judgements, b->judgement_count, sizeof key, by_query), *end = b->judgements + b->judgement_count;
    if (!first || json_is_true(json_object_get(record, "unanswerable")))
        return;
    while (first > b->judgements && by_query(first - 1, &key) == 0)
        first--;
    size_t relevant = 0;
    while (first + relevant < end && by_query(first + relevant, &key) == 0)
        relevant++;
    judge(b, json_text(json_object_get(record, "text")), first, relevant);
}

static void report(const struct bench *b, int64_t index_us)
{
    double n = b->query_count ? (double)b->query_count : 1;
    printf("%-14s nDCG@10 %.4f  Recall@10 %.4f  %zu documents in %zu chunks at %.0f documents/s (read and cut included), %zu queries at %.1f us, %zu KiB, "
           "mostly \"%s\"\n",
           b->set, b->ndcg / n, b->recall / n, b->document_count, b->chunk_count, (double)b->document_count * 1e6 / (double)(index_us + 1), b->query_count,
           (double)b->search_us / n, lexical_bytes(b->index) / 1024, b->common.code);
}

static void measure(struct bench *b)
{
    b->index = lexical_new();
    b->documents = map_new();
    b->languages = map_new();
    b->arena = arena_new(ARENA_MAX);
    if (!b->index || !b->documents || !b->languages || !b->arena)
        die("out of memory");
    int64_t start = sys_mono_us();
    for_lines(b, &b->corpus, add_document);
    int64_t index_us = sys_mono_us() - start;
    sort_judgements(b);
    for_lines(b, &b->questions, ask);
    report(b, index_us);
    lexical_free(b->index);
    map_free(b->documents);
    map_free(b->languages);
    arena_free(b->arena);
    free(b->judgements);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: lexical_ndcg FOLDER SET [FLOOR] [--whole]\n");
        return 2;
    }
    struct bench b = {.folder = argv[1], .set = argv[2], .whole = argc > 3 && strcmp(argv[argc - 1], "--whole") == 0};
    double floor = argc > 3 ? strtod(argv[3], NULL) : 0;
    bool there = read_file(&b, "corpus.jsonl", &b.corpus);
    there = read_file(&b, "queries.jsonl", &b.questions) && there;
    there = read_file(&b, "qrels.tsv", &b.judged) && there;
    if (there)
        measure(&b);
    else
        printf("skipped: no corpus at %s/%s\n", b.folder, b.set);
    buf_free(&b.corpus);
    buf_free(&b.questions);
    buf_free(&b.judged);
    if (!there)
        return 77;
    return b.query_count && b.ndcg / (double)b.query_count >= floor ? 0 : 1;
}
