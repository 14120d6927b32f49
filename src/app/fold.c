/* Case folding on utf8proc. */
#include "app/fold.h"

#include <string.h>
#include <utf8proc.h>

char *fold_case(struct span s)
{
    if (s.n && memchr(s.p, 0, s.n))
        return NULL;
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)(s.n ? s.p : ""), (utf8proc_ssize_t)s.n, &out, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    return n < 0 ? NULL : (char *)out;
}
