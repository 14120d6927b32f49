/* Properties out of the storages of an Outlook message. */
#include "extract/msg_file.h"

#include <stdio.h>

#include "base/utf8.h"
#include "extract/binary.h"
#include "extract/charset.h"

enum { VALUE_SIZE = 16, NAME_SIZE = 32, TYPE_NARROW = 0x1E, TYPE_WIDE = 0x1F, TYPE_BINARY = 0x102 };

static bool stream(struct msg_storage *s, const char *name, struct span *content)
{
    if (!ole_stream(&s->ole, name, content))
        return s->ole.out->error == EXTRACT_OK;
    if (content->n > *s->bytes_left)
        return sink_refuse(s->ole.out, EXTRACT_DAMAGED, "The file is damaged: parts of the message overlap.");
    *s->bytes_left -= content->n;
    return true;
}

static bool property_stream(struct msg_storage *s, enum msg_property property, unsigned type, struct span *content)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "__substg1.0_%04X%04X", (unsigned)property, type);
    return stream(s, name, content);
}

bool msg_open(struct msg_storage *s, enum msg_head head)
{
    if (!stream(s, "__properties_version1.0", &s->values))
        return false;
    s->values = slice(s->values, head, UINT64_MAX);
    uint64_t said = msg_value(s, MSG_CODEPAGE);
    said = said ? said : msg_value(s, MSG_INTERNET_CODEPAGE);
    if (said && said <= UINT16_MAX)
        s->codepage = (uint32_t)said;
    return true;
}

uint64_t msg_value(const struct msg_storage *s, enum msg_property property)
{
    for (size_t at = 0; at + VALUE_SIZE <= s->values.n; at += VALUE_SIZE)
        if (le16(s->values, at + 2) == (uint32_t)property)
            return le64(s->values, at + 8);
    return 0;
}

/* Texts of a storage that names UTF-8 for its page on the web are in that of the sender's system all the same, often. */
static void put_narrow(const struct msg_storage *s, struct span bytes, struct buf *text)
{
    enum { UTF8 = 65001, WESTERN = 1252 };
    bool wrong = s->codepage == UTF8 && !utf8_valid(bytes);
    charset_put(s->charsets, wrong ? WESTERN : s->codepage, bytes, text);
}

bool msg_text(struct msg_storage *s, enum msg_property property, struct buf *text)
{
    struct span wide, narrow;
    if (!property_stream(s, property, TYPE_WIDE, &wide))
        return false;
    put_utf16(text, wide);
    if (wide.n == 0) {
        if (!property_stream(s, property, TYPE_NARROW, &narrow))
            return false;
        put_narrow(s, narrow, text);
    }
    while (text->n && text->p[text->n - 1] == '\0')
        text->n--;
    return text->failed ? sink_no_memory(s->ole.out) : true;
}

bool msg_bytes(struct msg_storage *s, enum msg_property property, struct span *bytes)
{
    return property_stream(s, property, TYPE_BINARY, bytes);
}
