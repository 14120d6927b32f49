/* BIFF records and strings. */
#include "extract/biff.h"

#include <string.h>

#include "extract/binary.h"

bool biff_starts(struct span head)
{
    uint32_t type = le16(head, 0), size = le16(head, 2), part = le16(head, 6);
    bool old = type == BIFF_BOF2 || type == BIFF_BOF3 || type == BIFF_BOF4;
    return old && size >= 4 && size <= 16 && (part == 0x10 || part == 0x20 || part == 0x40 || part == 0x100);
}

bool biff_next(struct biff *b)
{
    if (b->rest.n < 4)
        return false;
    b->type = le16(b->rest, 0);
    b->data = slice(b->rest, 4, le16(b->rest, 2));
    b->rest = span_skip(b->rest, 4 + b->data.n);
    return true;
}

bool biff_is_bof(uint32_t type)
{
    return type == BIFF_BOF || type == BIFF_BOF2 || type == BIFF_BOF3 || type == BIFF_BOF4;
}

enum biff_part biff_begin(struct biff *b)
{
    switch (b->type) {
    case BIFF_BOF2:
        b->version = 2;
        break;
    case BIFF_BOF3:
        b->version = 3;
        break;
    case BIFF_BOF4:
        b->version = 4;
        break;
    default:
        b->version = le16(b->data, 0) == 0x0600 ? 8 : 5;
        break;
    }
    switch (le16(b->data, 2)) {
    case 0x0005:
    case 0x0100:
        return BIFF_GLOBALS;
    case 0x0010:
        return BIFF_SHEET;
    case 0x0020:
        return BIFF_CHART;
    default:
        return BIFF_OTHER;
    }
}

struct biff_text biff_text_at(struct biff *b, size_t at)
{
    return (struct biff_text){b, slice(b->data, at, UINT64_MAX)};
}

/* Goes over into the CONTINUE record that follows; false when none does. */
static bool go_on(struct biff_text *t)
{
    if (le16(t->b->rest, 0) != BIFF_CONTINUE || !biff_next(t->b))
        return false;
    t->left = t->b->data;
    return true;
}

static bool next_byte(struct biff_text *t, uint32_t *byte)
{
    while (t->left.n == 0)
        if (!go_on(t))
            return false;
    *byte = le8(t->left, 0);
    t->left = span_skip(t->left, 1);
    return true;
}

static bool next_integer(struct biff_text *t, int bytes, uint32_t *value)
{
    uint32_t byte;
    *value = 0;
    for (int i = 0; i < bytes; i++) {
        if (!next_byte(t, &byte))
            return false;
        *value |= byte << (8 * i);
    }
    return true;
}

static bool pass_over(struct biff_text *t, uint64_t bytes)
{
    while (bytes > t->left.n) {
        bytes -= t->left.n;
        if (!go_on(t))
            return false;
    }
    t->left = span_skip(t->left, (size_t)bytes);
    return true;
}

/* The characters behind their flags. A CONTINUE record begins with flags of its own: it may change between one and two bytes a character. */
static bool characters(struct biff_text *t, uint32_t flags, uint64_t count, struct buf *to)
{
    while (count > 0) {
        size_t width = flags & 1 ? 2 : 1;
        struct span piece = slice(t->left, 0, count * width);
        piece.n -= piece.n % width;
        t->left = span_skip(t->left, piece.n);
        count -= piece.n / width;
        if (to && width == 2)
            put_utf16(to, piece);
        else if (to)
            put_latin1(to, piece);
        if (count == 0)
            return true;
        if (!go_on(t) || !next_byte(t, &flags))
            return false;
    }
    return true;
}

bool biff_text_characters(struct biff_text *t, uint32_t count, struct buf *to)
{
    uint32_t flags;
    return count == 0 || (next_byte(t, &flags) && characters(t, flags, count, to));
}

bool biff_text_string(struct biff_text *t, int width, struct buf *to)
{
    uint32_t count, flags, runs = 0, phonetic = 0;
    if (!next_integer(t, width, &count) || !next_byte(t, &flags))
        return false;
    if (flags & 8 && !next_integer(t, 2, &runs))
        return false;
    if (flags & 4 && !next_integer(t, 4, &phonetic))
        return false;
    return characters(t, flags, count, to) && pass_over(t, (uint64_t)runs * 4 + phonetic);
}

double biff_rk(uint32_t bits)
{
    uint64_t wide = (uint64_t)(bits & 0xFFFFFFFC) << 32;
    double value;
    if (bits & 2)
        value = (double)((int32_t)(bits & 0xFFFFFFFC) / 4);
    else
        memcpy(&value, &wide, sizeof value);
    return bits & 1 ? value / 100 : value;
}

const char *biff_error(uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *name;
    } errors[] = {{0x00, "#NULL!"}, {0x07, "#DIV/0!"}, {0x0F, "#VALUE!"}, {0x17, "#REF!"}, {0x1D, "#NAME?"}, {0x24, "#NUM!"}, {0x2A, "#N/A"}};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].code == code)
            return errors[i].name;
    return "";
}
