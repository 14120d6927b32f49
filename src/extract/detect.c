/* What kind of document it is: by content first, the file name as a hint. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "extract/archive.h"
#include "extract/biff.h"
#include "extract/charset.h"
#include "extract/detect_zip.h"
#include "extract/format.h"
#include "extract/json_scan.h"
#include "extract/mime.h"
#include "extract/ole.h"
#include "extract/ooxml.h"
#include "extract/pdfium.h"
#include "extract/xml_tree.h"

static const struct format formats[] = {
    {"application/pdf", "PDF", pdf_read, false, pdfium_prepare, pdfium_release},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word (.docx)", docx_read, false, ooxml_prepare, ooxml_release},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel (.xlsx)", xlsx_read, false, ooxml_prepare, ooxml_release},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint (.pptx)", pptx_read, false, ooxml_prepare, ooxml_release},
    {"application/msword", "Word (.doc)", doc_read, false, charset_prepare, charset_release},
    {"application/vnd.ms-excel", "Excel (.xls)", xls_read, false, charset_prepare, charset_release},
    {"application/vnd.ms-powerpoint", "PowerPoint (.ppt)", ppt_read, false, charset_prepare, charset_release},
    {"application/rtf", "RTF", rtf_read, false, charset_prepare, charset_release},
    {"application/vnd.ms-outlook", "an Outlook message (.msg)", msg_read, false, charset_prepare, charset_release},
    {"application/x-ole-storage", "an Office file", ole_read, false, ooxml_prepare, ooxml_release},
    {"application/vnd.oasis.opendocument.text", "an OpenDocument text (.odt)", odf_read, false, ooxml_prepare, ooxml_release},
    {"application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)", odf_read, false, ooxml_prepare, ooxml_release},
    {"application/vnd.oasis.opendocument.presentation", "an OpenDocument presentation (.odp)", odf_read, false, ooxml_prepare, ooxml_release},
    {"application/epub+zip", "EPUB", epub_read, false, ooxml_prepare, ooxml_release},
    {"application/zip", "a ZIP archive", archive_read, false, archive_prepare, archive_release},
    {"message/rfc822", "mail (.eml)", eml_read, true, charset_prepare, charset_release},
    {"text/html", "HTML", html_read, true, charset_prepare, charset_release},
    {"application/json", "JSON", json_read_document, true, charset_prepare, charset_release},
    {"application/x-ndjson", "JSON Lines", json_read_document, true, charset_prepare, charset_release},
    {"application/xml", "XML", xml_read, true, xml_prepare, xml_release},
    {"text/csv", "CSV", csv_read, true, charset_prepare, charset_release},
    {"text/tab-separated-values", "TSV", csv_read, true, charset_prepare, charset_release},
    {"text/markdown", "Markdown", markdown_read, true, charset_prepare, charset_release},
    {"text/plain", "plain text", text_read, true, charset_prepare, charset_release},
};

/* What an ending of the file name hints at. */
static const struct ending {
    const char *ending;
    const char *media_type;
} endings[] = {
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".docm", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".xlsm", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".xlsb", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".xltx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".xltm", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".pptm", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".ppsx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".ppsm", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".potx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".doc", "application/msword"},
    {".dot", "application/msword"},
    {".xls", "application/vnd.ms-excel"},
    {".xlt", "application/vnd.ms-excel"},
    {".ppt", "application/vnd.ms-powerpoint"},
    {".pps", "application/vnd.ms-powerpoint"},
    {".pot", "application/vnd.ms-powerpoint"},
    {".msg", "application/vnd.ms-outlook"},
    {".rtf", "application/rtf"},
    {".odt", "application/vnd.oasis.opendocument.text"},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {".odp", "application/vnd.oasis.opendocument.presentation"},
    {".epub", "application/epub+zip"},
    {".zip", "application/zip"},
    {".eml", "message/rfc822"},
    {".html", "text/html"},
    {".htm", "text/html"},
    {".xhtml", "text/html"},
    {".json", "application/json"},
    {".jsonl", "application/x-ndjson"},
    {".ndjson", "application/x-ndjson"},
    {".xml", "application/xml"},
    {".rss", "application/xml"},
    {".atom", "application/xml"},
    {".csv", "text/csv"},
    {".tsv", "text/tab-separated-values"},
    {".tab", "text/tab-separated-values"},
    {".md", "text/markdown"},
    {".markdown", "text/markdown"},
    {".mdown", "text/markdown"},
    {".txt", "text/plain"},
    {".text", "text/plain"},
};

const char *extract_supported(void)
{
    return "PDF, Word (.docx, .doc), Excel (.xlsx, .xlsm, .xls), PowerPoint (.pptx, .ppt), OpenDocument (.odt, .ods, .odp), EPUB, mail (.eml, .msg), RTF, "
           "text, "
           "Markdown, HTML, CSV, TSV, JSON, JSON Lines, XML and ZIP archives of these";
}

const struct format *format_at(size_t index)
{
    return index < sizeof formats / sizeof *formats ? &formats[index] : NULL;
}

static const struct format *format_of(const char *media_type)
{
    for (size_t i = 0; media_type && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].media_type, media_type) == 0)
            return &formats[i];
    return NULL;
}

static const struct ending *ending_of(struct span filename)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (span_ends_nocase(filename, span_of(endings[i].ending)))
            return &endings[i];
    return NULL;
}

static const char *type_by_name(struct span filename)
{
    const struct ending *ending = ending_of(filename);
    return ending ? ending->media_type : NULL;
}

/* The kind of container that the name hints at; NULL for none, or for text. */
static const char *container_by_name(struct span filename)
{
    const char *hint = type_by_name(filename);
    const struct format *format = format_of(hint);
    return format && !format->is_text ? hint : NULL;
}

/* By the streams of the container; where its directory lies behind the bytes at hand, by the name. Without either the reader that has the whole
 * file finds out. */
static const char *ole_type(struct span head, struct span filename)
{
    static const char *const types[] = {[OLE_WORD] = "application/msword",
                                        [OLE_EXCEL] = "application/vnd.ms-excel",
                                        [OLE_POWERPOINT] = "application/vnd.ms-powerpoint",
                                        [OLE_MESSAGE] = "application/vnd.ms-outlook",
                                        [OLE_ENCRYPTED] = "application/x-ole-storage",
                                        [OLE_OTHER] = NULL};
    enum ole_kind kind = ole_kind(head);
    const char *hint = type_by_name(filename);
    if (kind != OLE_UNKNOWN && kind != OLE_BROKEN)
        return types[kind];
    for (size_t i = OLE_WORD; hint && i <= OLE_MESSAGE; i++)
        if (strcmp(hint, types[i]) == 0)
            return hint;
    return kind == OLE_BROKEN ? NULL : "application/x-ole-storage";
}

/* Word 2 and 6 and Excel 2 to 4 also wrote files without a container. */
static const char *bare_type(struct span head)
{
    if (biff_starts(head))
        return "application/vnd.ms-excel";
    return span_starts(head, SPAN("\xDB\xA5")) || span_starts(head, SPAN("\xDC\xA5")) ? "application/msword" : NULL;
}

/* Kinds that are known and have no reader; without this list some of them would pass for text. */
static bool is_foreign(struct span head)
{
    static const struct span magic[] = {SPAN("%!PS"),
                                        SPAN("GIF8"),
                                        SPAN("\x89PNG"),
                                        SPAN("\xFF\xD8\xFF"),
                                        SPAN("\x1F\x8B"),
                                        SPAN("BZh"),
                                        SPAN("7z\xBC\xAF"),
                                        SPAN("Rar!"),
                                        SPAN("\x7F"
                                             "ELF"),
                                        SPAN("OggS")};
    for (size_t i = 0; i < sizeof magic / sizeof *magic; i++)
        if (span_starts(head, magic[i]))
            return true;
    return false;
}

/* The document's first characters without byte order mark, white space and SGML comments. */
static struct span skip_preamble(struct span s)
{
    if (span_starts(s, SPAN("\xEF\xBB\xBF")))
        s = span_skip(s, 3);
    for (;;) {
        while (s.n && memchr(" \t\r\n", s.p[0], 4))
            s = span_skip(s, 1);
        if (!span_starts(s, SPAN("<!--")))
            return s;
        ptrdiff_t end = span_find(s, SPAN("-->"));
        if (end < 0)
            return s;
        s = span_skip(s, (size_t)end + 3);
    }
}

static bool starts_nocase(struct span s, struct span prefix)
{
    return s.n >= prefix.n && span_eq_nocase((struct span){s.p, prefix.n}, prefix);
}

static bool find_nocase(struct span s, struct span what)
{
    for (; s.n >= what.n; s = span_skip(s, 1))
        if (starts_nocase(s, what))
            return true;
    return false;
}

static bool looks_like_html(struct span s, bool hinted)
{
    static const struct span starts[] = {SPAN("<!doctype html"), SPAN("<html"), SPAN("<head"), SPAN("<body"), SPAN("<title"), SPAN("<meta ")};
    s = skip_preamble(s);
    if (s.n == 0 || s.p[0] != '<')
        return hinted && memchr(s.p, '<', s.n);
    if (hinted)
        return true;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (starts_nocase(s, starts[i]))
            return true;
    struct span head = {s.p, s.n < 1024 ? s.n : 1024};
    return starts_nocase(s, SPAN("<?xml")) && find_nocase(head, SPAN("<html"));
}

static bool looks_like_xml(struct span s)
{
    static const struct span wide[] = {SPAN("\xFF\xFE<\0?\0x\0"), SPAN("\xFE\xFF\0<\0?\0x")};
    static const struct span starts[] = {SPAN("<?xml"), SPAN("<rss"), SPAN("<feed xmlns"), SPAN("<rdf:RDF")};
    if (span_starts(s, wide[0]) || span_starts(s, wide[1]))
        return true;
    s = skip_preamble(s);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (starts_nocase(s, starts[i]))
            return true;
    return false;
}

/* One complete object or array, or the sound beginning of one: in the head of a longer file the value may be cut. */
static bool looks_like_json(struct span s)
{
    s = skip_preamble(s);
    if (s.n == 0 || (s.p[0] != '{' && s.p[0] != '['))
        return false;
    enum json_verdict v = json_scan(s, NULL);
    return v == JSON_WHOLE || v == JSON_LINES || (v == JSON_CUT && s.n > 64);
}

/* At least three lines with the same number of separators, and that number at least 2. Only asked of files whose name says nothing. */
static bool looks_like_csv(struct span s, char separator)
{
    size_t expected = 0, lines = 0;
    struct span line, rest = s;
    while (lines < 20 && span_cut(rest, '\n', &line, &rest)) {
        size_t count = 0;
        for (size_t i = 0; i < line.n; i++)
            count += line.p[i] == separator;
        if (lines++ == 0)
            expected = count;
        if (count != expected)
            return false;
    }
    return lines >= 3 && expected >= 2;
}

static const char *text_type(struct span head, struct span filename)
{
    const char *hint = type_by_name(filename);
    const struct format *hinted = format_of(hint);
    if (hinted && !hinted->is_text)
        hint = NULL;
    if ((!hint || strcmp(hint, "text/plain") == 0) && mime_looks_like_message(head))
        return "message/rfc822";
    bool plain = hint && strcmp(hint, "text/plain") == 0, xml = hint && strcmp(hint, "application/xml") == 0;
    if (hint && !plain && !xml && strcmp(hint, "text/html") != 0)
        return hint;
    if (looks_like_html(head, hint && !plain && !xml))
        return "text/html";
    if (xml)
        return hint;
    if (looks_like_json(head))
        return "application/json";
    if (looks_like_xml(head))
        return "application/xml";
    if (!plain && looks_like_csv(head, '\t'))
        return "text/tab-separated-values";
    if (!plain && (looks_like_csv(head, ',') || looks_like_csv(head, ';')))
        return "text/csv";
    return "text/plain";
}

const struct format *format_detect(struct span head, struct span filename)
{
    struct span first = {head.p, head.n < 1024 ? head.n : 1024};
    if (span_find(first, SPAN("%PDF-")) >= 0)
        return format_of("application/pdf");
    if (span_starts(head, SPAN("PK\3\4")))
        return format_of(zip_media_type(head, container_by_name(filename)));
    if (span_starts(head, OLE_MAGIC))
        return format_of(ole_type(head, filename));
    if (span_starts(head, SPAN("{\\rtf")))
        return format_of("application/rtf");
    if (bare_type(head))
        return format_of(bare_type(head));
    if (is_foreign(head) || !charset_is_text(head))
        return NULL;
    return format_of(text_type(head, filename));
}

void format_note_name(const struct format *format, struct span filename, struct sink *out)
{
    char sentence[200];
    const struct ending *ending = ending_of(filename);
    const struct format *named = ending ? format_of(ending->media_type) : NULL;
    bool same_text = named && named->read == format->read && format->is_text; /* JSON and JSON Lines, CSV and TSV */
    if (!named || named == format || same_text || format->read == ole_read)
        return;
    snprintf(sentence, sizeof sentence, "The name ends in %s, but the content is %s and was read as such.", ending->ending, format->name);
    sink_note(out, sentence);
}

const char *extract_media_type(struct span head, struct span filename)
{
    const struct format *format = format_detect(head, filename);
    return format ? format->media_type : NULL;
}
