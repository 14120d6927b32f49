/* E-mail addresses: a plain syntax check and folding. */
#include "app/email.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "app/fold.h"
#include "base/utf8.h"

static bool visible(uint32_t c)
{
    if (c == UTF8_INVALID || (c < 0x80 && strchr("<>()[]:;,\\\"", (int)c)))
        return false;
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return false;
    default:
        return true;
    }
}

static bool all_visible(struct span s)
{
    while (s.n) {
        uint32_t c;
        s = span_skip(s, utf8_next(s, &c));
        if (!visible(c))
            return false;
    }
    return true;
}

/* Labels of 1 to 63 bytes, none beginning or ending with a hyphen; at least two, or "localhost". */
static bool domain_valid(struct span domain)
{
    size_t labels = 0;
    struct span rest = domain, label;
    bool more = true;
    while (more) {
        more = span_cut(rest, '.', &label, &rest);
        if (label.n < 1 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
            return false;
        labels++;
    }
    return labels > 1 || span_eq_nocase(domain, SPAN("localhost"));
}

bool email_valid(struct span address)
{
    struct span local, domain;
    if (address.n > EMAIL_MAX_BYTES || !all_visible(address) || !span_cut(address, '@', &local, &domain))
        return false;
    if (span_find(domain, SPAN("@")) >= 0 || local.n < 1 || local.n > 64)
        return false;
    if (local.p[0] == '.' || local.p[local.n - 1] == '.' || span_find(local, SPAN("..")) >= 0)
        return false;
    return domain_valid(domain);
}

struct span email_folded(struct span address, struct arena *arena)
{
    char *folded = fold_case(address);
    struct span copy = folded ? span_of(arena_cstr(arena, span_of(folded))) : (struct span){NULL, 0};
    free(folded);
    return copy;
}

struct span email_local_part(struct span address)
{
    struct span local, domain;
    span_cut(address, '@', &local, &domain);
    return local;
}
