/* Tokens and control words of the Rich Text Format (specification 1.9.1). */
#include "extract/rtf_words.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_SIZE = 32, DIGITS_MAX = 9 };

struct word {
    const char *name;
    enum rtf_action action;
    int32_t value;
};

static const struct word words[] = {
    {"ansicpg", RTF_CODEPAGE, 0},
    {"atnauthor", RTF_DROPPED, 0},
    {"atnid", RTF_DROPPED, 0},
    {"annotation", RTF_DROPPED, 0},
    {"author", RTF_DROPPED, 0},
    {"b", RTF_BOLD, 1},
    {"bin", RTF_BINARY, 0},
    {"bullet", RTF_CHARACTER, 0x2022},
    {"cell", RTF_CELL, 0},
    {"colortbl", RTF_DROPPED, 0},
    {"column", RTF_PARAGRAPH, 0},
    {"deff", RTF_DEFAULT_FONT, 0},
    {"deleted", RTF_DELETED, 1},
    {"emdash", RTF_CHARACTER, 0x2014},
    {"emspace", RTF_CHARACTER, ' '},
    {"endash", RTF_CHARACTER, 0x2013},
    {"enspace", RTF_CHARACTER, ' '},
    {"f", RTF_FONT, 0},
    {"fcharset", RTF_FONT_CHARSET, 0},
    {"fldinst", RTF_DROPPED, 0},
    {"fldrslt", RTF_SHOWN, 0},
    {"fonttbl", RTF_FONTS, 0},
    {"footer", RTF_MARGIN, 0},
    {"footerf", RTF_MARGIN, 0},
    {"footerl", RTF_MARGIN, 0},
    {"footerr", RTF_MARGIN, 0},
    {"footnote", RTF_NOTE, 0},
    {"header", RTF_MARGIN, 0},
    {"headerf", RTF_MARGIN, 0},
    {"headerl", RTF_MARGIN, 0},
    {"headerr", RTF_MARGIN, 0},
    {"ilvl", RTF_LIST_LEVEL, 0},
    {"info", RTF_DROPPED, 0},
    {"intbl", RTF_IN_TABLE, 0},
    {"ldblquote", RTF_CHARACTER, 0x201C},
    {"line", RTF_CHARACTER, ' '},
    {"listoverridetable", RTF_DROPPED, 0},
    {"listtable", RTF_DROPPED, 0},
    {"listtext", RTF_LABEL, 0},
    {"lquote", RTF_CHARACTER, 0x2018},
    {"ls", RTF_LIST, 0},
    {"mac", RTF_CODEPAGE, 10000},
    {"nestcell", RTF_CHARACTER, ' '},
    {"nesttableprops", RTF_DROPPED, 0},
    {"nonesttables", RTF_DROPPED, 0},
    {"nonshppict", RTF_DROPPED, 0},
    {"objdata", RTF_DROPPED, 0},
    {"objclass", RTF_DROPPED, 0},
    {"objname", RTF_DROPPED, 0},
    {"outlinelevel", RTF_OUTLINE, 0},
    {"page", RTF_PARAGRAPH, 0},
    {"par", RTF_PARAGRAPH, 0},
    {"pard", RTF_PLAIN_PARAGRAPH, 0},
    {"pc", RTF_CODEPAGE, 850},
    {"pca", RTF_CODEPAGE, 850},
    {"pict", RTF_DROPPED, 0},
    {"plain", RTF_PLAIN, 0},
    {"pntext", RTF_LABEL, 0},
    {"pntxta", RTF_DROPPED, 0},
    {"pntxtb", RTF_DROPPED, 0},
    {"rdblquote", RTF_CHARACTER, 0x201D},
    {"row", RTF_ROW, 0},
    {"rquote", RTF_CHARACTER, 0x2019},
    {"revtbl", RTF_DROPPED, 0},
    {"s", RTF_STYLE, 0},
    {"sect", RTF_PARAGRAPH, 0},
    {"shpinst", RTF_SHOWN, 0},
    {"shprslt", RTF_DROPPED, 0},
    {"shptxt", RTF_SHOWN, 0},
    {"sn", RTF_DROPPED, 0},
    {"stylesheet", RTF_STYLES, 0},
    {"sv", RTF_DROPPED, 0},
    {"tab", RTF_CHARACTER, ' '},
    {"tc", RTF_DROPPED, 0},
    {"themedata", RTF_DROPPED, 0},
    {"trhdr", RTF_ROW_HEADER, 0},
    {"trowd", RTF_ROW_BEGIN, 0},
    {"u", RTF_UNICODE, 0},
    {"uc", RTF_UNICODE_SKIP, 1},
    {"upr", RTF_SHOWN, 0},
    {"ud", RTF_SHOWN, 0},
    {"v", RTF_HIDDEN, 1},
    {"xe", RTF_DROPPED, 0},
};

static const struct word *find_word(const char *name)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].name[0] == name[0] && strcmp(words[i].name, name) == 0)
            return &words[i];
    return NULL;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The parameter behind a word: digits, perhaps behind a sign; then one space belongs to the word. */
static void read_parameter(struct span *rest, struct rtf_token *t)
{
    bool negative = rest->n > 1 && rest->p[0] == '-' && is_digit(rest->p[1]);
    struct span s = span_skip(*rest, negative);
    int digits = 0;
    int32_t value = 0;
    for (; s.n && is_digit(s.p[0]); s = span_skip(s, 1))
        if (digits++ < DIGITS_MAX)
            value = value * 10 + (s.p[0] - '0');
    if (digits) {
        t->valued = true;
        t->value = negative ? -value : value;
        *rest = s;
    }
    if (rest->n && rest->p[0] == ' ')
        *rest = span_skip(*rest, 1);
}

static struct rtf_token read_word(struct span *rest)
{
    struct rtf_token t = {.kind = RTF_WORD};
    char name[WORD_SIZE];
    size_t n = 0;
    while (n < rest->n && is_letter(rest->p[n]))
        n++;
    span_to_cstr((struct span){rest->p, n}, name, sizeof name);
    *rest = span_skip(*rest, n);
    const struct word *word = find_word(name);
    if (word) {
        t.action = word->action;
        t.value = word->value;
    }
    read_parameter(rest, &t);
    if (word && word->action == RTF_CODEPAGE && word->value)
        t.value = word->value;
    if (word && word->action == RTF_CHARACTER)
        t.value = word->value;
    return t;
}

/* Behind a backslash: a word, or one character. */
static struct rtf_token read_control(struct span *rest)
{
    struct rtf_token t = {.kind = RTF_WORD};
    if (rest->n == 0)
        return (struct rtf_token){.kind = RTF_END};
    if (is_letter(rest->p[0]))
        return read_word(rest);
    char c = rest->p[0];
    *rest = span_skip(*rest, 1);
    if (c == '\'' && rest->n >= 2) {
        int high = hex_digit(rest->p[0]), low = hex_digit(rest->p[1]);
        *rest = span_skip(*rest, 2);
        return high < 0 || low < 0 ? t : (struct rtf_token){.kind = RTF_BYTE, .value = high * 16 + low};
    }
    if (c == '*')
        t.action = RTF_STARRED;
    else if (c == '\n' || c == '\r')
        t.action = RTF_PARAGRAPH;
    else if (c == '\\' || c == '{' || c == '}' || c == '~' || c == '_') {
        t.action = RTF_CHARACTER;
        t.value = c == '~' ? ' ' : c == '_' ? '-' : c;
    }
    return t;
}

struct rtf_token rtf_next(struct span *rest)
{
    while (rest->n && (rest->p[0] == '\r' || rest->p[0] == '\n' || rest->p[0] == '\0'))
        *rest = span_skip(*rest, 1);
    if (rest->n == 0)
        return (struct rtf_token){.kind = RTF_END};
    char c = rest->p[0];
    if (c == '{' || c == '}' || c == '\\') {
        *rest = span_skip(*rest, 1);
        return c == '\\' ? read_control(rest) : (struct rtf_token){.kind = c == '{' ? RTF_OPEN : RTF_CLOSE};
    }
    size_t n = 0;
    while (n < rest->n && !memchr("{}\\\r\n", rest->p[n], 5) && rest->p[n])
        n++;
    struct rtf_token t = {.kind = RTF_TEXT, .text = {rest->p, n}};
    *rest = span_skip(*rest, n);
    return t;
}
