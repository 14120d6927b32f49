/* A passage: a chunk as retrieval found it for one question. */
#ifndef DOC_PASSAGE_H
#define DOC_PASSAGE_H

#include "base/sys.h"
#include "doc/chunk.h"

struct passage {
    int64_t document_id; /* row id, for the server's own use */
    char document[PUBLIC_ID_SIZE];
    struct span document_name;
    struct chunk chunk; /* spans live in the arena of the search */
    double score;       /* similarity in (0, 1], falling along a list */
};

#endif
