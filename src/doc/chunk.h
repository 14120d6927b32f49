/* A chunk: the unit that is indexed, found and shown; an exact slice of the document's text. */
#ifndef DOC_CHUNK_H
#define DOC_CHUNK_H

#include "base/span.h"

struct chunk {
    int32_t ordinal;     /* from 0, in reading order */
    int32_t page;        /* of its first character; 0 when there are no pages */
    int64_t start, end;  /* code points into the document's text, half open */
    struct span heading; /* heading path, " > " between levels; may be empty */
    struct span text;
};

/* A word as indexed (folded, stemmed) and how often a chunk holds it. */
struct term {
    struct span word;
    uint32_t count;
};

#endif
