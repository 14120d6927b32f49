/* The packed OpenAPI document (made by the build from openapi.json, see embed_json.py). */
#include "http/openapi.h"

#include "http/openapi_bytes.h"

struct span openapi_document(void)
{
    return (struct span){(const char *)openapi_bytes, sizeof openapi_bytes};
}
