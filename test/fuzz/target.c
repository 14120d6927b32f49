/* The readers by name, and what every block must be. */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "extract/archive.h"
#include "extract/charset.h"
#include "extract/format.h"
#include "extract/ooxml.h"
#include "extract/pdfium.h"
#include "extract/xml_tree.h"
#include "snapshot.h"

enum { OUTPUT_MAX = 8 * 1024 * 1024 };

static const struct target {
    const char *name;
    format_reader *read;
    void *(*prepare)(void);
} targets[] = {
    {"pdf", pdf_read, pdfium_prepare},
    {"docx", docx_read, ooxml_prepare},
    {"xlsx", xlsx_read, ooxml_prepare},
    {"pptx", pptx_read, ooxml_prepare},
    {"doc", doc_read, charset_prepare},
    {"xls", xls_read, charset_prepare},
    {"ppt", ppt_read, charset_prepare},
    {"rtf", rtf_read, charset_prepare},
    {"odf", odf_read, ooxml_prepare},
    {"epub", epub_read, ooxml_prepare},
    {"eml", eml_read, charset_prepare},
    {"msg", msg_read, charset_prepare},
    {"zip", archive_read, archive_prepare},
    {"html", html_read, charset_prepare},
    {"json", json_read_document, charset_prepare},
    {"xml", xml_read, xml_prepare},
    {"csv", csv_read, charset_prepare},
    {"markdown", markdown_read, charset_prepare},
    {"text", text_read, charset_prepare},
    {"snapshot", NULL, NULL}, /* no document: an index on the disk */
};

/* The format's libraries, loaded once. */
static void *library_of(const struct target *t)
{
    static void *libraries[sizeof targets / sizeof *targets];
    void **library = &libraries[t - targets];
    if (!*library)
        *library = t->prepare();
    return *library;
}

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "a block breaks its promise: %s\n", what);
    abort();
}

static bool check_block(void *ctx, const struct block *b)
{
    (void)ctx;
    bool row = b->kind == BLOCK_TABLE_HEADER || b->kind == BLOCK_TABLE_ROW;
    require((unsigned)b->kind < BLOCK_KINDS, "kind");
    require(b->text.n > 0 && b->text.n <= SINK_TEXT_MAX, "length");
    require(utf8_valid(b->text) && !memchr(b->text.p, 0, b->text.n), "text");
    require(b->kind == BLOCK_CODE || !memchr(b->text.p, '\n', b->text.n), "line break");
    require(row || !memchr(b->text.p, '\t', b->text.n), "tab");
    require(b->page >= 0 && b->page <= SINK_PAGES_MAX, "page");
    require(b->kind != BLOCK_HEADING || (b->level >= 1 && b->level <= 6), "heading");
    return true;
}

static void need(bool holds, const struct target *t)
{
    if (holds)
        return;
    fprintf(stderr, "%s: no memory or no library\n", t->name);
    exit(1);
}

static void read_document(const struct target *t, struct span bytes)
{
    struct source in = {.bytes = bytes, .filename = span_of(t->name), .library = library_of(t)};
    struct sink out;
    need(in.library != NULL, t);
    sink_init(&out, check_block, NULL, OUTPUT_MAX);
    bool ok = t->read(&in, &out);
    require(ok == (out.error == EXTRACT_OK), "the answer and the refusal do not agree");
    sink_free(&out);
}

static void run(const struct target *t, struct span bytes)
{
    /* A copy of exactly that size: reading behind the end is seen at once. */
    char *copy = malloc(bytes.n ? bytes.n : 1);
    need(copy != NULL, t);
    if (bytes.n)
        memcpy(copy, bytes.p, bytes.n);
    if (t->read)
        read_document(t, (struct span){copy, bytes.n});
    else
        snapshot_run((struct span){copy, bytes.n});
    free(copy);
}

bool target_run(const char *format, struct span bytes)
{
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i].name, format) == 0) {
            run(&targets[i], bytes);
            return true;
        }
    return model_target_run(format, bytes);
}
