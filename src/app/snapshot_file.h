/* The file of one index snapshot: a header that says of what it is, then the parts, everything under a keyed hash. Nothing here knows what the parts hold. */
#ifndef APP_SNAPSHOT_FILE_H
#define APP_SNAPSHOT_FILE_H

#include "index/transfer.h"

enum { SNAPSHOT_KEY_BYTES = 32, SNAPSHOT_MODEL_BYTES = 64 };
enum snapshot_part { SNAPSHOT_DOCUMENTS, SNAPSHOT_WORDS, SNAPSHOT_VECTORS, SNAPSHOT_PARTS };

/* What a snapshot is of. */
struct snapshot_of {
    int64_t tenant_id, epoch; /* of which company, in which life of the database (index_epoch) */
    int64_t seq;              /* tenant.index_seq up to which it holds everything */
    struct span model;        /* of the vectors, at most SNAPSHOT_MODEL_BYTES; empty: there are none */
};

struct snapshot_writing {
    bool (*part)(void *context, enum snapshot_part which, const struct index_sink *sink);
    /* Around each write to the disk, which may take long: whoever has locked the index lets go of it in between. resume says whether the index is still the
     * same. */
    void (*pause)(void *context);
    bool (*resume)(void *context);
    void *context;
};

struct snapshot_reading {
    bool (*part)(void *context, enum snapshot_part which, struct index_source *source);
    void *context;
};

enum snapshot_end {
    SNAPSHOT_DONE,
    SNAPSHOT_CHANGED, /* writing: the index became another, or a part could not be written */
    SNAPSHOT_FAILED   /* writing: errno says why */
};

/* Writes the whole file to a descriptor at its start, part by part. */
enum snapshot_end snapshot_write(int fd, const unsigned char key[SNAPSHOT_KEY_BYTES], const struct snapshot_of *of, const struct snapshot_writing *w);

/* Reads a file of that tenant, epoch and model; `seq` is set to the file's. Each part is handed over before its hash is known, so its reader believes
 * nothing, and what was read counts only when this returns true. False with a word for the log in why. */
bool snapshot_read(int fd, const unsigned char key[SNAPSHOT_KEY_BYTES], struct snapshot_of *of, const struct snapshot_reading *r, const char **why);

/* The same of the header alone. */
bool snapshot_peek(int fd, const unsigned char key[SNAPSHOT_KEY_BYTES], struct snapshot_of *of, const char **why);

#endif
