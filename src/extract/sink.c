/* The sink: every character that leaves the worker passes here once, is cleaned and counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "extract/format.h"

void sink_init(struct sink *s, bool (*emit)(void *ctx, const struct block *b), void *ctx, int64_t bytes_max)
{
    *s = (struct sink){.emit = emit, .ctx = ctx, .bytes_left = bytes_max};
    buf_init(&s->clean, (size_t)1 << 28);
}

void sink_free(struct sink *s)
{
    buf_free(&s->clean);
}

bool sink_refuse(struct sink *s, enum extract_error error, const char *sentence)
{
    if (s->error == EXTRACT_OK) {
        s->error = error;
        snprintf(s->message, sizeof s->message, "%s", sentence);
    }
    return false;
}

static bool is_noted(const struct sink *s, struct span sentence)
{
    struct span rest = span_of(s->notes), line;
    while (rest.n) {
        span_cut(rest, '\n', &line, &rest);
        if (span_eq(line, sentence))
            return true;
    }
    return false;
}

static bool is_one_line(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7F)
            return false;
    return s.n > 0 && utf8_valid(s);
}

void sink_note(struct sink *s, const char *sentence)
{
    size_t used = strlen(s->notes), length = strlen(sentence);
    if (!is_one_line(span_of(sentence)) || used + 1 + length >= sizeof s->notes || is_noted(s, span_of(sentence)))
        return;
    if (used)
        s->notes[used++] = '\n';
    memcpy(s->notes + used, sentence, length + 1);
}

bool sink_no_memory(struct sink *s)
{
    return sink_refuse(s, EXTRACT_TOO_LARGE, "The document needs more memory than one document may use.");
}

/* Letters of these scripts join or not by ZWJ and ZWNJ; elsewhere the two only hide text. */
static bool script_joins(uint32_t c)
{
    return (c >= 0x0600 && c < 0x1100) || (c >= 0x1780 && c < 0x18B0) || (c >= 0x1900 && c < 0x1D00) || (c >= 0xA800 && c < 0xAC00) ||
           (c >= 0xFB50 && c < 0xFE00) || (c >= 0x11000 && c < 0x12000);
}

static bool is_invisible(uint32_t c, uint32_t previous)
{
    if (c == 0x200C || c == 0x200D)
        return !script_joins(previous);
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x180E || c == 0x200B || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF) ||
           (c >= 0xE0000 && c <= 0xE007F);
}

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

static size_t next_character(struct span text, uint32_t *c)
{
    size_t used = utf8_next(text, c);
    if (*c == UTF8_INVALID)
        *c = 0xFFFD;
    return used;
}

/* The letters of a Latin ligature, or NULL: words are looked for letter by letter. */
static const char *ligature(uint32_t c)
{
    static const char *const letters[] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
    return c >= 0xFB00 && c <= 0xFB06 ? letters[c - 0xFB00] : NULL;
}

static void put_visible(struct buf *out, uint32_t c)
{
    const char *letters = ligature(c);
    if (letters) {
        buf_str(out, letters);
        return;
    }
    char bytes[4];
    buf_put(out, bytes, utf8_put(bytes, c));
}

/* What white space turns into: '\0' for nothing yet, else the separator to write before the next visible character. */
static char merge_space(char pending, uint32_t c, enum block_kind kind)
{
    bool row = kind == BLOCK_TABLE_ROW || kind == BLOCK_TABLE_HEADER;
    if (row && c == '\t')
        return '\t';
    return pending ? pending : ' ';
}

static void trim_spaces(struct buf *b)
{
    while (b->n && b->p[b->n - 1] == ' ')
        b->n--;
}

/* Bytes at the beginning that are kept as they are: visible ASCII, and single spaces between it. */
static size_t plain_length(struct span text)
{
    size_t n = 0;
    while (n < text.n && ((text.p[n] > ' ' && text.p[n] < 0x7F) || (text.p[n] == ' ' && n > 0 && text.p[n - 1] != ' ')))
        n++;
    return n > 0 && text.p[n - 1] == ' ' ? n - 1 : n;
}

/* Prose and rows: runs of white space become one separator; in a row every TAB is kept, also around empty cells. */
static bool clean_line(struct buf *out, enum block_kind kind, struct span text)
{
    bool seen = false;
    char pending = 0;
    uint32_t previous = 0;
    while (text.n) {
        uint32_t c;
        size_t plain = plain_length(text);
        if (plain) {
            if (pending && previous && previous != '\t')
                buf_char(out, pending);
            pending = 0;
            buf_put(out, text.p, plain);
            previous = (unsigned char)text.p[plain - 1];
            text = span_skip(text, plain);
            seen = true;
            continue;
        }
        text = span_skip(text, next_character(text, &c));
        if (is_space(c)) {
            pending = merge_space(pending, c, kind);
            if (pending == '\t') {
                buf_char(out, '\t');
                pending = 0;
                previous = '\t';
            }
            continue;
        }
        if (is_invisible(c, previous))
            continue;
        if (pending && previous && previous != '\t')
            buf_char(out, pending);
        pending = 0;
        put_visible(out, c);
        previous = c;
        seen = true;
    }
    return seen;
}

static void trim_lines(struct buf *b)
{
    while (b->n && (b->p[b->n - 1] == ' ' || b->p[b->n - 1] == '\n'))
        b->n--;
}

static void end_code_line(struct buf *out, bool seen)
{
    trim_spaces(out);
    if (seen)
        buf_char(out, '\n');
    else
        out->n = 0; /* blank lines before the code */
}

/* Code: line breaks and indentation stay; blank lines at both ends and white space at line ends go. */
static bool clean_code(struct buf *out, struct span text)
{
    bool seen = false;
    uint32_t previous = 0;
    while (text.n) {
        uint32_t c;
        text = span_skip(text, next_character(text, &c));
        if (c == '\n' || c == 0x2028 || c == 0x2029 || (c == '\r' && !(text.n && text.p[0] == '\n'))) {
            end_code_line(out, seen);
        } else if (c == '\t') {
            buf_str(out, "    ");
        } else if (is_space(c)) {
            buf_str(out, c == '\r' ? "" : " ");
        } else if (!is_invisible(c, previous)) {
            put_visible(out, c);
            seen = true;
        }
        previous = c;
    }
    trim_lines(out);
    return seen;
}

/* Bytes of the next piece of a text that is too long for one block: up to the last separator, else up to a whole character. */
static size_t piece_length(struct span text)
{
    if (text.n <= SINK_TEXT_MAX)
        return text.n;
    size_t n = utf8_clip(text, SINK_TEXT_MAX).n;
    for (size_t at = n; at > n / 2; at--)
        if (text.p[at - 1] == ' ' || text.p[at - 1] == '\t' || text.p[at - 1] == '\n')
            return at;
    return n;
}

/* A piece as a block shows it. Empty cells stay at the end of a row, and code keeps the indentation of its first line. */
static struct span tidy_piece(struct span piece, enum block_kind kind, bool last)
{
    bool row = kind == BLOCK_TABLE_ROW || kind == BLOCK_TABLE_HEADER;
    if (kind != BLOCK_CODE)
        return row && last ? piece : span_trim(piece);
    while (piece.n && (piece.p[piece.n - 1] == '\n' || piece.p[piece.n - 1] == ' '))
        piece.n--;
    return piece;
}

bool sink_pass(struct sink *s, const struct block *b)
{
    if (s->error != EXTRACT_OK)
        return false;
    if (b->text.n == 0)
        return true;
    if (s->blocks >= SINK_BLOCKS_MAX || (int64_t)b->text.n > s->bytes_left)
        return sink_refuse(s, EXTRACT_TOO_LARGE, "The document holds more text than one document may hold.");
    s->blocks++;
    s->bytes_left -= (int64_t)b->text.n;
    if (!s->emit(s->ctx, b))
        return sink_refuse(s, EXTRACT_INTERNAL, "The reader of the document lost its listener.");
    return true;
}

struct span sink_clean(struct sink *s, struct span text)
{
    buf_clear(&s->clean);
    clean_line(&s->clean, BLOCK_PARAGRAPH, text);
    return span_trim(buf_view(&s->clean));
}

bool sink_put(struct sink *s, enum block_kind kind, int32_t level, int32_t page, struct span text)
{
    if (s->error != EXTRACT_OK)
        return false;
    buf_clear(&s->clean);
    bool seen = kind == BLOCK_CODE ? clean_code(&s->clean, text) : clean_line(&s->clean, kind, text);
    if (s->clean.failed)
        return sink_no_memory(s);
    if (!seen)
        return true;
    struct block b = {.kind = kind, .level = level < 0 ? 0 : level > SINK_LEVEL_MAX ? SINK_LEVEL_MAX : level, .page = page};
    for (struct span rest = buf_view(&s->clean); rest.n;) {
        struct span piece = {rest.p, piece_length(rest)};
        rest = span_skip(rest, piece.n);
        b.text = tidy_piece(piece, kind, rest.n == 0);
        if (!sink_pass(s, &b))
            return false;
    }
    return true;
}

void row_cell(struct buf *row, bool first, struct span cell)
{
    if (!first)
        buf_char(row, '\t');
    cell = span_trim(cell);
    char *to = buf_reserve(row, cell.n);
    if (!to)
        return;
    for (size_t i = 0; i < cell.n; i++)
        to[i] = cell.p[i] == '\t' || cell.p[i] == '\n' || cell.p[i] == '\r' ? ' ' : cell.p[i];
    row->n += cell.n;
}

int32_t heading_level(int64_t level)
{
    return level < 1 ? 1 : level > 6 ? 6 : (int32_t)level;
}
