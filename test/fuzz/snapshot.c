/* Bytes as an index snapshot, whole and in parts. */
#include "snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/index_entry.h"
#include "base/buf.h"
#include "base/file.h"

enum { HITS = 10, AGAIN_MAX = 64 << 20 };

static const unsigned char key[SNAPSHOT_KEY_BYTES];
static const struct snapshot_of of = {.tenant_id = 7, .epoch = 7, .seq = 7, .model = {"m", 1}};

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "an accepted snapshot breaks its promise: %s\n", what);
    abort();
}

/* ---- bytes ---- */

static bool put(void *context, const void *bytes, size_t n)
{
    buf_put(context, bytes, n);
    return !((struct buf *)context)->failed;
}

static bool get(void *context, void *out, size_t n)
{
    struct span *rest = context;
    memcpy(out, rest->p, n);
    *rest = span_skip(*rest, n);
    return true;
}

static bool any_document(const void *context, int64_t document_id)
{
    (void)context;
    return document_id != 0;
}

static const struct index_known known = {any_document, NULL};

/* ---- words and vectors ---- */

static void use_words(struct lexical *x)
{
    struct span terms[] = {SPAN("word"), SPAN("term"), SPAN("a")}, near;
    struct lexical_query query = {.terms = terms, .count = 3};
    struct lexical_hit hits[HITS];
    lexical_score(x, &query, hits, lexical_search(x, &query, hits, HITS));
    lexical_neighbour(x, SPAN("words"), 2, &near);
    struct term more[] = {{SPAN("word"), 3}, {SPAN("fresh"), 1}};
    require(lexical_add(x, 5, 9, more, 2, 7), "it grows");
    lexical_remove(x, 1);
    require(lexical_search(x, &query, hits, HITS) > 0, "what was added is found");
}

static void run_words(struct span bytes)
{
    struct buf again;
    struct lexical *x = lexical_load(&(struct index_source){get, &bytes, bytes.n}, &known);
    if (!x)
        return;
    use_words(x);
    buf_init(&again, AGAIN_MAX);
    require(lexical_save(x, &(struct index_sink){put, &again}), "words are written");
    struct span rest = buf_view(&again);
    struct lexical *y = lexical_load(&(struct index_source){get, &rest, rest.n}, &known);
    require(y && lexical_chunks(x) == lexical_chunks(y), "words are read again");
    use_words(y);
    lexical_free(x);
    lexical_free(y);
    buf_free(&again);
}

static void use_vectors(struct dense *x)
{
    int8_t values[DENSE_DIMENSIONS] = {1, -2, 3};
    struct dense_query query = {.values = values, .scale = 0.1f};
    struct dense_hit hits[HITS];
    dense_search(x, &query, hits, HITS);
    dense_remove(x, 1);
    require(dense_add(x, 5, 9, values, 0.2f, 1), "it grows");
    dense_settle(x);
    size_t n = dense_search(x, &query, hits, HITS);
    for (size_t i = 0; i < n; i++)
        require(dense_score(x, &query, &hits[i]), "a hit is in it");
}

static void run_vectors(struct span bytes)
{
    struct buf again;
    struct dense *x = dense_load(&(struct index_source){get, &bytes, bytes.n}, &known);
    if (!x)
        return;
    use_vectors(x);
    buf_init(&again, AGAIN_MAX);
    require(dense_save(x, &(struct index_sink){put, &again}), "vectors are written");
    struct span rest = buf_view(&again);
    struct dense *y = dense_load(&(struct index_source){get, &rest, rest.n}, &known);
    require(y && dense_chunks(x) == dense_chunks(y), "vectors are read again");
    use_vectors(y);
    dense_free(x);
    dense_free(y);
    buf_free(&again);
}

/* ---- files ---- */

static bool load_part(void *context, enum snapshot_part which, struct index_source *source)
{
    return index_entry_load_part(context, which, source);
}

static void read_file(int fd)
{
    struct snapshot_of expected = of;
    const char *why;
    struct index_entry *e = index_entry_new(of.tenant_id, NULL);
    require(e != NULL, "memory");
    if (snapshot_read(fd, key, &expected, &(struct snapshot_reading){load_part, e}, &why)) {
        size_t count;
        const struct indexed_document *documents = index_documents(e, &count);
        for (size_t i = 0; i < count; i++)
            require(index_document(e, documents[i].document_id) == &documents[i], "a document is in the table");
        use_words(e->lexical);
        use_vectors(e->dense);
    }
    index_entry_free(e);
}

static bool put_slice(void *context, enum snapshot_part which, const struct index_sink *sink)
{
    const struct span *parts = context;
    return sink_put(sink, parts[which].p, parts[which].n);
}

static void pause_nothing(void *context)
{
    (void)context;
}

static bool resume_always(void *context)
{
    (void)context;
    return true;
}

static struct span slice(struct span *rest, size_t n)
{
    struct span s = {rest->p, n < rest->n ? n : rest->n};
    *rest = span_skip(*rest, s.n);
    return s;
}

static void run_file(struct span bytes, bool whole)
{
    uint16_t lengths[2] = {0};
    int fd = memfd_create("snapshot", MFD_CLOEXEC);
    require(fd >= 0, "a file in memory");
    if (whole) {
        require(file_write(fd, bytes), "it is written");
    } else if (bytes.n >= sizeof lengths) {
        memcpy(lengths, bytes.p, sizeof lengths);
        bytes = span_skip(bytes, sizeof lengths);
        struct span parts[SNAPSHOT_PARTS];
        parts[0] = slice(&bytes, lengths[0]);
        parts[1] = slice(&bytes, lengths[1]);
        parts[2] = bytes;
        require(snapshot_write(fd, key, &of, &(struct snapshot_writing){put_slice, pause_nothing, resume_always, parts}) == SNAPSHOT_DONE, "it is written");
    }
    read_file(fd);
    close(fd);
}

void snapshot_run(struct span bytes)
{
    char kind = bytes.n ? bytes.p[0] : 0;
    struct span rest = span_skip(bytes, bytes.n ? 1 : 0);
    if (kind == 1)
        run_words(rest);
    else if (kind == 2)
        run_vectors(rest);
    else
        run_file(rest, kind == 3);
}
