/* Static files by name. */
#include "web/web.h"

const struct web_file *web_file_find(struct span name)
{
    for (size_t i = 0; i < web_file_count; i++) {
        if (span_eq(name, span_of(web_files[i].name)))
            return &web_files[i];
    }
    return NULL;
}
