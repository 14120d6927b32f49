/* Documents as JSON, and the reply to an upload that waits until they are searchable. */
#ifndef HTTP_DOCUMENT_REPLY_H
#define HTTP_DOCUMENT_REPLY_H

#include "app/ingest.h"
#include "http/idempotent.h"

/* The document as the API shows it; NULL when there is no memory. */
json_t *document_json(const struct document_row *row);

/* One accepted document of an upload. */
struct accepted_document {
    struct document_row row;
    enum accepted how;
};

/* Finishes x once all documents are searchable or failed, or when the time that the Prefer header allows (10 s unless it says otherwise) has passed: 201 when all are, 202 when not, 200
 * when nothing was new. `several` wraps them in {"documents": [...]}. accepted [count] lives in the exchange's arena. Holds no thread. */
void reply_when_searchable(struct exchange *x, const struct principal *by, struct accepted_document *accepted, size_t count, bool several,
                           struct idempotent *claim);

#endif
