/* What search and chat have in common: filters and collection of a request → struct retrieve_query; and a passage's place as members of a reply. */
#ifndef HTTP_RETRIEVE_REQUEST_H
#define HTTP_RETRIEVE_REQUEST_H

#include "app/retrieve.h"
#include "http/call.h"

/* Reads top_k, collection and filters {document_id: [id, ...], metadata: {name: value, ...}}. Faults go to v. What it fills is borrowed from the body and
 * the exchange's arena. */
void retrieve_request_read(struct validation *v, const json_t *body, struct exchange *x, int64_t top_k_default, int64_t top_k_max,
                           struct retrieve_query *query);

/* The score as it is shown: in (0, 1], six digits. */
double passage_score(const struct passage *passage);
/* document_name, similarity_score, document_id, page (null without pages), heading, start, end of a passage. NULL when there is no memory. Caller:
 * json_decref. */
json_t *passage_json(const struct passage *passage);

#endif
