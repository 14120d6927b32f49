/* What kind of document a ZIP archive is: an Office package, OpenDocument, a book, or an archive of documents. */
#include "extract/detect_zip.h"

#include <string.h>

#include "extract/zip_layout.h"

static unsigned u16_at(const char *p)
{
    return (unsigned)(unsigned char)p[0] | (unsigned)(unsigned char)p[1] << 8;
}

static uint32_t u32_at(const char *p)
{
    return u16_at(p) | (uint32_t)u16_at(p + 2) << 16;
}

/* The folders of the Office formats. */
static const char *type_by_folder(struct span member)
{
    static const struct {
        struct span folder;
        const char *media_type;
    } folders[] = {{SPAN("word/"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
                   {SPAN("xl/"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
                   {SPAN("ppt/"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"}};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (span_starts(member, folders[i].folder))
            return folders[i].media_type;
    return NULL;
}

/* By the members whose headers are at hand, one behind the other; what a member holds (a document in an archive) is passed over where its header knows how
 * long it is. NULL when none is under such a folder. */
static const char *zip_type_by_headers(struct span s)
{
    enum { HEADER = 30, SIZE_FOLLOWS = 8 };
    while (s.n >= HEADER && span_starts(s, SPAN("PK\3\4"))) {
        size_t name = u16_at(s.p + 26), more = u16_at(s.p + 28), size = s.p[6] & SIZE_FOLLOWS ? 0 : u32_at(s.p + 18);
        if (name > s.n - HEADER)
            return NULL;
        const char *type = type_by_folder((struct span){s.p + HEADER, name});
        if (type)
            return type;
        s = span_skip(s, HEADER + name + more + size);
        ptrdiff_t next = span_find(s, SPAN("PK\3\4"));
        s = next < 0 ? (struct span){0} : span_skip(s, (size_t)next);
    }
    return NULL;
}

/* By the list of all members. Beside its folder an Office package has a list of types; what has neither is an archive of documents. `hint`: the kind of
 * container that the file is named for, or NULL. */
static const char *zip_type_by_list(struct zip_names *names, const char *hint)
{
    const char *type = NULL;
    bool package = false, opendocument = false;
    for (struct span name; zip_names_next(names, &name);) {
        type = type ? type : type_by_folder(name);
        package = package || span_eq_nocase(name, SPAN("[Content_Types].xml"));
        opendocument = opendocument || span_eq(name, SPAN("mimetype"));
    }
    bool as_hinted = type && hint && strcmp(type, hint) == 0;
    if (package || opendocument || as_hinted)
        return type ? type : hint;
    return "application/zip";
}

/* OpenDocument and EPUB say what they are in their first member, which is stored as it is. A template is read as what it is one of. */
static const char *zip_says(struct span head)
{
    static const struct span types[] = {SPAN("application/vnd.oasis.opendocument.text"), SPAN("application/vnd.oasis.opendocument.spreadsheet"),
                                        SPAN("application/vnd.oasis.opendocument.presentation"), SPAN("application/epub+zip")};
    if (head.n < 38 || memcmp(head.p + 30, "mimetype", 8) != 0)
        return NULL;
    struct span said = span_skip(head, 38 + u16_at(head.p + 28));
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (span_starts(said, types[i]))
            return types[i].p;
    return NULL;
}

const char *zip_media_type(struct span head, const char *hint)
{
    struct zip_names names;
    if (zip_says(head))
        return zip_says(head);
    if (zip_names_begin(head, &names))
        return zip_type_by_list(&names, hint);
    const char *type = zip_type_by_headers(head);
    return type ? type : hint ? hint : "application/zip";
}
