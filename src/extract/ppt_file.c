/* PowerPoint's records, and the edits of a presentation: each save may append new versions of objects and a directory of where they are. */
#include "extract/ppt_file.h"

#include "extract/binary.h"

enum { HEADER_SIZE = 8, ENTRY_IDS = 0xFFFFF, ENTRIES_EXTRA = 65536 };

bool ppt_next(struct span *rest, struct ppt_record *r)
{
    if (rest->n < HEADER_SIZE)
        return false;
    *r = (struct ppt_record){le16(*rest, 0) >> 4, le16(*rest, 2), slice(*rest, HEADER_SIZE, le32(*rest, 4))};
    *rest = span_skip(*rest, HEADER_SIZE + r->data.n);
    return true;
}

bool ppt_find(struct span records, enum ppt_type type, int32_t instance, struct ppt_record *found)
{
    while (ppt_next(&records, found))
        if (found->type == (uint32_t)type && (instance < 0 || found->instance == (uint32_t)instance))
            return true;
    return false;
}

static bool record_at(const struct ppt_file *f, uint32_t at, enum ppt_type type, struct ppt_record *r)
{
    struct span rest = slice(f->stream, at, UINT64_MAX);
    return ppt_next(&rest, r) && r->type == (uint32_t)type;
}

/* Goes through a directory: runs of objects that stand side by side in number. Notes where they are, unless a later edit did, or (first pass) only
 * how many numbers there are. */
static bool read_directory(struct ppt_file *f, struct span entries, uint64_t *left)
{
    while (entries.n >= 4) {
        uint32_t first = le32(entries, 0) & ENTRY_IDS, count = le32(entries, 0) >> 20;
        entries = span_skip(entries, 4);
        if (count > *left)
            return sink_refuse(f->out, EXTRACT_DAMAGED, "The file is damaged: its directories overlap.");
        *left -= count;
        if (!f->offsets && first + count > f->count)
            f->count = first + count;
        for (uint32_t i = 0; f->offsets && i < count && first + i < f->count; i++)
            if (f->offsets[first + i] == 0)
                f->offsets[first + i] = le32(entries, (size_t)i * 4) + 1;
        entries = slice(entries, (uint64_t)count * 4, UINT64_MAX);
    }
    return true;
}

/* Goes through the edits, the last one first. Each refers to the one before it, which stands further up in the stream. */
static bool read_edits(struct ppt_file *f, uint32_t at)
{
    uint64_t left = f->stream.n / 4 + ENTRIES_EXTRA;
    struct ppt_record edit, directory;
    while (record_at(f, at, PPT_USER_EDIT, &edit)) {
        if (edit.data.n >= 32 && le32(edit.data, 28) != 0)
            return sink_refuse(f->out, EXTRACT_ENCRYPTED, "The presentation is protected by a password.");
        if (record_at(f, le32(edit.data, 12), PPT_PERSIST_DIRECTORY, &directory) && !read_directory(f, directory.data, &left))
            return false;
        if (le32(edit.data, 8) >= at || le32(edit.data, 8) == 0)
            return true;
        at = le32(edit.data, 8);
    }
    return true;
}

/* The last edit: the stream "Current User" says where it is; without that it is searched for. */
static uint32_t last_edit(struct ppt_file *f)
{
    struct span user, rest = f->stream;
    struct ppt_record r;
    uint32_t last = 0;
    if (ole_stream(&f->ole, "Current User", &user) && record_at(f, le32(user, 16), PPT_USER_EDIT, &r))
        return le32(user, 16);
    for (uint32_t at = 0; ppt_next(&rest, &r); at = (uint32_t)(f->stream.n - rest.n))
        if (r.type == PPT_USER_EDIT)
            last = at;
    return last;
}

static bool is_encrypted(struct ppt_file *f)
{
    struct span user;
    return (ole_stream(&f->ole, "Current User", &user) && le32(user, 12) == 0xF3D1C4DF) || ole_has(&f->ole, "EncryptedSummary");
}

bool ppt_open(struct ppt_file *f, const struct source *in, struct arena *arena, struct sink *out)
{
    *f = (struct ppt_file){.out = out, .arena = arena};
    if (!ole_open(&f->ole, in->bytes, arena, out))
        return false;
    if (!ole_enter(&f->ole, "PP97_DUALSTORAGE") && ole_has(&f->ole, "PersistentStorage Directory")) /* a file for PowerPoint 95, with a later copy or without */
        return sink_refuse(out, EXTRACT_UNSUPPORTED, "Presentations of PowerPoint 95 cannot be read; save it in a later format.");
    if (!ole_stream(&f->ole, "PowerPoint Document", &f->stream))
        return sink_refuse(out, EXTRACT_DAMAGED, "The file holds no presentation.");
    if (is_encrypted(f))
        return sink_refuse(out, EXTRACT_ENCRYPTED, "The presentation is protected by a password.");
    uint32_t edit = last_edit(f);
    if (out->error != EXTRACT_OK || !read_edits(f, edit))
        return false;
    struct ppt_record last;
    f->document = record_at(f, edit, PPT_USER_EDIT, &last) ? le32(last.data, 16) : 0;
    f->offsets = arena_array(arena, (size_t)f->count + 1, sizeof *f->offsets);
    return f->offsets ? read_edits(f, edit) : sink_no_memory(out);
}

bool ppt_object(const struct ppt_file *f, uint32_t number, enum ppt_type type, struct ppt_record *r)
{
    return number < f->count && f->offsets[number] && record_at(f, f->offsets[number] - 1, type, r);
}

bool ppt_document(const struct ppt_file *f, struct ppt_record *r)
{
    return ppt_object(f, f->document, PPT_DOCUMENT, r) || ppt_find(f->stream, PPT_DOCUMENT, -1, r);
}

bool ppt_text_at(struct span records, uint32_t index, struct ppt_text *t)
{
    struct ppt_record r;
    uint32_t texts = 0;
    *t = (struct ppt_text){0};
    while (ppt_next(&records, &r)) {
        if (r.type == PPT_TEXT_HEADER && texts++ > index)
            break;
        if (texts != index + 1)
            continue;
        if (r.type == PPT_TEXT_HEADER) {
            t->type = le32(r.data, 0);
        } else if (r.type == PPT_TEXT_CHARS || r.type == PPT_TEXT_BYTES) {
            t->characters = r.data;
            t->wide = r.type == PPT_TEXT_CHARS;
        } else if (r.type == PPT_TEXT_STYLE) {
            t->style = r.data;
        }
    }
    return texts > index;
}

bool ppt_style_next(struct span *style, struct ppt_style_run *run)
{
    /* Bits of the mask and the bytes of the property that each brings, in the order in which they stand. The first four share one. */
    static const struct {
        uint32_t bits;
        size_t bytes;
    } properties[] = {{0x0F, 2},   {0x80, 2},  {0x10, 2},  {0x40, 2},   {0x20, 4},     {0x800, 2},   {0x1000, 2},  {0x2000, 2},
                      {0x4000, 2}, {0x100, 2}, {0x400, 2}, {0x8000, 2}, {0x100000, 0}, {0x10000, 2}, {0xE0000, 2}, {0x200000, 2}};
    if (style->n < 10)
        return false;
    uint32_t mask = le32(*style, 6);
    size_t at = 10;
    *run = (struct ppt_style_run){le32(*style, 0), le16(*style, 4), PPT_BULLET_UNSAID};
    if (mask & 1)
        run->bullet = le16(*style, at) & 1 ? PPT_BULLET_ON : PPT_BULLET_OFF;
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (mask & properties[i].bits)
            at += properties[i].bits == 0x100000 ? 2 + (size_t)le16(*style, at) * 4 : properties[i].bytes;
    *style = slice(*style, at, UINT64_MAX);
    return true;
}
