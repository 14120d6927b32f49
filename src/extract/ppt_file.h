/* PowerPoint presentations from before 2007 ([MS-PPT]) as a file: records, where the current version of each object is, and texts. */
#ifndef EXTRACT_PPT_FILE_H
#define EXTRACT_PPT_FILE_H

#include "extract/ole.h"

/* The records that are looked at; those from 0xF000 on are of the drawing format that all of Office shares ([MS-ODRAW]). */
enum ppt_type {
    PPT_DOCUMENT = 0x03E8,
    PPT_SLIDE = 0x03EE,
    PPT_SLIDE_ATOM = 0x03EF,
    PPT_NOTES = 0x03F0,
    PPT_SLIDE_PERSIST = 0x03F3,
    PPT_SHOW_INFO = 0x03F9,
    PPT_DRAWING = 0x040C,
    PPT_FOOTER_PLACEHOLDER = 0x0420,
    PPT_PLACEHOLDER = 0x0BC3,
    PPT_TEXT_REFERENCE = 0x0F9E,
    PPT_TEXT_HEADER = 0x0F9F,
    PPT_TEXT_CHARS = 0x0FA0,
    PPT_TEXT_STYLE = 0x0FA1,
    PPT_TEXT_BYTES = 0x0FA8,
    PPT_SLIDE_LIST = 0x0FF0,
    PPT_USER_EDIT = 0x0FF5,
    PPT_PERSIST_DIRECTORY = 0x1772,
    PPT_CRYPT_SESSION = 0x2F14,
    ART_DRAWING = 0xF002,
    ART_GROUP = 0xF003,
    ART_SHAPE = 0xF004,
    ART_OPTIONS = 0xF00B,
    ART_TEXTBOX = 0xF00D,
    ART_CHILD_ANCHOR = 0xF00F,
    ART_CLIENT_DATA = 0xF011,
    ART_MORE_OPTIONS = 0xF122
};

struct ppt_record {
    uint32_t instance, type;
    struct span data; /* cut where the records around it end */
};

/* Takes the next record off; false at the end. */
bool ppt_next(struct span *rest, struct ppt_record *r);
/* The first record of this type among those, with this instance (-1: any); false when there is none. */
bool ppt_find(struct span records, enum ppt_type type, int32_t instance, struct ppt_record *found);

struct ppt_file {
    struct ole ole;
    struct sink *out;
    struct arena *arena;
    struct span stream;
    uint32_t *offsets; /* [count]: of each object by its number, in the stream, plus 1; 0: none */
    uint32_t count;
    uint32_t document; /* number of the document */
};

/* Opens the presentation; all lives in the arena. False after sink_refuse. */
bool ppt_open(struct ppt_file *f, const struct source *in, struct arena *arena, struct sink *out);
/* The object with this number, which must be of this type. */
bool ppt_object(const struct ppt_file *f, uint32_t number, enum ppt_type type, struct ppt_record *r);
/* The document, which lists the slides. */
bool ppt_document(const struct ppt_file *f, struct ppt_record *r);

/* What a text is for. */
enum ppt_text_type { PPT_TITLE = 0, PPT_BODY = 1, PPT_NOTES_TEXT = 2, PPT_CENTER_TITLE = 6, PPT_HALF_BODY = 7, PPT_QUARTER_BODY = 8 };

struct ppt_text {
    uint32_t type; /* enum ppt_text_type, or another kind of text */
    struct span characters;
    bool wide;         /* UTF-16, else its low bytes */
    struct span style; /* the properties of its paragraphs */
};
/* The index-th text among the records; false when there are not so many. */
bool ppt_text_at(struct span records, uint32_t index, struct ppt_text *t);

/* A run of paragraphs in a text's style. */
struct ppt_style_run {
    uint32_t characters;
    uint32_t level; /* of indentation, from 0 */
    enum { PPT_BULLET_UNSAID, PPT_BULLET_OFF, PPT_BULLET_ON } bullet;
};
/* Takes the next run off the style; false at its end. */
bool ppt_style_next(struct span *style, struct ppt_style_run *run);

#endif
