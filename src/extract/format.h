/* What the format readers share: the document they read and the sink they write blocks to. Everything here runs inside the worker process. */
#ifndef EXTRACT_FORMAT_H
#define EXTRACT_FORMAT_H

#include "base/buf.h"
#include "extract/extract.h"

enum {
    SINK_TEXT_MAX = 256 * 1024, /* bytes of one block; longer text is cut into several */
    SINK_BLOCKS_MAX = 2000000,
    SINK_PAGES_MAX = 20000,
    SINK_LEVEL_MAX = 16,
    SINK_CELLS_MAX = 16384, /* columns, as Excel has them */
    NOTES_SIZE = 1024,      /* the notes of a document, each ended by a line break but the last */
    WORKER_NO_MEMORY = 3    /* exit status of a worker that ran out of memory in a place that cannot report it */
};

/* What came out of a packed file so far, counted as it comes out: whatever its headers declare. */
struct unpacking {
    int64_t packed;   /* bytes of the file */
    int64_t unpacked; /* bytes that came out */
};

/* The document. The bytes are mapped and stay to the end of the process. */
struct source {
    struct span bytes;
    struct span filename;
    void *library;               /* what the format's prepare returned */
    struct unpacking *unpacking; /* of the archive that the document is a member of: what is packed in the document counts there; else NULL */
    struct ocr *ocr;             /* recognises the characters of pages that are pictures; NULL: they are only counted */
    int64_t ocr_ms;              /* that this may take in all */
};

/* Takes blocks, cleans and bounds them, hands them on. The first refusal sticks: later blocks are dropped. */
struct sink {
    bool (*emit)(void *ctx, const struct block *b); /* false: nobody listens any more */
    void *ctx;
    int64_t bytes_left; /* text that may still leave */
    size_t blocks;
    int32_t pages;    /* set by a reader whose format has pages */
    int32_t pictures; /* of these, pages that character recognition could read, and did not */
    struct buf clean;
    enum extract_error error;
    char message[240];
    char notes[NOTES_SIZE]; /* what a person should know of the document although it could be read: sentences, a line each; "" for nothing */
};

/* emit gets ctx and each block, borrowed until it returns; all blocks together may have bytes_max bytes of text. */
void sink_init(struct sink *s, bool (*emit)(void *ctx, const struct block *b), void *ctx, int64_t bytes_max);
void sink_free(struct sink *s);
/* Adds one block. The text may hold any bytes: bad UTF-8 becomes U+FFFD; control, zero-width, bidirectional and tag characters go; runs of
 * white space become one space (line breaks stay in code, TAB between the cells of a row). Text without a visible character adds nothing.
 * False when the reader should stop (a bound was passed or something was refused before). */
bool sink_put(struct sink *s, enum block_kind kind, int32_t level, int32_t page, struct span text);
/* Hands on a block that another sink has cleaned. False as sink_put. */
bool sink_pass(struct sink *s, const struct block *b);
/* The text as a paragraph would have it, on one line; borrowed until the sink's next use. */
struct span sink_clean(struct sink *s, struct span text);
/* Refuses the document with one sentence for a person; the first one counts. Always false. */
bool sink_refuse(struct sink *s, enum extract_error error, const char *sentence);
/* Adds a note: one sentence for a person. A sentence that is there already, is not one line of UTF-8, or does not fit is left out. */
void sink_note(struct sink *s, const char *sentence);
/* sink_refuse for an allocation that failed. */
bool sink_no_memory(struct sink *s);

/* Appends one cell to a row under construction; `first` is true for the first cell. TAB and line breaks inside the cell become spaces. */
void row_cell(struct buf *row, bool first, struct span cell);
/* The level of a heading kept within 1 to 6. */
int32_t heading_level(int64_t level);

/* A reader: the whole document → blocks. False after sink_refuse or when the sink is full. */
typedef bool format_reader(const struct source *in, struct sink *out);

format_reader pdf_read, docx_read, xlsx_read, pptx_read, text_read, markdown_read, html_read, csv_read, json_read_document, xml_read, xls_read, doc_read,
    ppt_read, rtf_read, ole_read, odf_read, epub_read, eml_read, msg_read, archive_read;

/* Plain text in UTF-8 as a part of other documents → paragraphs and list items. False after sink_refuse. */
bool text_put(struct span text, struct sink *out);

/* One kind of document. */
struct format {
    const char *media_type;
    const char *name; /* for people: "PDF", "Word (.docx)" */
    format_reader *read;
    bool is_text;           /* characters in some charset, rather than a container */
    void *(*prepare)(void); /* loads libraries and tables before the sandbox closes; NULL when that fails */
    void (*release)(void *library);
};
/* The index-th kind; NULL behind the last. */
const struct format *format_at(size_t index);
/* The format by content, the name as a hint; NULL when no reader takes it. Pure; see extract_media_type. */
const struct format *format_detect(struct span head, struct span filename);
/* Notes it when the name's ending is that of another kind than the content, which counts. */
void format_note_name(const struct format *format, struct span filename, struct sink *out);

#endif
