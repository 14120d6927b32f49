/* OLE2 compound files: chains of sectors, streams, the directory. */
#include "extract/ole.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "extract/binary.h"
#include "extract/office_decrypt.h"

enum {
    HEADER_SIZE = 512,
    ENTRY_SIZE = 128,
    MINI_SHIFT = 6,
    MINI_STREAM_MAX = 4096, /* a stream of this size and more is in whole sectors */
    HEADER_FATS = 109,      /* FAT sectors that the header itself names */
    NOT_FOUND = -1
};

static const uint32_t last_sector = 0xFFFFFFFA; /* from here on numbers have other meanings */
#define NO_ENTRY UINT32_MAX

/* A space of sectors: the file, or the stream in which the small ones are. */
struct space {
    struct span bytes;
    uint32_t shift;
    uint32_t sectors;
    bool mini;
};

static struct space file_space(const struct ole *o)
{
    return (struct space){slice(o->file, (uint64_t)1 << o->shift, UINT64_MAX), o->shift, o->sectors, false};
}

static struct space mini_space(const struct ole *o)
{
    return (struct space){o->mini_sectors, MINI_SHIFT, (uint32_t)((o->mini_sectors.n + 63) >> MINI_SHIFT), true};
}

static struct span sector(const struct space *s, uint32_t number)
{
    return slice(s->bytes, (uint64_t)number << s->shift, (uint64_t)1 << s->shift);
}

static uint32_t next_of(const struct ole *o, const struct space *s, uint32_t number)
{
    if (s->mini)
        return (size_t)number * 4 + 4 <= o->mini_fat.n ? le32(o->mini_fat, (size_t)number * 4) : UINT32_MAX;
    uint32_t per = (1u << o->shift) / 4;
    if (number / per >= o->fat_count)
        return UINT32_MAX;
    struct space file = file_space(o);
    struct span fat = sector(&file, o->fat_sectors[number / per]);
    return (size_t)(number % per) * 4 + 4 <= fat.n ? le32(fat, (size_t)(number % per) * 4) : UINT32_MAX;
}

/* Marks the sector; false when the chain has been there. */
static bool visit(struct ole *o, uint32_t number)
{
    unsigned char bit = (unsigned char)(1u << (number & 7));
    if (o->seen[number >> 3] & bit)
        return false;
    o->seen[number >> 3] |= bit;
    return true;
}

/* The length of a chain that need not hold more than `size` bytes, in sectors; -1 when it runs in a circle. *in_row: its sectors stand side by side. */
static int64_t measure(struct ole *o, const struct space *s, uint32_t first, uint64_t size, bool *in_row)
{
    int64_t count = 0;
    *in_row = true;
    memset(o->seen, 0, s->sectors / 8 + 1);
    for (uint32_t at = first, next; at < last_sector && at < s->sectors && (uint64_t)count << s->shift < size; at = next, count++) {
        if (!visit(o, at))
            return -1;
        next = next_of(o, s, at);
        *in_row = *in_row && at - first == (uint32_t)count;
    }
    return count;
}

/* What the chain holds, up to `size` bytes. */
static bool read_chain(struct ole *o, const struct space *s, uint32_t first, uint64_t size, struct span *content)
{
    bool in_row;
    int64_t count = measure(o, s, first, size, &in_row);
    *content = (struct span){"", 0};
    if (count < 0)
        return sink_refuse(o->out, EXTRACT_DAMAGED, "The file is damaged: a stream inside it runs in a circle.");
    if ((uint64_t)count << s->shift < size)
        size = (uint64_t)count << s->shift;
    if (in_row) {
        *content = slice(s->bytes, (uint64_t)first << s->shift, count ? size : 0);
        return true;
    }
    char *to = arena_alloc(o->arena, (size_t)size);
    if (!to)
        return sink_no_memory(o->out);
    *content = (struct span){to, 0};
    for (uint32_t at = first; count > 0; at = next_of(o, s, at), count--) {
        struct span piece = slice(sector(s, at), 0, size - content->n);
        memcpy(to + content->n, piece.p, piece.n);
        content->n += piece.n;
    }
    return true;
}

/* Finds the sectors of the FAT: the header names the first, a chain of further sectors the rest. More than the file's sectors need are not looked at. */
static bool find_fats(struct ole *o)
{
    uint32_t per = (1u << o->shift) / 4, most = o->sectors / per + 1, claimed = le32(o->file, 0x2C);
    struct space file = file_space(o);
    struct span list = slice(o->file, 0x4C, HEADER_FATS * 4);
    uint32_t next = le32(o->file, 0x44), entries = HEADER_FATS, left = o->sectors;
    most = most < claimed ? most : claimed;
    o->fat_sectors = arena_array(o->arena, (size_t)most + 1, sizeof *o->fat_sectors);
    if (!o->fat_sectors)
        return sink_no_memory(o->out);
    for (;;) {
        for (uint32_t i = 0; i < entries && o->fat_count < most; i++)
            if (le32(list, (size_t)i * 4) < o->sectors)
                o->fat_sectors[o->fat_count++] = le32(list, (size_t)i * 4);
        if (o->fat_count >= most || next >= o->sectors || left-- == 0)
            return true;
        list = sector(&file, next);
        entries = per - 1;
        next = list.n == (size_t)1 << o->shift ? le32(list, (size_t)entries * 4) : UINT32_MAX;
    }
}

static struct span entry(const struct ole *o, uint32_t index)
{
    return slice(o->directory, (uint64_t)index * ENTRY_SIZE, ENTRY_SIZE);
}

/* Lists what stands in a storage: a binary tree of entries, of which each is taken once. */
static bool list_entries(struct ole *o, uint32_t storage)
{
    size_t all = o->directory.n / ENTRY_SIZE, waiting = 0;
    uint32_t *stack = arena_array(o->arena, all + 1, sizeof *stack);
    o->entries = arena_array(o->arena, all + 1, sizeof *o->entries);
    unsigned char *taken = arena_alloc(o->arena, all + 1);
    if (!stack || !o->entries || !taken)
        return sink_no_memory(o->out);
    o->count = 0;
    stack[waiting++] = le32(entry(o, storage), 76);
    while (waiting > 0) {
        uint32_t index = stack[--waiting];
        o->cut = o->cut || (index >= all && index != NO_ENTRY);
        if (index >= all || taken[index])
            continue;
        taken[index] = 1;
        o->entries[o->count++] = index;
        for (size_t side = 68; side <= 72; side += 4) {
            uint32_t next = le32(entry(o, index), side);
            if (waiting <= all && (next >= all || !taken[next]))
                stack[waiting++] = next;
        }
    }
    return true;
}

static bool open_tables(struct ole *o)
{
    struct space file = file_space(o);
    if (!find_fats(o) || !read_chain(o, &file, le32(o->file, 0x30), UINT64_MAX, &o->directory) || !list_entries(o, 0))
        return false;
    struct span root = entry(o, 0);
    return read_chain(o, &file, le32(o->file, 0x3C), UINT64_MAX, &o->mini_fat) && read_chain(o, &file, le32(root, 116), le32(root, 120), &o->mini_sectors);
}

bool ole_open(struct ole *o, struct span file, struct arena *arena, struct sink *out)
{
    *o = (struct ole){.file = file, .arena = arena, .out = out, .shift = le16(file, 0x1E)};
    if (!span_starts(file, OLE_MAGIC) || file.n < HEADER_SIZE || (o->shift != 9 && o->shift != 12))
        return sink_refuse(out, EXTRACT_DAMAGED, "The file is damaged: its container cannot be opened.");
    uint64_t sectors = (file.n >> o->shift) + 1;
    o->sectors = (uint32_t)(sectors < last_sector ? sectors : last_sector);
    size_t mini = (size_t)o->sectors << (o->shift - MINI_SHIFT);
    o->seen = arena_alloc(arena, (mini > o->sectors ? mini : o->sectors) / 8 + 2);
    return o->seen ? open_tables(o) : sink_no_memory(out);
}

/* The entry's name is UTF-16 with a zero at its end; the names looked for are ASCII. */
static bool is_named(struct span e, const char *name)
{
    size_t length = strlen(name);
    if (le16(e, 64) != length * 2 + 2)
        return false;
    for (size_t i = 0; i < length; i++) {
        uint32_t a = le16(e, i * 2), b = (unsigned char)name[i];
        if ((a >= 'a' && a <= 'z' ? a - 32 : a) != (b >= 'a' && b <= 'z' ? b - 32 : b))
            return false;
    }
    return true;
}

static int64_t find(const struct ole *o, const char *name)
{
    for (size_t i = 0; i < o->count; i++)
        if (is_named(entry(o, o->entries[i]), name))
            return o->entries[i];
    return NOT_FOUND;
}

bool ole_has(const struct ole *o, const char *name)
{
    return find(o, name) != NOT_FOUND;
}

bool ole_enter(struct ole *o, const char *storage)
{
    int64_t index = find(o, storage);
    return index != NOT_FOUND && list_entries(o, (uint32_t)index);
}

static int hex_of(uint32_t c)
{
    return c >= '0' && c <= '9' ? (int)(c - '0') : (c | 32) >= 'a' && (c | 32) <= 'f' ? (int)((c | 32) - 'a') + 10 : -1;
}

/* The number behind the prefix in the entry's name; false when it is no such name. */
static bool number_of(struct span e, const char *prefix, uint32_t *number)
{
    size_t length = strlen(prefix);
    if (le16(e, 64) != (length + 8) * 2 + 2)
        return false;
    for (size_t i = 0; i < length; i++)
        if (le16(e, i * 2) != (unsigned char)prefix[i])
            return false;
    *number = 0;
    for (size_t i = length; i < length + 8; i++) {
        int digit = hex_of(le16(e, i * 2));
        if (digit < 0)
            return false;
        *number = *number << 4 | (uint32_t)digit;
    }
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

size_t ole_numbered(const struct ole *o, const char *prefix, uint32_t *numbers, size_t max)
{
    size_t found = 0, kept = 0;
    for (size_t i = 0; i < o->count && found < max; i++)
        found += number_of(entry(o, o->entries[i]), prefix, &numbers[found]);
    qsort(numbers, found, sizeof *numbers, compare_numbers);
    for (size_t i = 0; i < found; i++)
        if (i == 0 || numbers[i] != numbers[kept - 1])
            numbers[kept++] = numbers[i];
    return kept;
}

bool ole_stream(struct ole *o, const char *name, struct span *content)
{
    enum { STREAM = 2 };
    int64_t index = find(o, name);
    *content = (struct span){"", 0};
    if (index == NOT_FOUND || le8(entry(o, (uint32_t)index), 66) != STREAM)
        return false;
    struct span e = entry(o, (uint32_t)index);
    uint32_t size = le32(e, 120);
    struct space space = size < MINI_STREAM_MAX ? mini_space(o) : file_space(o);
    return read_chain(o, &space, le32(e, 116), size, content);
}

enum ole_kind ole_kind(struct span head)
{
    static const struct {
        const char *name;
        enum ole_kind kind;
    } kinds[] = {{"EncryptedPackage", OLE_ENCRYPTED},
                 {"WordDocument", OLE_WORD},
                 {"Workbook", OLE_EXCEL},
                 {"Book", OLE_EXCEL},
                 {"PowerPoint Document", OLE_POWERPOINT},
                 {"__properties_version1.0", OLE_MESSAGE}};
    struct arena *arena = arena_new((size_t)64 << 20);
    struct sink nobody;
    struct ole o;
    enum ole_kind kind = OLE_BROKEN;
    sink_init(&nobody, NULL, NULL, 0);
    if (arena && ole_open(&o, head, arena, &nobody)) {
        kind = o.cut || o.count == 0 ? OLE_UNKNOWN : OLE_OTHER;
        for (size_t i = sizeof kinds / sizeof *kinds; i-- > 0;)
            if (ole_has(&o, kinds[i].name))
                kind = kinds[i].kind;
    }
    sink_free(&nobody);
    arena_free(arena);
    return kind;
}

/* An encrypted package of a later Office, whose password may be none. */
static bool read_encrypted(const struct source *in, struct sink *out)
{
    struct arena *arena = arena_new((size_t)256 << 20);
    struct ole o;
    struct span info, package;
    if (!arena)
        return sink_no_memory(out);
    bool ok = ole_open(&o, in->bytes, arena, out) && ole_stream(&o, "EncryptionInfo", &info) && ole_stream(&o, "EncryptedPackage", &package)
                  ? office_read_encrypted(info, package, in->unpacking, out)
                  : sink_refuse(out, EXTRACT_ENCRYPTED, "The document is protected by a password.");
    arena_free(arena);
    return ok;
}

/* A container of no kind that is read by itself. */
bool ole_read(const struct source *in, struct sink *out)
{
    enum ole_kind kind = ole_kind(in->bytes);
    if (kind == OLE_ENCRYPTED)
        return read_encrypted(in, out);
    if (kind == OLE_UNKNOWN || kind == OLE_BROKEN)
        return sink_refuse(out, EXTRACT_DAMAGED, "The file is damaged: its container cannot be opened.");
    return sink_refuse(out, EXTRACT_UNSUPPORTED, "The file is of an Office format that cannot be read.");
}
