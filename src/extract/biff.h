/* BIFF, the records of Excel's binary workbooks ([MS-XLS] 2.1.4), and the strings in them, which may go on in CONTINUE records. */
#ifndef EXTRACT_BIFF_H
#define EXTRACT_BIFF_H

#include "base/buf.h"

/* The records that are looked at; the same one may have other numbers in versions 2, 3 and 4. */
enum biff_record {
    BIFF_FORMULA = 0x0006,
    BIFF_FORMULA3 = 0x0206,
    BIFF_FORMULA4 = 0x0406,
    BIFF_EOF = 0x000A,
    BIFF_CODEPAGE = 0x0042,
    BIFF_DATEMODE = 0x0022,
    BIFF_FILEPASS = 0x002F,
    BIFF_FONT = 0x0031,
    BIFF_FONT3 = 0x0231,
    BIFF_CONTINUE = 0x003C,
    BIFF_PANE = 0x0041,
    BIFF_OBJ = 0x005D,
    BIFF_BOUNDSHEET = 0x0085,
    BIFF_MULRK = 0x00BD,
    BIFF_RSTRING = 0x00D6,
    BIFF_XF = 0x00E0,
    BIFF_XF2 = 0x0043,
    BIFF_XF3 = 0x0243,
    BIFF_XF4 = 0x0443,
    BIFF_SST = 0x00FC,
    BIFF_LABELSST = 0x00FD,
    BIFF_TXO = 0x01B6,
    BIFF_INTEGER2 = 0x0002,
    BIFF_NUMBER2 = 0x0003,
    BIFF_LABEL2 = 0x0004,
    BIFF_BOOLERR2 = 0x0005,
    BIFF_STRING2 = 0x0007,
    BIFF_NUMBER = 0x0203,
    BIFF_LABEL = 0x0204,
    BIFF_BOOLERR = 0x0205,
    BIFF_STRING = 0x0207,
    BIFF_WINDOW2 = 0x023E,
    BIFF_WINDOW2_2 = 0x003E,
    BIFF_RK = 0x027E,
    BIFF_FORMAT = 0x041E,
    BIFF_FORMAT2 = 0x001E,
    BIFF_BOF = 0x0809,
    BIFF_BOF2 = 0x0009,
    BIFF_BOF3 = 0x0209,
    BIFF_BOF4 = 0x0409,
    BIFF_SERIESTEXT = 0x100D
};

/* A place in the stream of records. */
struct biff {
    struct span rest; /* behind the current record */
    uint32_t type;
    struct span data; /* of the current record; cut where the stream ends */
    int version;      /* 2 to 5, or 8; 7 is written as 5 */
};

/* True for the first bytes of a workbook of version 2, 3 or 4, which stands in no container. */
bool biff_starts(struct span head);
/* The next record; false at the end of the stream. */
bool biff_next(struct biff *b);
bool biff_is_bof(uint32_t type);

/* What a BOF record begins. */
enum biff_part { BIFF_GLOBALS, BIFF_SHEET, BIFF_CHART, BIFF_OTHER };
/* Sets the version from the BOF record that is the current one. */
enum biff_part biff_begin(struct biff *b);

/* Reads on from a place in the current record; goes over into CONTINUE records behind it. */
struct biff_text {
    struct biff *b;
    struct span left; /* of the record */
};
struct biff_text biff_text_at(struct biff *b, size_t at);
/* Appends a string of version 8 as UTF-8: a count of characters in one or two bytes (width), flags, then the characters. With plain_flags the flags have
 * no bits for rich text and phonetics. to NULL: passes over it. False when the record ends before. */
bool biff_text_string(struct biff_text *t, int width, struct buf *to);
/* Appends `count` characters that begin with their flags. */
bool biff_text_characters(struct biff_text *t, uint32_t count, struct buf *to);

/* An RK number: 30 bits of an integer or of a double, perhaps of its hundredfold. */
double biff_rk(uint32_t bits);
/* "#N/A" and the like. */
const char *biff_error(uint32_t code);

#endif
