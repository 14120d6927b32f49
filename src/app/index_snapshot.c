/* An index as the parts of a snapshot, and back: the table of documents here, words and vectors by their own writers and readers.
 *
 * A part may refuse to be written (then there is no snapshot) or to be read (then the rows are); a new part of the index needs a pair of functions and a line
 * in each table below. */
#include <stdlib.h>
#include <string.h>

#include "app/index_entry.h"
#include "app/metadata.h"

#define NO_METADATA UINT32_MAX

struct saved_document {
    int64_t document_id, collection_id, version, seq, updated_at;
    char public_id[PUBLIC_ID_SIZE];
    char language[4];
    uint32_t name_bytes, metadata_bytes; /* behind it; NO_METADATA */
    uint32_t zero;
};
_Static_assert(sizeof(struct saved_document) == 96, "a saved document has no gaps");
_Static_assert(sizeof(struct language) == 4, "a language fits");

/* ---- documents ---- */

static bool save_documents(const struct index_entry *e, const struct index_sink *sink)
{
    uint64_t count = e->count;
    bool ok = sink_put(sink, &count, sizeof count);
    for (size_t i = 0; ok && i < count; i++) {
        const struct indexed_document *d = &e->documents[i];
        struct saved_document saved = {.document_id = d->document_id,
                                       .collection_id = d->collection_id,
                                       .version = d->version,
                                       .seq = d->seq,
                                       .updated_at = d->updated_at,
                                       .name_bytes = (uint32_t)d->name.n,
                                       .metadata_bytes = d->metadata.p ? (uint32_t)d->metadata.n : NO_METADATA};
        memcpy(saved.public_id, d->public_id, sizeof saved.public_id);
        memcpy(saved.language, d->language.code, sizeof saved.language);
        ok = sink_put(sink, &saved, sizeof saved) && sink_put(sink, d->name.p, d->name.n) && sink_put(sink, d->metadata.p, d->metadata.n);
    }
    return ok;
}

static bool is_sound(const struct index_entry *e, const struct saved_document *saved)
{
    int64_t last = e->count ? e->documents[e->count - 1].document_id : 0;
    return saved->document_id > last && saved->version > 0 && saved->seq >= 0 && memchr(saved->public_id, 0, sizeof saved->public_id) &&
           memchr(saved->language, 0, sizeof saved->language);
}

static bool load_text(struct index_source *source, uint32_t bytes, struct span *out)
{
    char *text = source_array(source, bytes, (size_t)bytes + 1, 1);
    if (text)
        *out = (struct span){text, bytes};
    return text != NULL;
}

/* Behind those that are there; the table owns what was read even when the rest fails. */
static bool load_document(struct index_entry *e, struct index_source *source)
{
    struct saved_document saved;
    if (!source_get(source, &saved, sizeof saved) || !is_sound(e, &saved))
        return false;
    struct indexed_document *d = &e->documents[e->count++];
    d->document_id = saved.document_id;
    d->collection_id = saved.collection_id;
    d->version = saved.version;
    d->seq = saved.seq;
    d->updated_at = saved.updated_at;
    memcpy(d->public_id, saved.public_id, sizeof d->public_id);
    memcpy(d->language.code, saved.language, sizeof d->language.code);
    bool read = load_text(source, saved.name_bytes, &d->name) &&
                (saved.metadata_bytes == NO_METADATA || (load_text(source, saved.metadata_bytes, &d->metadata) && metadata_is_packed(d->metadata)));
    e->text_bytes += d->name.n + d->metadata.n;
    return read;
}

static bool load_documents(struct index_entry *e, struct index_source *source)
{
    uint64_t count;
    if (!source_get(source, &count, sizeof count) || count > source->left / sizeof(struct saved_document))
        return false;
    e->documents = calloc(count ? (size_t)count : 1, sizeof *e->documents);
    if (!e->documents)
        return false;
    e->capacity = (size_t)count;
    while (e->count < count)
        if (!load_document(e, source))
            return false;
    return true;
}

/* ---- the parts ---- */

static bool is_known(const void *context, int64_t document_id)
{
    return index_document(context, document_id) != NULL;
}

static bool load_words(struct index_entry *e, struct index_source *source)
{
    e->lexical = lexical_load(source, &(struct index_known){is_known, e});
    return e->lexical != NULL;
}

static bool load_vectors(struct index_entry *e, struct index_source *source)
{
    e->dense = dense_load(source, &(struct index_known){is_known, e});
    return e->dense != NULL;
}

bool index_entry_save_part(const struct index_entry *e, enum snapshot_part which, const struct index_sink *sink)
{
    switch (which) {
    case SNAPSHOT_DOCUMENTS:
        return save_documents(e, sink);
    case SNAPSHOT_WORDS:
        return lexical_save(e->lexical, sink);
    case SNAPSHOT_VECTORS:
        return dense_save(e->dense, sink);
    case SNAPSHOT_PARTS:
        break;
    }
    return false;
}

bool index_entry_load_part(struct index_entry *e, enum snapshot_part which, struct index_source *source)
{
    static bool (*const load[SNAPSHOT_PARTS])(struct index_entry * e, struct index_source * source) = {load_documents, load_words, load_vectors};
    return load[which](e, source);
}

static bool load_part(void *context, enum snapshot_part which, struct index_source *source)
{
    return index_entry_load_part(context, which, source);
}

struct wanted {
    struct index_entry *entry;
    const struct tenant *tenant;
};

static enum db_status read_model(struct db_conn *c, void *context)
{
    const struct wanted *w = context;
    return index_model(w->entry->encoders, w->tenant, c, &w->entry->model);
}

bool index_entry_load(struct index_entry *e, struct snapshots *snapshots, struct db *db, const struct tenant *tenant)
{
    bool known = db_snapshot(db, read_model, &(struct wanted){e, tenant}) == DB_OK;
    struct snapshot_of of = {.tenant_id = tenant->id, .epoch = tenant->index_epoch, .model = span_of(e->model.text)};
    if (!known || !snapshots_load(snapshots, &of, &(struct snapshot_reading){load_part, e})) {
        index_entry_empty(e);
        return false;
    }
    e->seq = of.seq;
    e->epoch = tenant->index_epoch;
    e->unproven = true;
    return true;
}

bool index_entry_complete(const struct index_entry *e)
{
    return e->lexical && !e->unproven && !e->outmoded && (!e->model.text[0] || dense_chunks(e->dense) == lexical_chunks(e->lexical));
}
