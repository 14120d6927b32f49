/* Bytes of an index on their way into a snapshot and out of one. Where they lie, and that they come back as they went, is app's business (app/snapshot_file.h);
 * a reader here still believes none of them: what it reads is checked before it is used as a number of anything. */
#ifndef INDEX_TRANSFER_H
#define INDEX_TRANSFER_H

#include <stdlib.h>

#include "base/span.h"

/* Takes bytes. After a false nothing more is put, and the index is not looked at again: it may have changed meanwhile. */
struct index_sink {
    bool (*put)(void *context, const void *bytes, size_t n);
    void *context;
};

/* Gives the next bytes. `left` bounds what may be asked for, and so what is allocated for it. */
struct index_source {
    bool (*get)(void *context, void *out, size_t n);
    void *context;
    uint64_t left;
};

/* Whether a document belongs to the index that is being read; chunks of others make it fail. */
struct index_known {
    bool (*known)(const void *context, int64_t document_id);
    const void *context;
};

static inline bool sink_put(const struct index_sink *s, const void *bytes, size_t n)
{
    return n == 0 || s->put(s->context, bytes, n);
}

static inline bool source_get(struct index_source *s, void *out, size_t n)
{
    if (n > s->left)
        return false;
    s->left -= n;
    return n == 0 || s->get(s->context, out, n);
}

/* A new array with room for `room` elements, of which the first `count` are read; NULL when there is no memory or there are not so many bytes. Caller frees. */
static inline void *source_array(struct index_source *s, size_t count, size_t room, size_t size)
{
    if (count > s->left / size || room < count)
        return NULL;
    void *array = calloc(room ? room : 1, size);
    if (array && source_get(s, array, count * size))
        return array;
    free(array);
    return NULL;
}

#endif
