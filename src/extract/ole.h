/* OLE2 compound files ([MS-CFB]), the container of the Office formats from 97 to 2003: a small file system of sectors and chains, read with bounds.
 *
 * Nothing the container says is trusted: a chain has no more sectors than the file and none of them twice, a stream ends where its chain or the file
 * ends, and the tree of the directory is walked with each entry at most once. */
#ifndef EXTRACT_OLE_H
#define EXTRACT_OLE_H

#include "base/arena.h"
#include "extract/format.h"

struct ole {
    struct span file;
    struct arena *arena;
    struct sink *out;
    uint32_t shift;        /* of the sector size: 9 or 12 */
    uint32_t sectors;      /* behind the header; the last one may be cut */
    uint32_t *fat_sectors; /* [fat_count]: where the table of chains is */
    uint32_t fat_count;
    struct span mini_fat, mini_sectors; /* the same for streams under 4 KiB, in sectors of 64 bytes */
    struct span directory;
    uint32_t *entries; /* [count]: what stands directly under the root, as indexes into the directory */
    size_t count;
    bool cut;            /* some of these entries lie behind the end of the directory */
    unsigned char *seen; /* a bit for each sector of the chain being followed */
};

/* The eight bytes that begin a compound file. */
#define OLE_MAGIC SPAN("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")

/* Opens a container; tables and streams live in the arena. False after sink_refuse. */
bool ole_open(struct ole *o, struct span file, struct arena *arena, struct sink *out);
/* Goes into the storage of this name: from now on what stands in it counts as standing under the root. False when there is none. */
bool ole_enter(struct ole *o, const char *storage);
/* True when a stream (or storage) of this name stands under the root. Case is ignored. */
bool ole_has(const struct ole *o, const char *name);
/* The stream of this name under the root, whole: it points into the file or the arena. False (and empty) when there is none, or after sink_refuse. */
bool ole_stream(struct ole *o, const char *name, struct span *content);

/* Writes the numbers of what stands under the root by the prefix and eight hexadecimal digits, rising, each once; at most `max`. Returns how many. */
size_t ole_numbered(const struct ole *o, const char *prefix, uint32_t *numbers, size_t max);

/* What the container in these first bytes of a file holds. */
enum ole_kind { OLE_BROKEN, OLE_UNKNOWN, OLE_WORD, OLE_EXCEL, OLE_POWERPOINT, OLE_MESSAGE, OLE_ENCRYPTED, OLE_OTHER };
/* OLE_BROKEN: it cannot be opened; OLE_UNKNOWN: its directory lies behind the bytes at hand; OLE_OTHER: the directory names none of these. */
enum ole_kind ole_kind(struct span head);

#endif
