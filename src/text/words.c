/* Words as they are indexed. A run of segments joined by single signs may be a code; within a segment points and underscores may part words, apostrophes may hide an article;
 * what remains is folded, looked up among the stop words and stemmed. Most words of most texts are plain: ASCII letters with a space or the end of a clause behind them. */
#include "text/words.h"

#include <libstemmer.h>
#include <string.h>

#include "base/utf8.h"
#include "text/fold.h"
#include "text/known.h"
#include "text/language.h"
#include "text/segment.h"
#include "text/stopwords.h"

enum { RUN_MAX = 16 }; /* segments of one code; a longer one is taken in several */

struct splitter {
    struct span text;
    struct arena *arena;
    struct word *words; /* [capacity], the newest copy */
    size_t count, capacity;
    struct language language;
    enum script script; /* of the language */
    uint32_t stop_bit;  /* of the language, 0 when it has no list */
    bool elides;        /* articles are written l' and d' */
    struct sb_stemmer *own, *english;
    bool failed;
};

static void push(struct splitter *s, struct word word)
{
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 64;
        struct word *grown = arena_array(s->arena, capacity, sizeof *grown);
        if (!grown) {
            s->failed = true;
            return;
        }
        if (s->count)
            memcpy(grown, s->words, s->count * sizeof *grown);
        s->words = grown;
        s->capacity = capacity;
    }
    s->words[s->count++] = word;
}

static void push_term(struct splitter *s, struct span term, size_t start, size_t end, bool whole)
{
    if (term.n == 0)
        return;
    struct span copy = arena_copy(s->arena, term);
    if (!copy.p)
        s->failed = true;
    else
        push(s, (struct word){.term = copy, .start = (uint32_t)start, .end = (uint32_t)end, .whole = whole});
}

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    }
    return true;
}

/* English serves ASCII words wherever the language is not written in Latin letters. */
static struct span stem(struct splitter *s, struct span folded)
{
    struct sb_stemmer *stemmer = s->script == SCRIPT_LATIN ? s->own : is_ascii(folded) ? s->english : s->own;
    if (!stemmer || folded.n > FOLD_MAX)
        return folded;
    const sb_symbol *stemmed = sb_stemmer_stem(stemmer, (const sb_symbol *)folded.p, (int)folded.n);
    if (!stemmed) {
        s->failed = true;
        return folded;
    }
    int length = sb_stemmer_length(stemmer);
    return length > 0 ? (struct span){(const char *)stemmed, (size_t)length} : folded;
}

static struct span slice(const struct splitter *s, size_t start, size_t end)
{
    return (struct span){s->text.p + start, end - start};
}

/* Folds in place what folding by Unicode leaves apart: Russian writes ё and е for the same letter. */
static size_t fold_yo(char *folded, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++) {
        if (folded[i] == '\xD1' && folded[i + 1] == '\x91')
            memcpy(folded + i, "\xD0\xB5", 2);
    }
    return n;
}

static struct span fold(struct splitter *s, size_t start, size_t end, char out[FOLD_MAX])
{
    size_t n = fold_word(slice(s, start, end), out);
    return (struct span){out, s->script == SCRIPT_CYRILLIC ? fold_yo(out, n) : n};
}

static void add_whole(struct splitter *s, size_t start, size_t end)
{
    char folded[FOLD_MAX];
    push_term(s, fold(s, start, end, folded), start, end, true);
}

static void add_plain(struct splitter *s, size_t start, size_t end)
{
    char folded[FOLD_MAX];
    struct span word = fold(s, start, end, folded);
    if (stopwords_of(word) & s->stop_bit)
        push(s, (struct word){.start = (uint32_t)start, .end = (uint32_t)end, .stop = true});
    else
        push_term(s, stem(s, word), start, end, false);
}

/* ---- plain words ---- */

static bool is_letter(unsigned char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Whether nothing that begins at a byte joins on to the word before it. */
static bool parts_words(struct span text, size_t at)
{
    if (at >= text.n)
        return true;
    switch (text.p[at]) {
    case ' ':
    case '\n':
    case '\t':
    case '\r':
    case '(':
    case ')':
    case ';':
    case '"':
    case '!':
    case '?':
        return true;
    case ',':
    case '.':
    case ':':
        return at + 1 >= text.n || text.p[at + 1] == ' ' || text.p[at + 1] == '\n';
    default:
        return false;
    }
}

/* The end of the plain word that begins there; the beginning when it is none. */
static size_t plain_end(const struct splitter *s, size_t start)
{
    size_t end = start;
    while (end < s->text.n && end - start < KNOWN_MAX && is_letter((unsigned char)s->text.p[end]))
        end++;
    return parts_words(s->text, end) ? end : start;
}

static void find_out(struct splitter *s, struct known *k, size_t length)
{
    struct span word = {k->word, length}, stemmed = {0};
    k->stop = (stopwords_of(word) & s->stop_bit) != 0;
    if (!k->stop)
        stemmed = stem(s, word);
    if (stemmed.n > KNOWN_MAX) /* no stemmer makes a word longer by much, but none promises */
        return;
    if (stemmed.n)
        memcpy(k->stem, stemmed.p, stemmed.n);
    k->stem_length = (uint8_t)stemmed.n;
    k->filled = true;
}

static void add_known(struct splitter *s, size_t start, size_t end)
{
    char folded[KNOWN_MAX];
    for (size_t i = start; i < end; i++)
        folded[i - start] = (char)(s->text.p[i] | 32);
    struct known *k = known_word((struct span){folded, end - start}, s->language);
    if (!k->filled)
        find_out(s, k, end - start);
    if (!k->filled)
        add_plain(s, start, end);
    else if (k->stop)
        push(s, (struct word){.start = (uint32_t)start, .end = (uint32_t)end, .stop = true});
    else
        push_term(s, (struct span){k->stem, k->stem_length}, start, end, false);
}

/* Takes the plain words from `at` on; returns where they end. */
static size_t take_plain(struct splitter *s, size_t at)
{
    while (!s->failed) {
        while (at < s->text.n && (s->text.p[at] == ' ' || s->text.p[at] == ',' || s->text.p[at] == '.'))
            at++;
        size_t end = plain_end(s, at);
        if (end == at)
            return at;
        add_known(s, at, end);
        at = end;
    }
    return at;
}

/* ---- all others ---- */

/* Bytes of one dense character with the marks behind it. */
static size_t cluster(struct span rest)
{
    uint32_t c;
    size_t n = utf8_next(rest, &c);
    while (n < rest.n) {
        size_t used = utf8_next(span_skip(rest, n), &c);
        if (char_class_of(c) != CHAR_EXTEND)
            break;
        n += used;
    }
    return n;
}

static void add_bigrams(struct splitter *s, size_t start, size_t end)
{
    char folded[FOLD_MAX];
    size_t second = start + cluster(slice(s, start, end));
    if (second >= end)
        push_term(s, fold(s, start, end, folded), start, end, false);
    while (second < end && !s->failed) {
        size_t third = second + cluster(slice(s, second, end));
        push_term(s, fold(s, start, third, folded), start, third, false);
        start = second;
        second = third;
    }
}

/* What a segment is made of. */
struct shape {
    size_t letters, digits, points, commas, underscores, apostrophes;
    bool single; /* never two letters or digits in a row */
};

static struct shape shape_of(struct span word)
{
    struct shape shape = {.single = true};
    bool before = false;
    while (word.n) {
        uint32_t c;
        word = span_skip(word, utf8_next(word, &c));
        enum char_class class = char_class_of(c);
        bool now = class == CHAR_LETTER || class == CHAR_DIGIT;
        if (now && before)
            shape.single = false;
        shape.letters += class == CHAR_LETTER;
        shape.digits += class == CHAR_DIGIT;
        shape.points += c == '.';
        shape.commas += c == ',';
        shape.underscores += class == CHAR_JOIN;
        shape.apostrophes += c == '\'' || c == 0x2019;
        before = now || class == CHAR_EXTEND;
    }
    return shape;
}

/* Digits in groups of three behind the first sign: 1,000 and 1.000.000 and 1,000.50, yet not 1.000 alone, which may be a decimal. */
static bool is_grouped(struct span number, const struct shape *shape)
{
    char sign = shape->commas && shape->points <= 1 ? ',' : '.';
    if (sign == '.' && shape->points < 2)
        return false;
    struct span rest = number, group;
    bool first = true;
    while (span_cut(rest, sign, &group, &rest)) {
        if (group.n > 3 || (!first && group.n != 3))
            return false;
        first = false;
    }
    return !first && group.n >= 3 && (group.n == 3 || group.p[3] == '.' || group.p[3] == ',');
}

/* A grouped number is also findable without its signs. */
static void add_number(struct splitter *s, size_t start, size_t end, const struct shape *shape)
{
    char folded[FOLD_MAX], bare[FOLD_MAX];
    struct span number = fold(s, start, end, folded);
    push_term(s, number, start, end, false);
    if (!is_grouped(number, shape))
        return;
    char sign = shape->commas && shape->points <= 1 ? ',' : '.';
    size_t n = 0;
    for (size_t i = 0; i < number.n; i++) {
        if (number.p[i] != sign)
            bare[n++] = number.p[i];
    }
    push_term(s, (struct span){bare, n}, start, end, true);
}

/* U.S.A. is the word usa. */
static void add_acronym(struct splitter *s, size_t start, size_t end)
{
    char folded[FOLD_MAX];
    struct span word = fold(s, start, end, folded);
    size_t n = 0;
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] != '.')
            folded[n++] = word.p[i];
    }
    push_term(s, (struct span){folded, n}, start, end, false);
}

/* l'homme is l' and homme. */
static void add_elided(struct splitter *s, size_t start, size_t end)
{
    for (size_t i = start; i < end;) {
        uint32_t c;
        size_t used = utf8_next(slice(s, i, end), &c);
        if (c == '\'' || c == 0x2019) {
            add_plain(s, start, i);
            start = i + used;
        }
        i += used;
    }
    if (start < end)
        add_plain(s, start, end);
}

static void add_word(struct splitter *s, size_t start, size_t end, bool apostrophe)
{
    if (apostrophe && s->elides)
        add_elided(s, start, end);
    else
        add_plain(s, start, end);
}

/* The parts between points, commas and underscores. */
static void add_parts(struct splitter *s, size_t start, size_t end, bool apostrophe)
{
    size_t part = start;
    for (size_t i = start; i < end;) {
        uint32_t c;
        size_t used = utf8_next(slice(s, i, end), &c);
        if (c == '.' || c == ',' || char_class_of(c) == CHAR_JOIN) {
            if (i > part)
                add_word(s, part, i, apostrophe);
            part = i + used;
        }
        i += used;
    }
    if (part < end)
        add_word(s, part, end, apostrophe);
}

static void add_segment(struct splitter *s, const struct segment *g)
{
    if (g->dense) {
        add_bigrams(s, g->start, g->end);
        return;
    }
    struct span word = slice(s, g->start, g->end);
    struct shape shape = shape_of(word);
    bool grouped = is_grouped(word, &shape);
    if (shape.letters == 0 && shape.digits && !shape.underscores && (shape.points + shape.commas < 2 || grouped)) {
        add_number(s, g->start, g->end, &shape);
    } else if (shape.points && shape.single && !shape.digits && !shape.underscores && !shape.apostrophes) {
        add_acronym(s, g->start, g->end);
    } else if (shape.points || shape.commas || shape.underscores) {
        add_whole(s, g->start, g->end);
        add_parts(s, g->start, g->end, shape.apostrophes > 0);
    } else {
        add_word(s, g->start, g->end, shape.apostrophes > 0);
    }
}

static bool joins(char c)
{
    return c == '-' || c == '/' || c == '@' || c == ':' || c == '+' || c == '#' || c == '\\' || c == '.' || c == '&' || c == '=' || c == '~';
}

/* The segments from `first` on that are parted by one joining sign each; *at behind the last. */
static size_t take_run(const struct splitter *s, struct segment run[RUN_MAX], size_t *at)
{
    size_t n = 1;
    while (n < RUN_MAX && *at < s->text.n && joins(s->text.p[*at])) {
        size_t next = *at;
        struct segment g;
        if (!segment_next(s->text, &next, &g) || g.start != *at + 1 || g.dense)
            break;
        run[n++] = g;
        *at = next;
    }
    return n;
}

/* A code holds a digit, an @, or signs of a path; words with hyphens between them do not make one, nor does "and/or". */
static bool is_code(struct span run)
{
    size_t slashes = 0;
    bool point = false;
    for (size_t i = 0; i < run.n; i++) {
        char c = run.p[i];
        if ((c >= '0' && c <= '9') || c == '@' || c == '_')
            return true;
        slashes += c == '/' || c == '\\';
        point = point || c == '.';
    }
    return slashes >= 2 || (slashes && point);
}

/* C++, C# and F#: a short word with its signs, where nothing is joined on. */
static size_t signs_behind(const struct splitter *s, const struct segment *g, size_t at)
{
    size_t end = at;
    while (end < s->text.n && end < at + 2 && (s->text.p[end] == '+' || s->text.p[end] == '#'))
        end++;
    uint32_t c;
    bool alone = end >= s->text.n || (utf8_next(span_skip(s->text, end), &c) && char_class_of(c) == CHAR_OTHER);
    return alone && g->end - g->start <= 2 ? end : at;
}

static void split(struct splitter *s)
{
    struct segment run[RUN_MAX];
    size_t at = 0;
    for (at = take_plain(s, at); !s->failed && segment_next(s->text, &at, &run[0]); at = take_plain(s, at)) {
        size_t n = run[0].dense ? 1 : take_run(s, run, &at);
        size_t end = n == 1 && !run[0].dense ? signs_behind(s, &run[0], at) : at;
        if (end > at || (n > 1 && is_code(slice(s, run[0].start, at))))
            add_whole(s, run[0].start, end);
        at = end;
        for (size_t i = 0; i < n && !s->failed; i++)
            add_segment(s, &run[i]);
    }
}

static struct sb_stemmer *stemmer_for(struct splitter *s, const char *code)
{
    struct sb_stemmer *stemmer = sb_stemmer_new(code, NULL);
    s->failed = s->failed || !stemmer;
    return stemmer;
}

bool words_split(struct span text, struct language language, struct arena *arena, struct word **words, size_t *count)
{
    *words = NULL;
    *count = 0;
    if (text.n > UINT32_MAX)
        return false;
    struct splitter s = {.text = text, .arena = arena, .language = language, .script = language_script(language)};
    int bit = s.script != SCRIPT_OTHER ? stopwords_bit(language.code) : -1;
    s.stop_bit = bit >= 0 ? UINT32_C(1) << bit : 0;
    s.elides = strcmp(language.code, "fr") == 0 || strcmp(language.code, "it") == 0 || strcmp(language.code, "ca") == 0;
    if (s.script != SCRIPT_OTHER)
        s.own = stemmer_for(&s, language.code); /* about 0.2 µs; stemmers are not thread-safe, so none is kept */
    if (s.script != SCRIPT_LATIN)
        s.english = stemmer_for(&s, "en");
    if (!s.failed)
        split(&s);
    sb_stemmer_delete(s.own);
    sb_stemmer_delete(s.english);
    *words = s.words;
    *count = s.count;
    return !s.failed;
}
