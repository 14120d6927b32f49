/* What a sentence claims: its numbers, dates and names; refusals. */
#include "app/claim_words.h"

#include <string.h>

#include "base/utf8.h"
#include "text/segment.h"

enum { WORD_MAX = 48, ITEMS_MAX = 24, WORDS_THAT_SAY = 3 };

/* Number n is the n-th of each; "-" where a language has none here. */
static const char *const number_names[] = {
    " zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty ",
    " null eins zwei drei vier f\xC3\xBCnf sechs sieben acht neun zehn elf zw\xC3\xB6lf - - - - - - - zwanzig "};
static const char months[] =
    " january february march april june july august september october november december januar februar märz mai juni juli oktober dezember ";
static const char denials[] = " not no never none nor neither without cannot nicht kein keine keinen keiner nie ohne ";

/* ---- words ---- */

struct key {
    char p[WORD_MAX + 2]; /* " word " in lower case (ASCII) */
    size_t n;             /* 0: too long, or empty */
};

static struct key key_of(struct span word)
{
    struct key k = {.n = 0};
    if (!word.n || word.n > WORD_MAX)
        return k;
    k.p[0] = ' ';
    for (size_t i = 0; i < word.n; i++)
        k.p[i + 1] = (char)(word.p[i] >= 'A' && word.p[i] <= 'Z' ? word.p[i] + 32 : word.p[i]);
    k.p[word.n + 1] = ' ';
    k.n = word.n + 2;
    return k;
}

static bool is_listed(const char *list, struct span word)
{
    struct key k = key_of(word);
    return k.n && span_find(span_of(list), (struct span){k.p, k.n}) >= 0;
}

static bool has_digit(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9')
            return true;
    return false;
}

/* ---- numbers ---- */

static size_t words_before(const char *list, size_t at)
{
    size_t count = 0;
    for (size_t i = 1; i <= at; i++)
        count += list[i] == ' ';
    return count;
}

static struct span put_number(size_t number, char out[WORD_MAX])
{
    size_t n = 0;
    if (number >= 10)
        out[n++] = (char)('0' + number / 10);
    out[n++] = (char)('0' + number % 10);
    return (struct span){out, n};
}

/* "1,000.50" → "1000.50", "1.000" → "1000", "3." → "3", "three" → "3", "25th" → "25": only equal numbers are equal texts. "" when it is none. */
static struct span number_key(struct span word, char out[WORD_MAX])
{
    size_t n = 0;
    for (size_t i = 0; !has_digit(word) && i < sizeof number_names / sizeof *number_names; i++) {
        struct key k = key_of(word);
        ptrdiff_t at = k.n ? span_find(span_of(number_names[i]), (struct span){k.p, k.n}) : -1;
        if (at >= 0)
            return put_number(words_before(number_names[i], (size_t)at), out);
    }
    for (size_t i = 0; i < word.n && n < WORD_MAX; i++) {
        char c = word.p[i];
        bool digit = c >= '0' && c <= '9', point = c == '.' || c == ',';
        size_t follow = 0;
        while (point && i + 1 + follow < word.n && word.p[i + 1 + follow] >= '0' && word.p[i + 1 + follow] <= '9')
            follow++;
        if (digit)
            out[n++] = c;
        else if (point && n && follow && follow != 3)
            out[n++] = '.';
        else if (!point)
            break;
    }
    return (struct span){out, n};
}

static bool holds_number(struct span text, struct span said)
{
    char wanted[WORD_MAX], found[WORD_MAX];
    struct span key = number_key(said, wanted);
    struct segment s;
    for (size_t at = 0; segment_next(text, &at, &s);) {
        struct span word = {text.p + s.start, s.end - s.start};
        if (span_eq(number_key(word, found), key))
            return true;
        for (size_t i = 1; i < word.n && has_digit(word); i++) { /* a number inside a code, such as A25 */
            bool begins = word.p[i] >= '0' && word.p[i] <= '9' && !(word.p[i - 1] >= '0' && word.p[i - 1] <= '9');
            if (begins && span_eq(number_key(span_skip(word, i), found), key))
                return true;
        }
    }
    return false;
}

/* ---- names ---- */

/* Without an English genitive or plural. */
static struct span bare(struct span word)
{
    if (span_ends_nocase(word, SPAN("'s")))
        word.n -= 2;
    else if (word.n > 3 && span_ends_nocase(word, SPAN("s")))
        word.n--;
    return word;
}

/* may_be_cut: a month that was cut short ("Sept") is the same. */
static bool is_same_word(struct span a, struct span b, bool may_be_cut)
{
    a = bare(a);
    b = bare(b);
    if (may_be_cut && a.n >= 3 && b.n >= 3) {
        size_t n = a.n < b.n ? a.n : b.n;
        a.n = b.n = n;
    }
    return span_eq_nocase(a, b);
}

static bool holds_word(struct span text, struct span said, bool may_be_cut)
{
    struct segment s;
    for (size_t at = 0; segment_next(text, &at, &s);)
        if (is_same_word((struct span){text.p + s.start, s.end - s.start}, said, may_be_cut))
            return true;
    return false;
}

bool claim_words_hold(struct span text, struct span said, enum claim_kind kind)
{
    char key[WORD_MAX];
    return number_key(said, key).n ? holds_number(text, said) : holds_word(text, said, kind == CLAIM_DATE);
}

bool claim_words_deny(struct span text)
{
    struct segment s;
    for (size_t at = 0; segment_next(text, &at, &s);) {
        struct span word = {text.p + s.start, s.end - s.start};
        if (is_listed(denials, word) || span_ends_nocase(word, SPAN("n't")) || span_ends_nocase(word, SPAN("n\xE2\x80\x99t")))
            return true;
    }
    return false;
}

/* FNV-1a. */
static uint32_t hash_of(struct span term)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < term.n; i++)
        h = (h ^ (unsigned char)term.p[i]) * 16777619u;
    return h;
}

static void add_term(uint32_t *terms, size_t *count, uint32_t hash)
{
    for (size_t i = 0; i < *count; i++)
        if (terms[i] == hash)
            return;
    terms[(*count)++] = hash;
}

bool claim_words_terms(struct span text, struct language language, struct arena *arena, uint32_t **terms, size_t *count)
{
    struct word *words;
    size_t n;
    *count = 0;
    if (!words_split(text, language, arena, &words, &n))
        return false;
    *terms = arena_array(arena, n, sizeof **terms);
    for (size_t i = 0; *terms && i < n; i++)
        if (!words[i].stop && !words[i].whole && words[i].term.n)
            add_term(*terms, count, hash_of(words[i].term));
    return *terms != NULL;
}

/* ---- what is claimed ---- */

static bool is_upper(struct span word)
{
    return word.n && word.p[0] >= 'A' && word.p[0] <= 'Z';
}

/* A capital in the midst of a sentence makes a name where not every noun has one. "I" is none. */
static bool is_name(const struct claim *c, struct span word, bool first)
{
    return is_upper(word) && !first && word.n > 1 && strcmp(c->language.code, "de") != 0;
}

static bool is_year(struct span word)
{
    int64_t year;
    return span_to_int(word, 1800, 2199, &year);
}

/* Whether the words before the segment end a sentence or a line, or open a quotation: a capital there says nothing. */
static bool begins_anew(struct span text, size_t start)
{
    size_t n = start;
    while (n > 0 && strchr(" \t\"'(*_-", text.p[n - 1]))
        n--;
    return n == 0 || strchr(".:;!?\n", text.p[n - 1]) || (n >= 3 && text.p[n - 3] == '\xE2');
}

/* "1." or "2)" in front of an item. */
static bool is_item_number(struct span text, struct segment s)
{
    return begins_anew(text, s.start) && s.end - s.start <= 2 && s.end + 1 < text.n && strchr(".)", text.p[s.end]) && text.p[s.end + 1] == ' ';
}

static void take_item(struct claim *c, struct segment s, bool beside_month)
{
    char key[WORD_MAX];
    struct span word = {c->text.p + s.start, s.end - s.start};
    bool month = is_upper(word) && is_listed(months, word), number = number_key(word, key).n > 0 && !is_listed(" one null ", word);
    enum claim_kind kind = month || (number && (beside_month || is_year(word))) ? CLAIM_DATE : number ? CLAIM_NUMBER : CLAIM_NAME;
    if (number ? is_item_number(c->text, s) : !month && !is_name(c, word, begins_anew(c->text, s.start)))
        return;
    if (c->item_count < ITEMS_MAX)
        c->items[c->item_count++] = (struct claim_item){kind, s.start, s.end};
}

static void take_items(struct claim *c)
{
    struct segment before = {0}, s, after;
    size_t at = 0;
    for (bool more = segment_next(c->text, &at, &s); more; before = s, s = after) {
        more = segment_next(c->text, &at, &after);
        struct span left = {c->text.p + before.start, before.end - before.start};
        struct span right = {c->text.p + (more ? after.start : 0), more ? after.end - after.start : 0};
        take_item(c, s, is_listed(months, left) || is_listed(months, right));
    }
}

bool claim_read(struct span sentence, struct language documents, struct arena *arena, struct claim *out)
{
    *out = (struct claim){.text = sentence, .language = language_detect_or(sentence, documents), .stemmed = documents};
    out->items = arena_array(arena, ITEMS_MAX, sizeof *out->items);
    if (!out->items || !claim_words_terms(sentence, documents, arena, &out->terms, &out->term_count))
        return false;
    take_items(out);
    return true;
}

bool claim_says_something(const struct claim *claim)
{
    return claim->term_count >= WORDS_THAT_SAY || (claim->term_count && claim->item_count);
}

/* ---- refusals ---- */

static bool holds_listed(struct span text, const char *list)
{
    struct segment s;
    for (size_t at = 0; segment_next(text, &at, &s);)
        if (is_listed(list, (struct span){text.p + s.start, s.end - s.start}))
            return true;
    return false;
}

bool support_is_refusal(struct span sentence)
{
    static const char where[] =
        " passage passages document documents context information text texts source sources excerpt excerpts dokument dokumente dokumenten "
        "passagen abschnitte abschnitten unterlagen information informationen ";
    static const char tell[] =
        " answer answers mention mentions mentioned provide provided provides contain contains contained specify specified specifies state "
        "states stated say says include included includes find found hold holds available answered beantworten beantwortet enthalten "
        "erwähnen erwähnt finden gefunden angaben ";
    static const char myself[] = " i ich we wir ";
    static const char can[] = " sorry know help answer find assist unable weiß antworten beantworten helfen ";
    bool denies = claim_words_deny(sentence) || holds_listed(sentence, " unable sorry leider ");
    return denies && ((holds_listed(sentence, where) && holds_listed(sentence, tell)) || (holds_listed(sentence, myself) && holds_listed(sentence, can)));
}
