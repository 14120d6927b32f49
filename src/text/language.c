/* Language detection: the script that most words are written in, then, within Latin, the language whose stop words weigh most. */
#include "text/language.h"

#include <string.h>

#include "base/utf8.h"
#include "text/fold.h"
#include "text/stopwords.h"

enum { SAMPLE_WORDS = 400, LANGUAGES_MAX = 32 };

struct known {
    char code[4];
    enum script script;
};

static const struct known known[] = {
    {"en", SCRIPT_LATIN}, {"de", SCRIPT_LATIN},  {"fr", SCRIPT_LATIN}, {"es", SCRIPT_LATIN},      {"it", SCRIPT_LATIN},    {"pt", SCRIPT_LATIN},
    {"nl", SCRIPT_LATIN}, {"sv", SCRIPT_LATIN},  {"da", SCRIPT_LATIN}, {"no", SCRIPT_LATIN},      {"fi", SCRIPT_LATIN},    {"hu", SCRIPT_LATIN},
    {"ca", SCRIPT_LATIN}, {"ro", SCRIPT_LATIN},  {"tr", SCRIPT_LATIN}, {"id", SCRIPT_LATIN},      {"ru", SCRIPT_CYRILLIC}, {"sr", SCRIPT_CYRILLIC},
    {"el", SCRIPT_GREEK}, {"ar", SCRIPT_ARABIC}, {"ta", SCRIPT_TAMIL}, {"hi", SCRIPT_DEVANAGARI}, {"hy", SCRIPT_ARMENIAN},
};

/* Letters that only some of the languages of a script write; each found in a word counts like half a stop word shared among them. */
struct letter_hint {
    uint32_t letter;
    const char *codes; /* separated by spaces; "-": a language without a stemmer */
};
static const struct letter_hint hints[] = {
    {0xDF, "de"},          {0xE4, "de sv fi"},    {0xF6, "de sv fi hu tr"},
    {0xFC, "de hu tr es"}, {0xE5, "sv da no"},    {0xE6, "da no"},
    {0xF8, "da no"},       {0xF1, "es"},          {0xE3, "pt"},
    {0xF5, "pt"},          {0xE7, "fr pt tr ca"}, {0xEA, "fr pt"},
    {0xE8, "fr it ca"},    {0xF9, "fr it"},       {0x151, "hu"},
    {0x171, "hu"},         {0x103, "ro"},         {0x219, "ro"},
    {0x21B, "ro"},         {0x131, "tr"},         {0x11F, "tr"},
    {0x15F, "tr"},         {0x142, "pl"},         {0x105, "pl"},
    {0x119, "pl"},         {0x17C, "pl"},         {0x159, "cs"},
    {0x11B, "cs"},         {0x16F, "cs"},
};

struct tally {
    unsigned scripts[SCRIPTS];
    double weight[LANGUAGES_MAX]; /* by bit of stopwords_codes */
    unsigned foreign;             /* words with letters that Russian lacks, or Arabic, as their script may be */
    unsigned serbian;
};

static bool same(struct language a, const char *code)
{
    return strncmp(a.code, code, sizeof a.code) == 0;
}

enum script language_script(struct language language)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (same(language, known[i].code))
            return known[i].script;
    }
    return SCRIPT_OTHER;
}

static void weigh(struct tally *t, uint32_t languages, double weight)
{
    int shared = __builtin_popcount(languages);
    for (uint32_t left = languages; left; left &= left - 1)
        t->weight[__builtin_ctz(left)] += weight / shared;
}

static uint32_t bits_of(const char *codes)
{
    uint32_t bits = 0;
    struct span rest = span_of(codes), code;
    while (rest.n) {
        char name[4];
        span_cut(rest, ' ', &code, &rest);
        int bit = span_to_cstr(code, name, sizeof name) ? stopwords_bit(name) : -1;
        if (bit >= 0)
            bits |= UINT32_C(1) << bit;
    }
    return bits;
}

static void look_at_letter(struct tally *t, uint32_t c)
{
    if (c < 0x80)
        return;
    for (size_t i = 0; c < 0x250 && i < sizeof hints / sizeof *hints; i++) { /* none beyond Latin */
        if (hints[i].letter == c)
            weigh(t, bits_of(hints[i].codes), 0.5);
    }
    if (c == 0x456 || c == 0x457 || c == 0x454 || c == 0x491 || c == 0x45E || c == 0x67E || c == 0x686 || c == 0x698 || c == 0x6A9 || c == 0x6AF || c == 0x6CC)
        t->foreign++;
    if (c == 0x458 || c == 0x459 || c == 0x45A || c == 0x45B || c == 0x452 || c == 0x45F)
        t->serbian++;
}

static void look_at_word(struct tally *t, struct span word)
{
    char folded[FOLD_MAX];
    struct span rest = {folded, fold_word(word, folded)};
    weigh(t, stopwords_of(rest), 1.0);
    if (span_find(word, SPAN("\xC3\x9F")) >= 0) /* ß, which folding turns into ss */
        look_at_letter(t, 0xDF);
    uint32_t c;
    for (bool first = true; rest.n; first = false) {
        rest = span_skip(rest, utf8_next(rest, &c));
        if (first && char_class_of(c) != CHAR_DIGIT)
            t->scripts[script_of(c)]++;
        look_at_letter(t, c);
    }
}

static enum script main_script(const struct tally *t)
{
    enum script best = SCRIPT_OTHER;
    for (int s = 0; s < SCRIPTS; s++) {
        if (t->scripts[s] > t->scripts[best])
            best = (enum script)s;
    }
    return t->scripts[best] ? best : SCRIPT_OTHER;
}

static struct language language_named(const char *code)
{
    struct language language = {""};
    for (size_t i = 0; code[i] && i + 1 < sizeof language.code; i++)
        language.code[i] = code[i];
    return language;
}

/* Half a stop word's weight is the least that tells anything: one word shared by two languages, or a letter that only one language writes. */
static struct language latin_language(const struct tally *t)
{
    double most = 0.3;
    const char *code = "";
    for (size_t i = 0; i < stopwords_languages && i < LANGUAGES_MAX; i++) {
        if (t->weight[i] > most) {
            most = t->weight[i];
            code = stopwords_codes[i];
        }
    }
    struct language found = language_named(code);
    return language_script(found) == SCRIPT_LATIN ? found : language_named("");
}

static struct tally take(struct span text)
{
    struct tally t = {0};
    struct segment s;
    size_t at = 0;
    for (size_t words = 0; words < SAMPLE_WORDS && segment_next(text, &at, &s); words++) {
        if (s.dense)
            t.scripts[SCRIPT_DENSE] += (unsigned)((s.end - s.start) / 3 + 1) / 2;
        else
            look_at_word(&t, (struct span){text.p + s.start, s.end - s.start});
    }
    return t;
}

static struct language judge(const struct tally *t)
{
    enum script script = main_script(t);
    unsigned words = t->scripts[script];
    if (script == SCRIPT_LATIN)
        return latin_language(t);
    if (script == SCRIPT_CYRILLIC && t->serbian * 10 > words)
        return language_named("sr");
    if (t->foreign * 10 > words)
        return language_named("");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].script == script)
            return language_named(known[i].code);
    }
    return language_named("");
}

struct language language_detect(struct span text)
{
    struct tally t = take(text);
    return judge(&t);
}

struct language language_detect_or(struct span text, struct language likely)
{
    struct tally t = take(text);
    int bit = likely.code[0] ? stopwords_bit(likely.code) : -1;
    if (bit >= 0)
        t.weight[bit] += 0.25; /* decides where a word is shared by several languages, never alone */
    struct language found = judge(&t);
    if (found.code[0])
        return found;
    return main_script(&t) == language_script(likely) ? likely : found;
}
