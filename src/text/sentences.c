/* Sentence boundaries by rule: a full stop ends a sentence unless what stands before it or behind it says otherwise. */
#include "text/sentences.h"

#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

/* Words that are followed by a point and never end a sentence; lower case, inner points kept, parted by spaces. English, German, French, Spanish, Italian, Portuguese, Dutch. */
static const char abbreviations[] =
    " mr mrs ms dr prof st sr jr rev gen col capt lt sgt gov sen rep pres hon vs cf e.g i.e eg ie approx est fig figs eq eqs sec secs ch vol vols pp ed eds "
    "ref refs al dept univ assn bros tel ext incl resp max min avg art arts para paras z.b d.h u.a bzw ca evtl ggf inkl exkl nr vgl sog abs str hr fr dipl ing "
    "mio mrd p.ex mme mlle mm cie av bd chap env sra srta dra ud uds núm pág págs dott sig sig.ra ecc dhr mevr blz nl jan feb apr aug sept okt nov dez ";
/* Those that may stand at the end as well: the sentence goes on only when a word in lower case or a digit follows. "no" is one because it is also a word. */
static const char open_abbreviations[] = " no etc inc ltd co corp llc plc a.m p.m usw ph.d b.a m.a gmbh ag hrs mins secs ";
static const char german_months[] = " Januar Februar März April Mai Juni Juli August September Oktober November Dezember Jahrhundert Jahrhunderts Quartal ";

/* Words that show, behind an initial or an acronym with points, that a sentence begins after all. */
static const char starters[] =
    " The This That These Those There It He She They We You His Her Its Their Our In On At For But And However When If As After Since An ";

struct scanner {
    struct span text;
    struct arena *arena;
    struct span *list; /* [capacity], the newest copy */
    size_t count, capacity;
    bool failed;
};

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x3000 || c == 0xFEFF;
}

static bool is_line_break(uint32_t c)
{
    return (c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* Full stops of scripts that need no space behind them. */
static bool ends_anywhere(uint32_t c)
{
    return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF0E || c == 0xFF61 || c == 0x061F || c == 0x06D4 || c == 0x0964 || c == 0x0965 || c == 0x104A ||
           c == 0x104B || c == 0x1362 || c == 0x1367 || c == 0x17D4 || c == 0x17D5 || c == 0x0589;
}

static bool is_terminator(uint32_t c)
{
    return c == '.' || c == '!' || c == '?' || c == 0x2026 || (c >= 0x203C && c <= 0x203D) || (c >= 0x2047 && c <= 0x2049) || ends_anywhere(c);
}

static bool is_closer(uint32_t c)
{
    return c == '"' || c == '\'' || c == ')' || c == ']' || c == '}' || c == 0x2019 || c == 0x201D || c == 0x201C || c == 0xBB || c == 0x203A ||
           (c >= 0x3009 && c <= 0x3011 && c % 2) || c == 0x3015 || c == 0xFF09 || c == 0xFF3D;
}

static bool is_opener(uint32_t c)
{
    return c == '"' || c == '\'' || c == '(' || c == '[' || c == '{' || c == 0x2018 || c == 0x201C || c == 0x201E || c == 0xAB || c == 0xBF || c == 0xA1 ||
           c == '*' || c == '-';
}

static uint32_t at_point(struct span text, size_t at, size_t *used)
{
    uint32_t c = 0;
    *used = at < text.n ? utf8_next(span_skip(text, at), &c) : 0;
    return c;
}

static struct span trim(struct span s)
{
    size_t used;
    while (s.n && is_space(at_point(s, 0, &used)))
        s = span_skip(s, used);
    for (size_t n = s.n; n > 0;) {
        size_t last = n - 1;
        while (last > 0 && n - last < 4 && ((unsigned char)s.p[last] & 0xC0) == 0x80)
            last--;
        if (!is_space(at_point(s, last, &used)))
            break;
        s.n = n = last;
    }
    return s;
}

static void emit(struct scanner *s, size_t start, size_t end)
{
    struct span sentence = trim((struct span){s->text.p + start, end - start});
    if (sentence.n == 0 || s->failed)
        return;
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 16;
        struct span *grown = arena_array(s->arena, capacity, sizeof *grown);
        if (!grown) {
            s->failed = true;
            return;
        }
        if (s->count)
            memcpy(grown, s->list, s->count * sizeof *grown);
        s->list = grown;
        s->capacity = capacity;
    }
    s->list[s->count++] = sentence;
}

/* Is the word in a list of words parted by spaces? */
static bool listed(const char *list, struct span word)
{
    char key[40];
    if (word.n == 0 || word.n + 2 >= sizeof key)
        return false;
    key[0] = ' ';
    memcpy(key + 1, word.p, word.n);
    key[word.n + 1] = ' ';
    return memmem(list, strlen(list), key, word.n + 2) != NULL;
}

/* The word that ends at `end`, back to white space or an opening sign, without looking further than 40 bytes. */
static struct span word_before(struct span text, size_t from, size_t end)
{
    size_t start = end;
    while (start > from && end - start < 40) {
        unsigned char c = (unsigned char)text.p[start - 1];
        if (c == ' ' || (c >= '\t' && c <= '\r') || c == '(' || c == '[' || c == '"' || c == '\'' || c == '-' || c == '/')
            break;
        start--;
    }
    return (struct span){text.p + start, end - start};
}

static struct span lowered(struct span word, char out[40])
{
    size_t n = word.n < 40 ? word.n : 0;
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(word.p[i] >= 'A' && word.p[i] <= 'Z' ? word.p[i] + 32 : word.p[i]);
    return (struct span){out, n};
}

/* J (of J. Smith) or U.S: capitals with points between them. */
static bool is_initial(struct span word)
{
    if (word.n == 0 || (word.n == 1 && word.p[0] == 'I'))
        return false;
    size_t used;
    for (bool letter = true; word.n; letter = !letter, word = span_skip(word, used)) {
        uint32_t c = at_point(word, 0, &used);
        if (letter ? c >= 0x110000 || utf8proc_category((utf8proc_int32_t)c) != UTF8PROC_CATEGORY_LU : c != '.')
            return false;
    }
    return true;
}

static bool all_digits(struct span word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] < '0' || word.p[i] > '9')
            return false;
    }
    return word.n > 0;
}

/* What follows a point: the first character that is neither white space nor an opening sign, and where. */
static uint32_t first_behind(struct span text, size_t at, size_t *where)
{
    uint32_t c = 0;
    for (size_t used = 0; at < text.n; at += used) {
        c = at_point(text, at, &used);
        if (!is_space(c) && !is_opener(c))
            break;
    }
    *where = at;
    return at < text.n ? c : 0;
}

/* Is the word at `at` in a list? */
static bool listed_behind(const char *list, struct span text, size_t at)
{
    size_t end = at;
    while (end < text.n && end - at < 30 && ((unsigned char)text.p[end] >= 0x80 || ((text.p[end] | 32) >= 'a' && (text.p[end] | 32) <= 'z')))
        end++;
    return listed(list, (struct span){text.p + at, end - at});
}

/* A single point at `dot`, white space behind it: does it belong to the word before it? `start`: of the sentence. */
static bool point_belongs(struct span text, size_t start, size_t dot, size_t behind, uint32_t next)
{
    struct span word = word_before(text, start, dot);
    if (word.n == 0)
        return false;
    char low[40];
    struct span lower = lowered(word, low);
    if (all_digits(word)) {
        bool begins = trim((struct span){text.p + start, (size_t)(word.p - (text.p + start))}).n == 0;
        return (begins && word.n <= 3) || (word.n <= 2 && listed_behind(german_months, text, behind));
    }
    bool digit = next >= '0' && next <= '9';
    return listed(abbreviations, lower) || (is_initial(word) && !listed_behind(starters, text, behind)) || (digit && listed(open_abbreviations, lower));
}

/* The terminators at `at` and the signs closing behind them end a sentence? *end is set behind all of them. */
static bool is_boundary(struct span text, size_t start, size_t at, size_t *end)
{
    size_t used, points = 0, marks = 0;
    bool anywhere = false;
    size_t i = at;
    for (uint32_t c; i < text.n && is_terminator(c = at_point(text, i, &used)); i += used) {
        points += c == '.';
        marks++;
        anywhere = anywhere || ends_anywhere(c);
    }
    size_t closed = i;
    while (i < text.n && is_closer(at_point(text, i, &used)))
        i += used;
    *end = i;
    if (i >= text.n || anywhere)
        return true;
    if (!is_space(at_point(text, i, &used))) {
        *end = closed;
        return false;
    }
    size_t behind;
    uint32_t next = first_behind(text, i, &behind);
    bool detached = at > start && is_space((unsigned char)text.p[at - 1]);
    if (detached)
        return true;
    if (next && next < 0x110000 && utf8proc_category((utf8proc_int32_t)next) == UTF8PROC_CATEGORY_LL)
        return false;
    return !(points == 1 && marks == 1 && i == closed && point_belongs(text, start, at, behind, next));
}

bool sentences_split(struct span text, struct arena *arena, struct span **sentences, size_t *count)
{
    struct scanner s = {.text = text, .arena = arena};
    size_t start = 0, used;
    for (size_t at = 0; at < text.n;) {
        uint32_t c = at_point(text, at, &used);
        size_t end = at + used;
        if (is_line_break(c)) {
            emit(&s, start, at);
            start = end;
        } else if (is_terminator(c) && is_boundary(text, start, at, &end)) {
            emit(&s, start, end);
            start = end;
        }
        at = end;
    }
    emit(&s, start, text.n);
    *sentences = s.list;
    *count = s.count;
    return !s.failed;
}
