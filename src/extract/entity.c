/* Character references by libxml2's table of HTML 4 names. */
#include "extract/entity.h"

#include <libxml/HTMLparser.h>

#include "base/utf8.h"

static bool numeric(struct span digits, uint32_t *c)
{
    bool hex = digits.n && (digits.p[0] == 'x' || digits.p[0] == 'X');
    uint32_t value = 0;
    digits = span_skip(digits, hex);
    if (digits.n == 0 || digits.n > 8)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        char x = digits.p[i];
        bool letter = hex && ((x >= 'a' && x <= 'f') || (x >= 'A' && x <= 'F'));
        if (!letter && (x < '0' || x > '9'))
            return false;
        value = value * (hex ? 16 : 10) + (uint32_t)(letter ? (x | 32) - 'a' + 10 : x - '0');
    }
    *c = value;
    return true;
}

static bool named(struct span name, uint32_t *c)
{
    char text[32];
    if (!span_to_cstr(name, text, sizeof text))
        return false;
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)text);
    if (!entity)
        return false;
    *c = entity->value;
    return true;
}

void entity_put(struct buf *to, struct span reference)
{
    uint32_t c;
    char bytes[4];
    struct span name = {reference.p + 1, reference.n >= 2 ? reference.n - 2 : 0};
    if (name.n && (name.p[0] == '#' ? numeric(span_skip(name, 1), &c) : named(name, &c)))
        buf_put(to, bytes, utf8_put(bytes, c));
    else
        buf_span(to, reference);
}
