/* A tokenizer for the few tags of worksheets and string tables, which hold nearly all bytes of a workbook; other parts go through libxml2.
 *
 * It knows UTF-8 and UTF-16, the only encodings of a part (ECMA-376 part 2, 8.2.5), and no DOCTYPE. It checks that elements nest and end, not
 * the finer rules of XML. Bounds: tags of at most 1 MiB, elements nested at most 250 deep, and those of the package (extract/ooxml.h). */
#ifndef EXTRACT_SHEET_SCAN_H
#define EXTRACT_SHEET_SCAN_H

#include "extract/ooxml.h"

enum { SCAN_DEPTH_MAX = 250 };

enum scan_node { SCAN_END, SCAN_OPEN, SCAN_CLOSE, SCAN_TEXT, SCAN_FAILED };

struct sheet_scan {
    struct part part;
    struct buf bytes; /* UTF-8 that came out and is not used up; the place in it is `at` */
    size_t at;
    struct span name;       /* SCAN_OPEN, SCAN_CLOSE: without its prefix. Borrowed until the next call, as the two below */
    struct span attributes; /* SCAN_OPEN */
    struct span text;       /* SCAN_TEXT: a piece; see scan_put_text */
    bool literal;           /* of a CDATA section: has no references */
    bool ended;             /* nothing more comes out of the package */
    bool closing;           /* an empty element was opened */
    enum { SCAN_NARROW, SCAN_LITTLE, SCAN_BIG } encoding;
    char odd[4]; /* UTF-16: bytes of a character that is not all there */
    size_t odd_n;
    int depth;
    uint32_t open[SCAN_DEPTH_MAX]; /* hashes of the names of the open elements */
};

/* Opens the named part; false when there is none (or the package is refused). scan_close ends it. */
bool scan_open(struct sheet_scan *s, struct package *p, const char *part_name);
void scan_close(struct sheet_scan *s);
/* The next tag or piece of text; an empty element is opened and closed. SCAN_FAILED after sink_refuse. */
enum scan_node scan_next(struct sheet_scan *s);
/* Passes over everything inside the element just opened, its end included; false after sink_refuse. */
bool scan_skip(struct sheet_scan *s);
/* Cuts the next attribute off *rest; its value may hold references. False at the end. */
bool scan_attribute(struct span *rest, struct span *name, struct span *value);
/* Appends the text with its references resolved. */
void scan_put_text(const struct sheet_scan *s, struct buf *to);

#endif
