/* Question words → the kind of answer, and the signs of that kind in a sentence. */
#include "app/asked.h"

#include <string.h>

#include "base/utf8.h"

struct cue {
    enum asked_kind kind;
    const char *phrase; /* as in asked.words */
};
/* Where several begin at the same word, the longest counts. */
static const struct cue cues[] = {
    {ASKED_TIME, " when "},
    {ASKED_TIME, " what year "},
    {ASKED_TIME, " which year "},
    {ASKED_TIME, " what date "},
    {ASKED_TIME, " what day "},
    {ASKED_TIME, " what month "},
    {ASKED_TIME, " what time "},
    {ASKED_TIME, " what century "},
    {ASKED_TIME, " what decade "},
    {ASKED_TIME, " which century "},
    {ASKED_TIME, " wann "},
    {ASKED_TIME, " welchem jahr "},
    {ASKED_TIME, " um wie viel uhr "},
    {ASKED_AMOUNT, " how many "},
    {ASKED_AMOUNT, " how much "},
    {ASKED_AMOUNT, " how long "},
    {ASKED_AMOUNT, " how far "},
    {ASKED_AMOUNT, " how old "},
    {ASKED_AMOUNT, " how often "},
    {ASKED_AMOUNT, " how large "},
    {ASKED_AMOUNT, " how big "},
    {ASKED_AMOUNT, " how high "},
    {ASKED_AMOUNT, " how tall "},
    {ASKED_AMOUNT, " how fast "},
    {ASKED_AMOUNT, " how soon "},
    {ASKED_AMOUNT, " how few "},
    {ASKED_AMOUNT, " what percentage "},
    {ASKED_AMOUNT, " what percent "},
    {ASKED_AMOUNT, " what number "},
    {ASKED_AMOUNT, " what amount "},
    {ASKED_AMOUNT, " what price "},
    {ASKED_AMOUNT, " wie viel "},
    {ASKED_AMOUNT, " wie viele "},
    {ASKED_AMOUNT, " wieviel "},
    {ASKED_AMOUNT, " wie lange "},
    {ASKED_AMOUNT, " wie hoch "},
    {ASKED_AMOUNT, " wie oft "},
    {ASKED_NAME, " who "},
    {ASKED_NAME, " whom "},
    {ASKED_NAME, " whose "},
    {ASKED_NAME, " what is the name "},
    {ASKED_NAME, " what was the name "},
    {ASKED_NAME, " wer "},
    {ASKED_NAME, " wem "},
    {ASKED_NAME, " wen "},
    {ASKED_PLACE, " where "},
    {ASKED_PLACE, " what country "},
    {ASKED_PLACE, " which country "},
    {ASKED_PLACE, " what city "},
    {ASKED_PLACE, " which city "},
    {ASKED_PLACE, " what countries "},
    {ASKED_PLACE, " which countries "},
    {ASKED_PLACE, " what state "},
    {ASKED_PLACE, " which state "},
    {ASKED_PLACE, " wo "},
    {ASKED_PLACE, " woher "},
    {ASKED_PLACE, " wohin "},
    {ASKED_REASON, " why "},
    {ASKED_REASON, " warum "},
    {ASKED_REASON, " wieso "},
};

static const char time_words[] =
    " january february march april may june july august september october november december monday tuesday wednesday thursday friday "
    "saturday sunday century centuries decade today tomorrow noon midnight januar februar märz mai juni juli oktober dezember montag "
    "dienstag mittwoch donnerstag freitag samstag sonntag uhr jahrhundert ";
static const char number_words[] =
    " one two three four five six seven eight nine ten eleven twelve dozen twenty thirty forty fifty hundred hundreds thousand thousands "
    "million millions billion half twice once percent zwei drei vier fünf sechs sieben acht neun zehn zwölf hundert tausend prozent ";
static const char place_prepositions[] = " in at near from to of on outside inside across through aus bei nach am im ";
static const char reason_words[] = " because since due therefore so reason reasons cause causes caused result results weil da damit denn grund wegen ";

static const char negations[] =
    " not no never none neither nor cannot nobody nothing nicht kein keine keinen keinem keiner keines nie niemals weder pas jamais "
    "aucun aucune nunca ningún ninguna nem não non nessuno geen niet inte ikke ";
/* Words that say so without a negation. */
static const char denials[] =
    " without except exception exceptions unless lack lacks lacked lacking absent unable impossible exclude excludes excluded excluding exclusion exclusions "
    "refuse refuses refused deny denies denied forbid forbids forbidden prohibit prohibits prohibited ineligible ohne außer ausgenommen ausgeschlossen "
    "verboten "
    "unmöglich sans sauf sin sem senza zonder utan uten uden ";
/* Who asks so has a problem, and does not ask for what is absent. */
static const char complaints[] = " i my me we our us why warum wieso ich mein meine wir unser unsere ";

/* ---- words ---- */

static bool is_sign(uint32_t c)
{
    if (c < 0x80)
        return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
    return (c >= 0xA0 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA) || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F) ||
           (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF20);
}

/* Bytes at the front that are signs, or that are none. */
static size_t front(struct span s, bool signs)
{
    size_t n = 0;
    while (n < s.n) {
        uint32_t c;
        size_t used = utf8_next(span_skip(s, n), &c);
        if (is_sign(c) != signs)
            break;
        n += used;
    }
    return n;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* The next run of letters and digits from *rest; false at the end. */
static bool next_word(struct span *rest, struct span *word)
{
    *rest = span_skip(*rest, front(*rest, true));
    *word = (struct span){rest->p, front(*rest, false)};
    *rest = span_skip(*rest, word->n);
    return word->n > 0;
}

/* Whether " word " stands in the list; case ignored for ASCII. */
static bool listed(struct span list, struct span word)
{
    enum { LONGEST = 64 };
    char key[LONGEST + 2];
    if (word.n == 0 || word.n > LONGEST)
        return false;
    key[0] = key[word.n + 1] = ' ';
    for (size_t i = 0; i < word.n; i++)
        key[i + 1] = lower(word.p[i]);
    return span_find(list, (struct span){key, word.n + 2}) >= 0;
}

static enum asked_kind kind_of(struct span words)
{
    enum asked_kind kind = ASKED_ANYTHING;
    ptrdiff_t first = PTRDIFF_MAX;
    size_t longest = 0;
    for (size_t i = 0; i < sizeof cues / sizeof *cues; i++) {
        struct span phrase = span_of(cues[i].phrase);
        ptrdiff_t at = span_find(words, phrase);
        if (at < 0 || at > first || (at == first && phrase.n <= longest))
            continue;
        first = at;
        longest = phrase.n;
        kind = cues[i].kind;
    }
    return kind;
}

/* "not", or the rest of "isn't". */
static bool is_negation(struct span before, struct span word)
{
    return listed(span_of(negations), word) || (span_eq_nocase(word, SPAN("t")) && span_ends_nocase(before, SPAN("n")));
}

static bool is_negated(struct span question)
{
    bool negated = false;
    struct span rest = question, word, before = {"", 0};
    while (next_word(&rest, &word)) {
        if (listed(span_of(complaints), word))
            return false;
        negated = negated || is_negation(before, word);
        before = word;
    }
    return negated;
}

static bool has_digit(struct span word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] >= '0' && word.p[i] <= '9')
            return true;
    }
    return false;
}

bool asked_read(struct span question, struct arena *arena, struct asked *out)
{
    char *p = arena_alloc(arena, question.n * 2 + 2);
    if (!p)
        return false;
    size_t n = 0;
    struct span rest = question, word;
    p[n++] = ' ';
    while (next_word(&rest, &word)) {
        for (size_t i = 0; i < word.n; i++)
            p[n++] = lower(word.p[i]);
        p[n++] = ' ';
    }
    out->words = (struct span){p, n};
    out->kind = kind_of(out->words);
    out->negated = is_negated(question);
    out->number = has_digit(question);
    return true;
}

/* ---- signs of a kind in a sentence ---- */

static bool is_year(struct span word)
{
    int64_t year;
    return word.n == 4 && span_to_int(word, 1000, 2199, &year);
}

/* A capital of the Latin, Greek or Cyrillic alphabet. */
static bool is_capitalised(struct span word)
{
    uint32_t c;
    utf8_next(word, &c);
    return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) || (c >= 0x400 && c <= 0x42F);
}

static double time_sign(struct span word)
{
    if (is_year(word) || listed(span_of(time_words), word))
        return 1;
    return has_digit(word) ? 0.6 : 0;
}

static double amount_sign(struct span word)
{
    if (has_digit(word))
        return is_year(word) ? 0.4 : 1;
    return listed(span_of(number_words), word) ? 0.8 : 0;
}

/* before: the word in front of it, empty at the start of the sentence (where every word has a capital). */
static double sign_of(enum asked_kind kind, struct span before, struct span word)
{
    switch (kind) {
    case ASKED_TIME:
        return time_sign(word);
    case ASKED_AMOUNT:
        return amount_sign(word);
    case ASKED_NAME:
        return is_capitalised(word) ? (before.n ? 1 : 0.4) : 0;
    case ASKED_PLACE:
        return !is_capitalised(word) || !before.n ? 0 : listed(span_of(place_prepositions), before) ? 1 : 0.5;
    case ASKED_REASON:
        return listed(span_of(reason_words), word) ? 1 : 0;
    case ASKED_ANYTHING:
        break;
    }
    return 0;
}

double asked_held(const struct asked *asked, struct span sentence)
{
    double held = 0;
    struct span rest = sentence, word, before = {"", 0};
    if (asked->kind == ASKED_ANYTHING)
        return 0;
    while (held < 1 && next_word(&rest, &word)) {
        double sign = sign_of(asked->kind, before, word);
        if (sign > held && !listed(asked->words, word))
            held = sign;
        before = word;
    }
    return held;
}

/* ---- what else tells a near miss ---- */

static bool stands(struct span wanted, struct span sentence)
{
    struct span rest = sentence, word;
    while (next_word(&rest, &word)) {
        if (span_eq_nocase(word, wanted))
            return true;
    }
    return false;
}

bool asked_numbers_stand(const struct asked *asked, struct span sentence)
{
    struct span rest = asked->words, word;
    while (next_word(&rest, &word)) {
        if (has_digit(word) && !stands(word, sentence))
            return false;
    }
    return true;
}

bool asked_negates(struct span sentence)
{
    struct span rest = sentence, word, before = {"", 0};
    while (next_word(&rest, &word)) {
        if (is_negation(before, word) || listed(span_of(denials), word))
            return true;
        before = word;
    }
    return false;
}
