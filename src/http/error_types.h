/* The types of error the API answers with: what /errors/{slug} says about each. One table for the replies, the explanations and the OpenAPI document. */
#ifndef HTTP_ERROR_TYPES_H
#define HTTP_ERROR_TYPES_H

#include "app/problem.h"
#include "base/span.h"

struct error_type {
    const char *slug;
    int status;
    const char *explanation; /* what it means and what to do; plain text */
};

extern const struct error_type error_types[];
extern const size_t error_type_count;

/* NULL when there is none. */
const struct error_type *error_type_find(struct span slug);
/* The status of a kind of problem; its slug when it names none itself is http_slug of that. */
int error_status(enum problem_kind kind);

#endif
