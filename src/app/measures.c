/* The product's own metrics as text, and who may read them. */
#include "app/measures.h"

#include <sodium.h>
#include <string.h>

#include "app/app.h"
#include "app/encoders.h"
#include "app/indexes.h"
#include "app/reembed.h"

bool measures_allowed(const struct app *app, struct span authorization)
{
    const char *token = app->config->metrics_token;
    struct span scheme, given, right = span_of(token ? token : "");
    if (!right.n)
        return true;
    if (!authorization.p || !span_cut(span_trim(authorization), ' ', &scheme, &given) || !span_eq_nocase(scheme, SPAN("Bearer")))
        return false;
    given = span_trim(given);
    return given.n == right.n && sodium_memcmp(given.p, right.p, right.n) == 0;
}

static int64_t count_of(const struct app *app, enum measure what)
{
    return (int64_t)atomic_load_explicit(&app->measures.counts[what], memory_order_relaxed);
}

static void write_documents(const struct app *app, struct buf *out)
{
    static const char *const outcomes[] = {"completed", "moot", "refused", "given_back"};
    metrics_single(out, "chatifix_documents_accepted_total", "counter", "Documents that were stored to be read.", count_of(app, MEASURE_ACCEPTED));
    metrics_family(out, "chatifix_ingest_documents_total", "counter", "Readings of documents, by how they ended; those given back are tried again.");
    for (int i = 0; i < 4; i++) {
        char label[40];
        snprintf(label, sizeof label, "outcome=\"%s\"", outcomes[i]);
        metrics_sample(out, "chatifix_ingest_documents_total", label, count_of(app, (enum measure)(MEASURE_COMPLETED + i)));
    }
    metrics_single(out, "chatifix_ingest_documents_in_work", "gauge", "Documents being read.", atomic_load(&app->measures.in_work));
    metrics_family(out, "chatifix_extract_duration_seconds", "histogram", "Time that a process took to read a document.");
    metrics_histogram(out, "chatifix_extract_duration_seconds", "", &app->measures.extract);
}

static void write_answers(const struct app *app, struct buf *out)
{
    metrics_single(out, "chatifix_searches_total", "counter", "Searches in an index, those of questions among them.", count_of(app, MEASURE_SEARCHES));
    metrics_family(out, "chatifix_answers_total", "counter", "Questions, by whether the documents answered them or the fallback text went out.");
    metrics_sample(out, "chatifix_answers_total", "outcome=\"answered\"", count_of(app, MEASURE_ANSWERED));
    metrics_sample(out, "chatifix_answers_total", "outcome=\"fallback\"", count_of(app, MEASURE_FALLBACKS));
}

/* While vectors are made for a new encoder. */
static void write_vectors(const struct app *app, struct buf *out)
{
    struct reembed_progress p;
    reembed_progress(app->reembed, &p);
    metrics_single(out, "chatifix_encoders", "gauge", "Weight files of sentence encoders that are open: two while old vectors answer beside new ones.",
                   (int64_t)encoders_open_count(app->encoders));
    metrics_single(out, "chatifix_reembed_tenants", "gauge", "Companies that do not have all vectors of the encoder in use yet.", p.tenants);
    metrics_single(out, "chatifix_reembed_passages", "gauge", "Passages of those when the work on them began.", p.passages);
    metrics_single(out, "chatifix_reembed_passages_done", "gauge", "Those of them that are done.", p.done);
}

static void write_storage(const struct app *app, struct buf *out)
{
    size_t entries, bytes;
    uint64_t evicted;
    indexes_held(app->indexes, &entries, &bytes);
    evicted = indexes_evicted(app->indexes);
    metrics_single(out, "chatifix_indexes", "gauge", "Search indexes in memory.", (int64_t)entries);
    metrics_single(out, "chatifix_index_memory_bytes", "gauge", "Memory of the search indexes.", (int64_t)bytes);
    metrics_single(out, "chatifix_index_memory_limit_bytes", "gauge", "Memory above which the least used are dropped.",
                   (int64_t)app->config->index_memory_bytes);
    metrics_single(out, "chatifix_index_evictions_total", "counter", "Search indexes that were dropped for others.", (int64_t)evicted);
    metrics_family(out, "chatifix_index_loads_total", "counter", "Search indexes that were made anew, by what from.");
    metrics_sample(out, "chatifix_index_loads_total", "from=\"rows\"", (int64_t)indexes_loads(app->indexes, INDEX_FROM_ROWS));
    metrics_sample(out, "chatifix_index_loads_total", "from=\"snapshot\"", (int64_t)indexes_loads(app->indexes, INDEX_FROM_SNAPSHOT));
    metrics_single(out, "chatifix_index_snapshots_total", "counter", "Snapshots of search indexes that were written.", (int64_t)indexes_saved(app->indexes));
    metrics_single(out, "chatifix_index_snapshot_bytes", "gauge", "Disk space of the snapshots.", indexes_snapshot_bytes(app->indexes));
    metrics_single(out, "chatifix_database_bytes", "gauge", "Size of the database on disk.", db_size(app->db));
}

void measures_write(const struct app *app, struct buf *out)
{
    metrics_write(&app->measures.sources, out);
    write_documents(app, out);
    write_answers(app, out);
    write_storage(app, out);
    write_vectors(app, out);
    metrics_process(out);
}
