/* The OpenAPI 3.1 document of the API, written by hand in openapi.json and packed into the program. */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include "base/span.h"

/* Compact JSON; info.version is the program's. */
struct span openapi_document(void);

#endif
