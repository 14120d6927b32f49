/* Frames between worker and parent; the layout is in wire.h. */
#include "extract/wire.h"

#include <string.h>

#include "base/utf8.h"

static void put_le(char *to, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (char)(value >> (8 * i) & 0xFF);
}

static uint32_t get_le(const char *from, size_t bytes)
{
    uint32_t value = 0;
    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | (unsigned char)from[i];
    return value;
}

void wire_write(struct buf *out, const struct wire_frame *f)
{
    struct span text = utf8_clip(f->block.text, WIRE_TEXT_MAX);
    char *head = buf_reserve(out, WIRE_HEAD);
    if (!head)
        return;
    head[0] = (char)f->type;
    head[1] = (char)(f->type == WIRE_ERROR ? (int)f->error : (int)f->block.kind);
    put_le(head + 2, (uint32_t)f->block.level, 2);
    put_le(head + 4, (uint32_t)f->block.page, 4);
    put_le(head + 8, (uint32_t)text.n, 4);
    out->n += WIRE_HEAD;
    buf_span(out, text);
}

/* One line of UTF-8; TAB only in rows, line breaks only in code. */
static bool text_is_clean(struct span text, bool row, bool code)
{
    if (!utf8_valid(text))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c < 0x20 && !(row && c == '\t') && !(code && c == '\n')) || c == 0x7F)
            return false;
    }
    return true;
}

static bool block_is_sound(const struct wire_frame *f)
{
    enum block_kind kind = f->block.kind;
    int32_t level = f->block.level;
    if (kind >= BLOCK_KINDS || level > SINK_LEVEL_MAX || f->block.page < 0 || f->block.page > SINK_PAGES_MAX || f->block.text.n == 0)
        return false;
    if (kind == BLOCK_HEADING && (level < 1 || level > 6))
        return false;
    return text_is_clean(f->block.text, kind == BLOCK_TABLE_ROW || kind == BLOCK_TABLE_HEADER, kind == BLOCK_CODE);
}

static bool frame_is_sound(const struct wire_frame *f)
{
    switch (f->type) {
    case WIRE_BLOCK:
        return block_is_sound(f);
    case WIRE_DONE:
        return f->block.page >= 0 && f->block.page <= SINK_PAGES_MAX && f->block.level <= SINK_PAGES_MAX && f->block.text.n < NOTES_SIZE &&
               text_is_clean(f->block.text, false, true);
    case WIRE_ERROR:
        return f->error > EXTRACT_OK && f->block.level <= SINK_PAGES_MAX && f->error <= EXTRACT_INTERNAL && f->block.text.n < 240 &&
               text_is_clean(f->block.text, false, false);
    case WIRE_MEDIA_TYPE:
        return f->block.text.n < 96 && text_is_clean(f->block.text, false, false);
    }
    return false;
}

ptrdiff_t wire_read(struct span in, struct wire_frame *f)
{
    if (in.n < WIRE_HEAD)
        return 0;
    uint32_t length = get_le(in.p + 8, 4);
    if (length > WIRE_TEXT_MAX || !memchr("TBED", in.p[0], 4))
        return -1;
    if (in.n - WIRE_HEAD < length)
        return 0;
    *f = (struct wire_frame){.type = (enum wire_type)in.p[0]};
    if (f->type == WIRE_ERROR)
        f->error = (enum extract_error)(unsigned char)in.p[1];
    f->block.kind = (enum block_kind)(unsigned char)in.p[1];
    f->block.level = (int32_t)get_le(in.p + 2, 2);
    f->block.page = (int32_t)get_le(in.p + 4, 4);
    f->block.text = (struct span){in.p + WIRE_HEAD, length};
    return frame_is_sound(f) ? WIRE_HEAD + (ptrdiff_t)length : -1;
}
