/* A block: the unit that extraction hands on, in reading order. */
#ifndef DOC_BLOCK_H
#define DOC_BLOCK_H

#include "base/span.h"

enum block_kind {
    BLOCK_PARAGRAPH,
    BLOCK_HEADING,      /* level 1 to 6 */
    BLOCK_LIST_ITEM,    /* level: depth from 1; text without the bullet, with its number where it has one */
    BLOCK_TABLE_HEADER, /* cells separated by TAB; names the columns of the rows that follow it on */
    BLOCK_TABLE_ROW,    /* cells separated by TAB */
    BLOCK_CODE,         /* line breaks kept */
    BLOCK_KINDS
};

struct block {
    enum block_kind kind;
    int32_t level;
    int32_t page;     /* from 1; a slide or a sheet counts as a page; 0 when the format has none */
    struct span text; /* valid UTF-8, not empty, no NUL; no line break except in code; no TAB except between cells */
};

#endif
