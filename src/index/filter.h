/* The documents that a search may look at, for both indexes. */
#ifndef INDEX_FILTER_H
#define INDEX_FILTER_H

#include "base/span.h"

/* Whether the id stands in a list sorted ascending; NULL allows all. */
static inline bool filter_allows(const int64_t *documents, size_t count, int64_t document_id)
{
    if (!documents)
        return true;
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (documents[middle] < document_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && documents[low] == document_id;
}

#endif
