/* Ingest: an upload becomes a stored document and a job; a worker turns it into chunks; then it is searchable. */
#ifndef APP_INGEST_H
#define APP_INGEST_H

#include "app/app.h"
#include "app/principal.h"
#include "app/problem.h"
#include "store/document.h"

enum { ANALYSIS_VERSION = 3 }; /* rises when extraction, chunking or words change what is stored */

/* Starts the workers; NULL with a sentence in why. Leases of a former run are freed, so unfinished documents are taken up at once. */
struct ingest *ingest_new(struct app *app, char *why, size_t why_size);
void ingest_stop(struct ingest *i);
void ingest_free(struct ingest *i);

struct upload {
    struct span filename; /* base name, 1 to 255 characters */
    int fd;               /* the original, read from offset 0; or -1 and text */
    int64_t size;
    struct span text;        /* the content of /knowledge/text, plain text or Markdown */
    struct span external_id; /* p == NULL: none; at most 200 characters */
    struct span metadata;    /* JSON object text, at most 16 KiB; p == NULL: {} */
    struct span collection;  /* name; p == NULL: the key's, or "default" */
    struct span language;    /* ISO 639-1; p == NULL: detected */
    bool replace;            /* of the same name in the collection */
};

enum accepted { ACCEPTED_NEW, ACCEPTED_REPLACED, ACCEPTED_EXISTING };

/* The checks of ingest_accept that need no database: name, sizes, kind (415 for what no reader takes). For files only (fd). It
 * lets several files be refused before one of them is stored. */
bool ingest_check(struct app *app, const struct upload *upload, struct arena *arena, struct problem *problem);

/* Checks, hashes and stores the original and its job in one transaction: when this returns true nothing can be lost. */
bool ingest_accept(struct app *app, const struct principal *by, const struct upload *upload, struct arena *arena, struct document_row *document,
                   enum accepted *how, struct problem *problem);

/* The title that stands in front of each chunk in the index: the file's name without its extension. Borrowed. */
struct span ingest_title(struct span filename);

/* Calls done(context) exactly once: when that document's version is completed, failed, replaced or deleted, or at deadline_mono_ms (sys_mono_ms), or at
 * ingest_stop. done runs on the thread that found the end (ingest's, or one that deletes or replaces) and must be quick. False (done is not called) when too
 * many wait (1024). */
bool ingest_wait(struct app *app, const struct principal *by, int64_t document_id, int64_t version, int64_t deadline_mono_ms, void (*done)(void *context),
                 void *context);

#endif
