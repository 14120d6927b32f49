/* Charset detection (byte order marks, patterns of zeros, UTF-8 validity, then uchardet) and conversion (iconv). */
#include "extract/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchardet/uchardet.h>

#include "base/utf8.h"
#include "extract/binary.h"

enum { GUESS_BYTES = 256 * 1024, NAME_SIZE = 32 };

/* Charsets whose tables are loaded before the sandbox closes. Western Europe's comes first: it is the fallback. */
static const char *const charsets[] = {
    "WINDOWS-1252", "UTF-16LE",     "UTF-16BE",     "UTF-32LE",     "UTF-32BE",     "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-3",  "ISO-8859-5",
    "ISO-8859-6",   "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",   "ISO-8859-11",  "ISO-8859-13",  "ISO-8859-15",  "ISO-8859-16", "WINDOWS-1250",
    "WINDOWS-1251", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "KOI8-R",      "KOI8-U",
    "IBM866",       "IBM850",       "IBM852",       "MAC-CYRILLIC", "TIS-620",      "SHIFT_JIS",    "CP932",        "EUC-JP",      "ISO-2022-JP",
    "GB18030",      "BIG5",         "EUC-KR",       "UHC",          "EUC-TW",       "MACINTOSH",
};
enum { CHARSETS = sizeof charsets / sizeof *charsets };

struct converters {
    iconv_t to_utf8[CHARSETS]; /* (iconv_t)-1 where this machine has no table */
};

void *charset_prepare(void)
{
    struct converters *c = calloc(1, sizeof *c);
    for (size_t i = 0; c && i < CHARSETS; i++)
        c->to_utf8[i] = iconv_open("UTF-8", charsets[i]);
    return c;
}

void charset_release(void *library)
{
    struct converters *c = library;
    for (size_t i = 0; i < CHARSETS; i++)
        if (c->to_utf8[i] != (iconv_t)-1)
            iconv_close(c->to_utf8[i]);
    free(c);
}

/* The charset of a byte order mark, its length in *mark; NULL when there is none. */
static const char *by_mark(struct span s, size_t *mark)
{
    static const struct {
        struct span bytes;
        const char *charset;
    } marks[] = {{SPAN("\xEF\xBB\xBF"), "UTF-8"},
                 {SPAN("\xFF\xFE\0\0"), "UTF-32LE"},
                 {SPAN("\0\0\xFE\xFF"), "UTF-32BE"},
                 {SPAN("\xFF\xFE"), "UTF-16LE"},
                 {SPAN("\xFE\xFF"), "UTF-16BE"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (span_starts(s, marks[i].bytes)) {
            *mark = marks[i].bytes.n;
            return marks[i].charset;
        }
    *mark = 0;
    return NULL;
}

/* UTF-16 and UTF-32 without a mark: mostly-Latin text has its zeros in fixed columns of four bytes. */
static const char *by_zeros(struct span s)
{
    size_t zeros[4] = {0}, n = s.n < 4096 ? s.n & ~(size_t)3 : 4096;
    for (size_t i = 0; i < n; i++)
        zeros[i % 4] += s.p[i] == 0;
    size_t quarter = n / 4, most = quarter - quarter / 4, few = quarter / 20;
    if (quarter < 2)
        return NULL;
    if (zeros[1] >= most && zeros[2] >= most && zeros[3] >= most && zeros[0] <= few)
        return "UTF-32LE";
    if (zeros[0] >= most && zeros[1] >= most && zeros[2] >= most && zeros[3] <= few)
        return "UTF-32BE";
    if (zeros[1] >= most && zeros[3] >= most && zeros[0] <= few && zeros[2] <= few)
        return "UTF-16LE";
    if (zeros[0] >= most && zeros[2] >= most && zeros[1] <= few && zeros[3] <= few)
        return "UTF-16BE";
    return NULL;
}

bool charset_is_text(struct span head)
{
    size_t mark, odd = 0;
    if (by_mark(head, &mark) || by_zeros(head))
        return true;
    size_t n = head.n < 65536 ? head.n : 65536;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)head.p[i];
        if (c == 0)
            return false;
        odd += c < 0x20 && !(c >= 9 && c <= 13) && c != 0x1B;
    }
    return odd * 50 <= n;
}

/* Valid, or so much of it is that the rest must be damage: at least four good sequences for each bad byte. */
static bool is_utf8(struct span s)
{
    size_t good = 0, bad = 0;
    while (s.n) {
        uint32_t c;
        size_t used = utf8_next(s, &c);
        if (c == UTF8_INVALID)
            bad += used < s.n || s.n > 3; /* a sequence cut by the end of the file says nothing */
        else
            good += c >= 0x80;
        s = span_skip(s, used);
    }
    return bad == 0 || good >= bad * 4;
}

static bool same_charset(struct span a, const char *b)
{
    return span_eq_nocase(a, span_of(b));
}

/* The converter of a named charset, or (iconv_t)-1. Web pages that say Latin-1 or ASCII mean Windows-1252 (WHATWG Encoding). */
static iconv_t converter(const struct converters *c, struct span name)
{
    static const char *const latin[] = {"ISO-8859-1", "ISO8859-1", "LATIN1", "ASCII", "US-ASCII"};
    static const char *const aliases[][2] = {{"SJIS", "CP932"},      {"SHIFT-JIS", "CP932"},     {"SHIFT_JIS", "CP932"},     {"X-SJIS", "CP932"},
                                             {"GB2312", "GB18030"},  {"GBK", "GB18030"},         {"EUC-KR", "UHC"},          {"KS_C_5601-1987", "UHC"},
                                             {"UTF-16", "UTF-16LE"}, {"CP1252", "WINDOWS-1252"}, {"CP1251", "WINDOWS-1251"}, {"CP1250", "WINDOWS-1250"}};
    for (size_t i = 0; i < sizeof latin / sizeof *latin; i++)
        if (same_charset(name, latin[i]))
            return c->to_utf8[0];
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (same_charset(name, aliases[i][0]))
            name = span_of(aliases[i][1]);
    for (size_t i = 0; i < CHARSETS; i++)
        if (same_charset(name, charsets[i]))
            return c->to_utf8[i];
    return (iconv_t)-1;
}

/* What uchardet makes of the bytes, in name[NAME_SIZE]; empty when it cannot tell. */
static void guess(struct span s, char *name)
{
    name[0] = '\0';
    uchardet_t u = uchardet_new();
    if (!u)
        return;
    if (uchardet_handle_data(u, s.p, s.n < GUESS_BYTES ? s.n : GUESS_BYTES) == 0) {
        uchardet_data_end(u);
        span_to_cstr(span_of(uchardet_get_charset(u)), name, NAME_SIZE);
    }
    uchardet_delete(u);
}

/* False when there is no memory. */
static bool convert(iconv_t how, struct span s, size_t unit, struct buf *text)
{
    char *from = (char *)(uintptr_t)s.p;
    size_t left = s.n;
    iconv(how, NULL, NULL, NULL, NULL);
    while (left > 0) {
        size_t room = left + 64;
        char *to = buf_reserve(text, room);
        if (!to)
            return false;
        char *end = to;
        size_t result = iconv(how, &from, &left, &end, &room);
        text->n += (size_t)(end - to);
        if (result != (size_t)-1 || errno == E2BIG)
            continue;
        size_t skip = left < unit ? left : unit;
        from += skip;
        left -= skip;
        buf_str(text, "\xEF\xBF\xBD");
    }
    return true;
}

static bool keep_utf8(struct span s, struct buf *text, struct sink *out)
{
    buf_span(text, s);
    return text->failed ? sink_no_memory(out) : true;
}

bool charset_decode(const struct source *in, struct span declared, struct buf *text, struct sink *out)
{
    size_t mark;
    const char *name = by_mark(in->bytes, &mark);
    struct span s = span_skip(in->bytes, mark);
    const struct converters *c = in->library;
    char guessed[NAME_SIZE];
    if (!name)
        name = by_zeros(s);
    bool wide = name && strcmp(name, "UTF-8") != 0;
    if (!wide && (name || is_utf8(s)))
        return keep_utf8(s, text, out);
    iconv_t how = wide ? converter(c, span_of(name)) : converter(c, declared);
    if (how == (iconv_t)-1 && !wide) {
        guess(s, guessed);
        how = converter(c, span_of(guessed));
    }
    if (how == (iconv_t)-1)
        how = c->to_utf8[0];
    if (how == (iconv_t)-1)
        return keep_utf8(s, text, out);
    return convert(how, s, wide ? (strstr(name, "32") ? 4 : 2) : 1, text) ? true : sink_no_memory(out);
}

/* Code pages whose charset has another name than their number says. */
static const struct {
    uint32_t codepage;
    const char *charset;
} codepages[] = {
    {437, "IBM850"},         {850, "IBM850"},   {852, "IBM852"},   {866, "IBM866"},       {874, "TIS-620"},      {932, "CP932"},
    {936, "GB18030"},        {949, "UHC"},      {950, "BIG5"},     {1200, "UTF-16LE"},    {1361, "UHC"},         {10000, "MACINTOSH"},
    {10007, "MAC-CYRILLIC"}, {20866, "KOI8-R"}, {21866, "KOI8-U"}, {28592, "ISO-8859-2"}, {28595, "ISO-8859-5"}, {28597, "ISO-8859-7"},
    {28599, "ISO-8859-9"},   {51932, "EUC-JP"}, {51949, "EUC-KR"}, {54936, "GB18030"},    {0x8000, "MACINTOSH"},
};

void charset_put(void *library, uint32_t codepage, struct span bytes, struct buf *to)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "WINDOWS-%u", codepage);
    for (size_t i = 0; i < sizeof codepages / sizeof *codepages; i++)
        if (codepages[i].codepage == codepage)
            snprintf(name, sizeof name, "%s", codepages[i].charset);
    if (codepage == 65001) {
        buf_span(to, bytes);
        return;
    }
    iconv_t how = codepage == 1252 ? (iconv_t)-1 : converter(library, span_of(name));
    if (how == (iconv_t)-1)
        put_cp1252(to, bytes);
    else
        convert(how, bytes, 1, to);
}

uint32_t charset_codepage(uint32_t windows_charset)
{
    static const struct {
        uint32_t charset, codepage;
    } pages[] = {{77, 10000}, {128, 932},  {129, 949},  {134, 936},  {136, 950},  {161, 1253}, {162, 1254},
                 {163, 1258}, {177, 1255}, {178, 1256}, {186, 1257}, {204, 1251}, {222, 874},  {238, 1250}};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (pages[i].charset == windows_charset)
            return pages[i].codepage;
    return 0;
}
