/* What follows from a tenant's documents once an update has changed them: their languages, and which passages may stay in memory. */
#include <stdlib.h>
#include <string.h>

#include "app/index_entry.h"

enum { PASSAGES_SHARE = 2 }; /* of the passages every second may be kept */

struct tally {
    struct language language;
    size_t documents;
};

static int by_documents(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;
    return x->documents != y->documents ? (x->documents < y->documents) - (x->documents > y->documents) : strcmp(x->language.code, y->language.code);
}

void index_entry_count_languages(struct index_entry *e)
{
    struct tally tally[INDEX_LANGUAGES];
    size_t kinds = 0;
    for (size_t i = 0; i < e->count; i++) {
        size_t k = 0;
        while (k < kinds && strcmp(tally[k].language.code, e->documents[i].language.code) != 0)
            k++;
        if (k == INDEX_LANGUAGES)
            continue;
        if (k == kinds)
            tally[kinds++] = (struct tally){.language = e->documents[i].language};
        tally[k].documents++;
    }
    qsort(tally, kinds, sizeof *tally, by_documents);
    for (size_t i = 0; i < kinds; i++)
        e->languages[i] = tally[i].language;
    e->language_count = kinds;
}

static bool is_current(void *context, const struct passage_name *name)
{
    const struct indexed_document *d = index_document(context, name->document_id);
    return d && d->seq == name->seq;
}

void index_entry_fit_passages(struct index_entry *e)
{
    size_t wanted = lexical_chunks(e->lexical) / PASSAGES_SHARE, room = e->passages ? passage_cache_room(e->passages) : 0;
    struct passage_cache *larger = room < wanted / 2 || !e->passages ? passage_cache_new(wanted) : NULL;
    if (larger && passage_cache_room(larger) > room) {
        passage_cache_free(e->passages);
        e->passages = larger;
        return;
    }
    passage_cache_free(larger);
    if (e->passages)
        passage_cache_sweep(e->passages, is_current, e);
}

void index_entry_divide(struct index_entry *e)
{
    if (e->dense && dense_undivided(e->dense))
        (void)dense_divide(e->dense, e->stop);
}

bool index_entry_worn(const struct index_entry *e)
{
    return e->lexical && (e->outmoded || lexical_worn(e->lexical) || dense_worn(e->dense));
}

#define SWAP(a, b)                                                                                                                                             \
    do {                                                                                                                                                       \
        __typeof__(a) kept = (a);                                                                                                                              \
        (a) = (b);                                                                                                                                             \
        (b) = kept;                                                                                                                                            \
    } while (0)

void index_entry_swap(struct index_entry *e, struct index_entry *fresh)
{
    SWAP(e->lexical, fresh->lexical);
    SWAP(e->dense, fresh->dense);
    SWAP(e->model, fresh->model);
    SWAP(e->encoder, fresh->encoder);
    SWAP(e->outmoded, fresh->outmoded);
    SWAP(e->documents, fresh->documents);
    SWAP(e->count, fresh->count);
    SWAP(e->capacity, fresh->capacity);
    SWAP(e->text_bytes, fresh->text_bytes);
    SWAP(e->seq, fresh->seq);
    e->changes++;
    index_entry_count_languages(e);
    index_entry_fit_passages(e);
}
