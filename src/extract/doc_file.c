/* The file information block and the table of pieces of a Word document ([MS-DOC] 2.5 and 2.8.35). */
#include "extract/doc_file.h"

#include <string.h>

#include "extract/binary.h"
#include "extract/charset.h"

enum {
    MAGIC_WORD = 0xA5EC,
    MAGIC_WORD6 = 0xA5DC,
    FLAG_COMPLEX = 0x0004,
    FLAG_ENCRYPTED = 0x0100,
    FLAG_TABLE1 = 0x0200,
    PIECE_SIZE = 8,
    SAVED_MAX = 1 << 16,
    CHANGES_MAX = 4096, /* bytes of changes that a quick save hung on one piece */
    FONTS_MAX = 256
};

struct span doc_table(const struct doc_file *f, enum doc_table which, uint32_t *at)
{
    size_t entry = (f->old ? 0x58 : 0x9A) + (size_t)which * 8;
    if (at)
        *at = le32(f->main, entry);
    return slice(f->tables, le32(f->main, entry), le32(f->main, entry + 4));
}

/* The code page in which a Word of this language wrote. */
static uint32_t codepage_of(uint32_t language)
{
    static const struct {
        uint32_t language, codepage;
    } pages[] = {{0x19, 1251}, {0x22, 1251}, {0x02, 1251}, {0x23, 1251}, {0x08, 1253}, {0x1F, 1254}, {0x15, 1250}, {0x05, 1250}, {0x0E, 1250}, {0x18, 1250},
                 {0x1A, 1250}, {0x1B, 1250}, {0x24, 1250}, {0x11, 932},  {0x12, 949},  {0x0D, 1255}, {0x01, 1256}, {0x25, 1257}, {0x26, 1257}, {0x27, 1257}};
    if ((language & 0x3FF) == 0x04)
        return language == 0x0804 || language == 0x1004 ? 936 : 950;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (pages[i].language == (language & 0x3FF))
            return pages[i].codepage;
    return 1252;
}

/* The font with this number in the table of fonts, each behind its length. */
static struct span font_at(struct span fonts, uint32_t number)
{
    for (size_t at = 2; at < fonts.n && number < FONTS_MAX; at += le8(fonts, at) + 1, number--)
        if (number == 0)
            return slice(fonts, at, le8(fonts, at) + 1);
    return (struct span){"", 0};
}

uint32_t doc_font_codepage(const struct doc_file *f, uint32_t font)
{
    enum { ANSI = 0 };
    struct span one = font_at(doc_table(f, DOC_FONTS, NULL), font);
    uint32_t codepage = charset_codepage(le8(one, 4));
    return codepage ? codepage : one.n > 4 && le8(one, 4) == ANSI ? 1252 : f->codepage;
}

/* Where the language says nothing, the first font with letters of its own does. */
static void guess_codepage(struct doc_file *f)
{
    struct span fonts = doc_table(f, DOC_FONTS, NULL);
    f->codepage = le16(f->main, 0x14) == 256 ? 10000 : codepage_of(le16(f->main, 6));
    for (size_t at = 2; f->codepage == 1252 && at < fonts.n; at += le8(fonts, at) + 1) {
        uint32_t codepage = charset_codepage(le8(fonts, at + 4));
        f->codepage = codepage ? codepage : 1252;
    }
}

static bool read_lengths(struct doc_file *f)
{
    uint64_t total = 0;
    for (size_t i = 0; i < DOC_PARTS; i++) {
        f->length[i] = le32(f->main, (f->old ? 0x34 : 0x4C) + i * 4);
        total += f->length[i];
    }
    return total < INT32_MAX ? true : sink_refuse(f->out, EXTRACT_DAMAGED, "The file is damaged: its text is longer than any can be.");
}

/* Adds a piece; together they may have no more characters than the file has bytes. */
static bool add_piece(struct doc_file *f, struct doc_piece p, uint64_t *left)
{
    uint64_t there = p.at < f->main.n ? (f->main.n - p.at) / (p.wide ? 2 : 1) : 0;
    if (p.to - p.from > there)
        p.to = p.from + (uint32_t)there;
    if (p.to - p.from > *left)
        return sink_refuse(f->out, EXTRACT_DAMAGED, "The file is damaged: pieces of its text overlap.");
    *left -= p.to - p.from;
    f->pieces[f->piece_count++] = p;
    return true;
}

/* The piece table: character positions, one more than there are pieces, then what is known of each piece. */
static bool read_pieces(struct doc_file *f, struct span table)
{
    size_t count = table.n < 4 ? 0 : (table.n - 4) / (4 + PIECE_SIZE);
    uint64_t left = 2 * (uint64_t)f->main.n;
    f->pieces = arena_array(f->arena, count + 1, sizeof *f->pieces);
    if (!f->pieces)
        return sink_no_memory(f->out);
    for (size_t i = 0; i < count; i++) {
        size_t entry = (count + 1) * 4 + i * PIECE_SIZE;
        uint32_t at = le32(table, entry + 2);
        struct doc_piece p = {le32(table, i * 4), le32(table, i * 4 + 4), at, !f->old, (uint16_t)le16(table, entry + 6)};
        if (!f->old && at & 0x40000000) {
            p.at = (at & 0x3FFFFFFF) / 2;
            p.wide = false;
        }
        if (p.to < p.from || p.to > INT32_MAX)
            return sink_refuse(f->out, EXTRACT_DAMAGED, "The file is damaged: the order of its text is lost.");
        if (p.to > p.from && !add_piece(f, p, &left))
            return false;
    }
    return true;
}

/* A file that was never saved quickly by Word 6 or 95: the text in one piece. */
static bool read_single_piece(struct doc_file *f)
{
    uint64_t left = f->main.n;
    uint32_t from = le32(f->main, 0x18), to = le32(f->main, 0x1C);
    f->pieces = arena_alloc(f->arena, sizeof *f->pieces);
    if (!f->pieces)
        return sink_no_memory(f->out);
    return to <= from || add_piece(f, (struct doc_piece){0, to - from, from, false, 0}, &left);
}

/* The "clx": property changes of quick saves, then the piece table. */
static bool read_clx(struct doc_file *f)
{
    struct span clx = doc_table(f, DOC_PIECES, NULL);
    f->saved = arena_array(f->arena, SAVED_MAX, sizeof *f->saved);
    if (!f->saved)
        return sink_no_memory(f->out);
    while (clx.n > 3 && le8(clx, 0) == 1 && f->saved_count < SAVED_MAX) {
        uint32_t length = le16(clx, 1);
        f->saved[f->saved_count++] = slice(clx, 3, length < CHANGES_MAX ? length : CHANGES_MAX);
        clx = slice(clx, 3 + (uint64_t)length, UINT64_MAX);
    }
    if (le8(clx, 0) == 2)
        return read_pieces(f, slice(clx, 5, le32(clx, 1)));
    if (f->old)
        return read_single_piece(f);
    return sink_refuse(f->out, EXTRACT_DAMAGED, "The file is damaged: the order of its text is lost.");
}

static bool read_header(struct doc_file *f)
{
    uint32_t magic = le16(f->main, 0), flags = le16(f->main, 0x0A), version = le16(f->main, 2);
    bool word97 = magic == MAGIC_WORD && version >= 101, far_east = magic >= 0xA697 && magic <= 0xA699;
    if (!word97 && !(magic == MAGIC_WORD6 && version >= 101) && !far_east)
        return magic >> 8 == 0xA5 ? sink_refuse(f->out, EXTRACT_UNSUPPORTED, "Documents of Word 2 and before cannot be read; save it in a later format.")
                                  : sink_refuse(f->out, EXTRACT_DAMAGED, "The file holds no Word document.");
    if (flags & FLAG_ENCRYPTED)
        return sink_refuse(f->out, EXTRACT_ENCRYPTED, "The document is protected by a password.");
    f->old = !word97 || version < 0xC0; /* Word 97 is 0xC1 */
    return true;
}

static bool find_tables(struct doc_file *f)
{
    bool first = (le16(f->main, 0x0A) & FLAG_TABLE1) != 0;
    f->tables = f->main;
    return f->old || ole_stream(&f->ole, first ? "1Table" : "0Table", &f->tables) || ole_stream(&f->ole, first ? "0Table" : "1Table", &f->tables) ||
           sink_refuse(f->out, EXTRACT_DAMAGED, "The file is damaged: the tables of the document are missing.");
}

bool doc_open(struct doc_file *f, const struct source *in, struct arena *arena, struct sink *out)
{
    *f = (struct doc_file){.out = out, .arena = arena, .main = in->bytes};
    if (span_starts(in->bytes, OLE_MAGIC) &&
        (!ole_open(&f->ole, in->bytes, arena, out) ||
         !(ole_stream(&f->ole, "WordDocument", &f->main) || sink_refuse(out, EXTRACT_DAMAGED, "The file holds no Word document."))))
        return false;
    if (!read_header(f) || !find_tables(f) || !read_lengths(f) || !read_clx(f))
        return false;
    if (f->old)
        guess_codepage(f);
    return true;
}
