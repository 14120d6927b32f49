/* Filters of search and chat, checked member by member. */
#include "http/retrieve_request.h"

#include <math.h>

enum { DOCUMENTS_MAX = 1000, METADATA_MAX = 32, COLLECTION_MAX = 100 };

static void read_documents(struct validation *v, const json_t *list, struct exchange *x, struct retrieve_query *query)
{
    size_t count = json_array_size(list);
    if (!list || json_is_null(list))
        return;
    if (!json_is_array(list) || count < 1 || count > DOCUMENTS_MAX) {
        validation_fault(v, "filters", "list_type", "filters.document_id should be a list of 1 to 1000 document ids");
        return;
    }
    struct span *ids = arena_array(exchange_arena(x), count, sizeof *ids);
    for (size_t i = 0; ids && i < count; i++) {
        ids[i] = json_text(json_array_get(list, i));
        if (!ids[i].p) {
            validation_fault(v, "filters", "string_type", "filters.document_id should hold document ids, which are strings");
            return;
        }
    }
    if (!ids)
        validation_fault(v, "filters", "too_long", "filters.document_id is too long");
    query->document_ids = ids;
    query->document_count = ids ? count : 0;
}

static void read_metadata(struct validation *v, const json_t *metadata, struct retrieve_query *query)
{
    if (!metadata || json_is_null(metadata))
        return;
    if (!json_is_object(metadata) || json_object_size(metadata) > METADATA_MAX)
        validation_fault(v, "filters", "dict_type", "filters.metadata should be an object of at most 32 members");
    else
        query->metadata = metadata;
}

void retrieve_request_read(struct validation *v, const json_t *body, struct exchange *x, int64_t top_k_default, int64_t top_k_max, struct retrieve_query *query)
{
    const json_t *filters = json_object_get(body, "filters");
    *query = (struct retrieve_query){0};
    query->top_k = (int)validation_int(v, "top_k", top_k_default, 1, top_k_max);
    query->collection = validation_text(v, "collection", false, 1, COLLECTION_MAX);
    if (!filters || json_is_null(filters))
        return;
    if (!json_is_object(filters)) {
        validation_fault(v, "filters", "dict_type", "filters should be an object with document_id or metadata");
        return;
    }
    read_documents(v, json_object_get(filters, "document_id"), x, query);
    read_metadata(v, json_object_get(filters, "metadata"), query);
}

/* Six digits say all that a score has to say. Rounding down keeps the order. */
double passage_score(const struct passage *p)
{
    double rounded = floor(p->score * 1e6) / 1e6;
    return rounded > 0 ? rounded : 1e-6;
}

json_t *passage_json(const struct passage *p)
{
    json_t *page = p->chunk.page ? json_integer(p->chunk.page) : json_null();
    return json_pack("{s:o, s:f, s:s, s:o, s:o, s:I, s:I}", "document_name", json_from(p->document_name), "similarity_score", passage_score(p), "document_id",
                     p->document, "page", page, "heading", json_from(p->chunk.heading), "start", (json_int_t)p->chunk.start, "end", (json_int_t)p->chunk.end);
}
