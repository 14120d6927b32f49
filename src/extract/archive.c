/* Archives (.zip) of documents: each member is read by its own kind, below a heading of its name; its pages are counted as its own. What cannot be read is
 * told in the note, unless it is all there is. An archive in an archive is not opened. */
#include "extract/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "extract/ooxml.h"

enum { LIBRARIES_MAX = 16, MEMBER_MAX = 1 << 28, NAME_SHOWN = 80, SENTENCE_SIZE = 240, NAME_MAX_BYTES = 1 << 16, NOTES_KEPT = 100 };

/* What the formats share: those with the same prepare have the same library. */
struct libraries {
    struct library {
        void *(*prepare)(void);
        void (*release)(void *library);
        void *handle; /* NULL: not there */
    } list[LIBRARIES_MAX];
    size_t count;
};

struct archive {
    struct package package;
    struct unpacking unpacking;
    const struct libraries *libraries;
    struct sink *out;
    struct buf bytes; /* of the member being read */
    struct span name;
    struct buf shown; /* the name, as it may be shown to people */
    bool begun;       /* its heading is written */
    size_t read, unread, untold;
    enum extract_error first_error; /* of the members that could not be read */
    char first_message[SENTENCE_SIZE];
};

static const struct library *library_of(const struct libraries *l, const struct format *format)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->list[i].prepare == format->prepare)
            return &l->list[i];
    return NULL;
}

void *archive_prepare(void)
{
    struct libraries *l = calloc(1, sizeof *l);
    const struct format *format;
    for (size_t i = 0; l && (format = format_at(i)) && l->count < LIBRARIES_MAX; i++)
        if (format->prepare != archive_prepare && !library_of(l, format))
            l->list[l->count++] = (struct library){format->prepare, format->release, format->prepare()};
    return l;
}

void archive_release(void *library)
{
    struct libraries *l = library;
    for (size_t i = 0; i < l->count; i++)
        if (l->list[i].handle)
            l->list[i].release(l->list[i].handle);
    free(l);
}

/* The member's headings stand below its name. */
static bool emit_block(void *ctx, const struct block *b)
{
    struct archive *a = ctx;
    struct block below = *b;
    if (!a->begun && !sink_put(a->out, BLOCK_HEADING, 1, b->page, a->name))
        return false;
    a->begun = true;
    if (b->kind == BLOCK_HEADING)
        below.level = heading_level((int64_t)b->level + 1);
    return sink_pass(a->out, &below);
}

/* "folder/name.docx: Sentence.", within a message's length. */
static void say(const struct archive *a, struct span sentence, char line[SENTENCE_SIZE])
{
    struct span name = utf8_clip(buf_view(&a->shown), NAME_SHOWN);
    sentence = utf8_clip(sentence, (size_t)SENTENCE_SIZE - NAME_SHOWN - 3);
    snprintf(line, SENTENCE_SIZE, "%.*s: %.*s", SPAN_ARG(name), SPAN_ARG(sentence));
}

/* Passes a sentence about the member on; there is always room left to tell how many were not. */
static bool note(struct archive *a, struct span sentence)
{
    char line[SENTENCE_SIZE];
    size_t before = strlen(a->out->notes);
    say(a, sentence, line);
    if (before + strlen(line) + NOTES_KEPT < NOTES_SIZE)
        sink_note(a->out, line);
    return strlen(a->out->notes) > before;
}

/* Always true: the others may be read. */
static bool pass_over(struct archive *a, enum extract_error error, const char *sentence)
{
    if (a->unread++ == 0) {
        a->first_error = error;
        say(a, span_of(sentence), a->first_message);
    }
    a->untold += !note(a, span_of(sentence));
    return true;
}

static void pass_notes(struct archive *a, const struct sink *member)
{
    struct span rest = span_of(member->notes), sentence;
    while (rest.n) {
        span_cut(rest, '\n', &sentence, &rest);
        note(a, sentence);
    }
}

static bool read_as(struct archive *a, const struct format *format, const struct library *library)
{
    struct source in = {.bytes = buf_view(&a->bytes), .filename = a->name, .library = library->handle, .unpacking = &a->unpacking};
    struct sink member;
    sink_init(&member, emit_block, a, INT64_MAX);
    format_note_name(format, a->name, &member);
    bool ok = format->read(&in, &member);
    bool goes_on = a->out->error == EXTRACT_OK;
    if (goes_on && !unpacking_is_sound(&a->unpacking, a->out))
        goes_on = false;
    else if (goes_on && !ok)
        pass_over(a, member.error, member.message);
    else if (goes_on)
        pass_notes(a, &member);
    a->read += ok;
    sink_free(&member);
    return goes_on;
}

static bool read_bytes(struct archive *a)
{
    const struct format *format = format_detect(buf_view(&a->bytes), a->name);
    const struct library *library = format ? library_of(a->libraries, format) : NULL;
    a->begun = false;
    if (format && format->prepare == archive_prepare)
        return pass_over(a, EXTRACT_UNSUPPORTED, "An archive inside an archive is not read.");
    if (!format)
        return pass_over(a, EXTRACT_UNSUPPORTED, "This kind of file cannot be read.");
    if (!library || !library->handle)
        return pass_over(a, EXTRACT_INTERNAL, "The library that reads this kind of file is not installed.");
    return read_as(a, format, library);
}

static bool read_member(struct archive *a, zip_uint64_t index)
{
    bool whole = false;
    zip_file_t *file = zip_fopen_index(a->package.zip, index, 0);
    if (!file) {
        int error = zip_error_code_zip(zip_get_error(a->package.zip));
        return error == ZIP_ER_NOPASSWD ? pass_over(a, EXTRACT_ENCRYPTED, "The file is protected by a password.")
                                        : pass_over(a, EXTRACT_DAMAGED, "The file cannot be unpacked.");
    }
    buf_clear(&a->bytes);
    bool goes_on = package_inflate(&a->package, file, &a->bytes, &whole);
    zip_fclose(file);
    return goes_on && (whole ? read_bytes(a) : pass_over(a, EXTRACT_DAMAGED, "The file cannot be unpacked."));
}

/* Folders, and what systems put beside documents without being asked: "__MACOSX/", ".DS_Store". */
static bool is_document(struct span name)
{
    struct span head, rest = name;
    if (name.n == 0 || name.p[name.n - 1] == '/')
        return false;
    while (span_cut(rest, '/', &head, &rest))
        if (span_eq(head, SPAN("__MACOSX")))
            return false;
    return head.n > 0 && head.p[0] != '.';
}

static bool read_next(struct archive *a, zip_uint64_t index)
{
    a->name = span_of(zip_get_name(a->package.zip, index, 0));
    if (!is_document(a->name))
        return true;
    buf_clear(&a->shown);
    buf_span(&a->shown, sink_clean(a->out, a->name));
    return a->shown.failed ? sink_no_memory(a->out) : read_member(a, index);
}

static bool read_members(struct archive *a)
{
    zip_int64_t count = zip_get_num_entries(a->package.zip, 0);
    for (zip_int64_t i = 0; i < count; i++)
        if (!read_next(a, (zip_uint64_t)i))
            return false;
    if (a->read == 0)
        return sink_refuse(a->out, a->unread ? a->first_error : EXTRACT_UNSUPPORTED, a->unread ? a->first_message : "The archive holds no document.");
    if (a->untold) {
        char line[NOTES_KEPT];
        snprintf(line, sizeof line, "%zu more files of the archive could not be read.", a->untold);
        sink_note(a->out, line);
    }
    return true;
}

bool archive_read(const struct source *in, struct sink *out)
{
    struct archive a = {.libraries = in->library, .unpacking = {.packed = (int64_t)in->bytes.n}, .out = out};
    struct source counted = *in;
    counted.unpacking = &a.unpacking;
    buf_init(&a.bytes, MEMBER_MAX);
    buf_init(&a.shown, NAME_MAX_BYTES);
    bool ok = package_open(&a.package, &counted, out) && read_members(&a);
    package_close(&a.package);
    buf_free(&a.shown);
    buf_free(&a.bytes);
    return ok;
}
