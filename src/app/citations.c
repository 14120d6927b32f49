/* Markers and the words they stand behind, then each of these claims beside the passages. */
#include "app/citations.h"

#include <string.h>

#include "app/support.h"
#include "base/utf8.h"
#include "text/sentences.h"

enum { CITATIONS_MAX = 100, NUMBERS_MAX = 8, CLAIMS_MAX = 200, LIKENESS_MAX = 24 /* questions of meaning an answer */ };

/* Cosine of all-MiniLM-L6-v2 from which two sentences say the same; sentences on the same matter that do not stay below. */
static const double alike = 0.7;

/* ---- claims and their markers ---- */

struct cited {
    struct span text;
    size_t sources[NUMBERS_MAX];
    size_t count;
};

struct reading {
    size_t source_count;
    struct cited *claims; /* [CLAIMS_MAX] */
    size_t count;
};

/* "[1]", "[1, 2]" at the beginning of s: its length, and the numbers. 0 when there is none. */
static size_t marker_at(struct span s, size_t numbers[NUMBERS_MAX], size_t *count)
{
    struct span inside, rest, number;
    int64_t value;
    *count = 0;
    if (!span_starts(s, SPAN("[")) || !span_cut(span_skip(s, 1), ']', &inside, &rest))
        return 0;
    size_t length = inside.n + 2;
    for (bool more = true; more;) {
        more = span_cut(inside, ',', &number, &inside);
        if (*count == NUMBERS_MAX || !span_to_int(span_trim(number), 0, 9999, &value))
            return 0;
        numbers[(*count)++] = (size_t)value;
    }
    return length;
}

static bool has_words(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            return true;
    }
    return false;
}

static void begin_claim(struct reading *r, struct span words)
{
    if (has_words(words) && r->count < CLAIMS_MAX)
        r->claims[r->count++] = (struct cited){.text = span_trim(words)};
}

/* For the claim read last. */
static void cite(struct reading *r, size_t number)
{
    if (number < 1 || number > r->source_count || !r->count)
        return;
    struct cited *c = &r->claims[r->count - 1];
    for (size_t i = 0; i < c->count; i++)
        if (c->sources[i] == number - 1)
            return;
    if (c->count < NUMBERS_MAX)
        c->sources[c->count++] = number - 1;
}

static void read_sentence(struct reading *r, struct span sentence)
{
    size_t from = 0, at = 0, numbers[NUMBERS_MAX], count;
    while (at < sentence.n) {
        size_t length = marker_at(span_skip(sentence, at), numbers, &count);
        if (!length) {
            at++;
            continue;
        }
        begin_claim(r, (struct span){sentence.p + from, at - from});
        for (size_t i = 0; i < count; i++)
            cite(r, numbers[i]);
        from = at += length;
    }
    begin_claim(r, span_skip(sentence, from));
}

static bool read_claims(struct span answer, struct arena *arena, struct reading *r)
{
    struct span *sentences;
    size_t count;
    r->claims = arena_array(arena, CLAIMS_MAX, sizeof *r->claims);
    if (!r->claims || !sentences_split(answer, arena, &sentences, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        read_sentence(r, sentences[i]);
    return true;
}

/* ---- the comparison ---- */

struct checking {
    struct span answer;
    const struct citation_check *check;
    struct arena *arena;
    struct support_passage *passages; /* [check->passages->count] */
    struct answer_citation *list;
    size_t count, asked; /* asked: questions of meaning */
    struct citation_sum *sum;
};

static bool read_passages(struct checking *c)
{
    const struct passages *all = c->check->passages;
    c->passages = arena_array(c->arena, all->count, sizeof *c->passages);
    for (size_t i = 0; c->passages && i < all->count; i++)
        if (!support_passage_read(&all->list[i], all->matches[i].language, c->arena, &c->passages[i]))
            return false;
    return c->passages != NULL;
}

static bool is_alike(struct checking *c, struct span claim, struct span nearest)
{
    if (!c->check->likeness || !nearest.n || c->asked == LIKENESS_MAX)
        return false;
    c->asked++;
    return c->check->likeness(c->check->context, claim, nearest) >= alike;
}

/* The claim with its words as the passage's were stemmed. False when the arena is full. */
static bool compare(struct checking *c, const struct claim *claim, size_t source, enum support *support, struct span *nearest)
{
    const struct support_passage *passage = &c->passages[source];
    struct claim other;
    *support = SUPPORT_NO;
    if (strcmp(passage->language.code, claim->stemmed.code) != 0) {
        if (!claim_read(claim->text, passage->language, c->arena, &other))
            return false;
        claim = &other;
    }
    *support = support_compare(claim, passage, nearest);
    return true;
}

static bool supports(struct checking *c, const struct claim *claim, size_t source, bool *yes)
{
    struct span nearest;
    enum support support;
    bool ok = compare(c, claim, source, &support, &nearest);
    *yes = support == SUPPORT_YES || (support == SUPPORT_OPEN && is_alike(c, claim->text, nearest));
    return ok;
}

/* The first passage that says it for certain, else the first that does by its meaning. */
static bool find_source(struct checking *c, const struct claim *claim, size_t *source)
{
    struct span nearest;
    enum support support = SUPPORT_NO;
    size_t count = c->check->passages->count;
    bool ok = true, found = false;
    for (*source = 0; ok && *source < count; ++*source) {
        ok = compare(c, claim, *source, &support, &nearest);
        if (support == SUPPORT_YES)
            return true;
    }
    for (*source = 0; ok && *source < count; ++*source) {
        ok = supports(c, claim, *source, &found);
        if (found)
            return true;
    }
    *source = ANSWER_NO_SOURCE;
    return ok;
}

static int64_t characters_before(const struct checking *c, const char *p)
{
    return (int64_t)utf8_length((struct span){c->answer.p, (size_t)(p - c->answer.p)});
}

static bool is_held(const struct checking *c, const struct claim *claim, const struct claim_item *item)
{
    for (size_t i = 0; i < c->check->passages->count; i++)
        if (support_holds(&c->passages[i], claim, item))
            return true;
    return false;
}

static bool flag(struct checking *c, const struct claim *claim, struct answer_citation *citation)
{
    static const enum answer_flag_kind kinds[] = {[CLAIM_NUMBER] = FLAG_NUMBER, [CLAIM_DATE] = FLAG_DATE, [CLAIM_NAME] = FLAG_NAME};
    struct answer_flag *flags = arena_array(c->arena, claim->item_count, sizeof *flags);
    if (!flags)
        return false;
    for (size_t i = 0; i < claim->item_count; i++) {
        const struct claim_item *item = &claim->items[i];
        if (!is_held(c, claim, item))
            flags[citation->flag_count++] =
                (struct answer_flag){kinds[item->kind], characters_before(c, claim->text.p + item->start), characters_before(c, claim->text.p + item->end)};
    }
    citation->flags = flags;
    return true;
}

static void add(struct checking *c, const struct answer_citation *citation, size_t source, bool supported)
{
    if (c->count == CITATIONS_MAX)
        return;
    c->list[c->count] = *citation;
    c->list[c->count].source = source;
    c->list[c->count++].supported = supported;
}

static bool check_claim(struct checking *c, const struct cited *cited)
{
    struct claim claim;
    struct answer_citation citation = {.start = characters_before(c, cited->text.p), .end = characters_before(c, cited->text.p + cited->text.n)};
    size_t nearest = cited->count ? cited->sources[0] : 0;
    struct language documents = nearest < c->check->passages->count ? c->check->passages->matches[nearest].language : (struct language){""};
    if (!claim_read(cited->text, documents, c->arena, &claim) || !flag(c, &claim, &citation))
        return false;
    bool refusal = support_is_refusal(cited->text), supported = false;
    if (!cited->count && (refusal || !claim_says_something(&claim)))
        return true;
    for (size_t i = 0; i < cited->count; i++) {
        bool by_this;
        if (!supports(c, &claim, cited->sources[i], &by_this))
            return false;
        supported = supported || by_this;
        add(c, &citation, cited->sources[i], by_this);
    }
    if (!cited->count) {
        size_t source;
        if (!find_source(c, &claim, &source))
            return false;
        supported = source != ANSWER_NO_SOURCE;
        add(c, &citation, source, supported);
    }
    c->sum->claims += !refusal;
    c->sum->supported += supported && !refusal;
    return true;
}

bool citations_check(struct span answer, const struct citation_check *check, struct arena *arena, struct answer_citation **list, size_t *count,
                     struct citation_sum *sum)
{
    struct reading r = {.source_count = check->passages->count};
    struct checking c = {.answer = answer, .check = check, .arena = arena, .sum = sum};
    *sum = (struct citation_sum){0};
    c.list = arena_array(arena, CITATIONS_MAX, sizeof *c.list);
    if (!c.list || !read_claims(answer, arena, &r) || !read_passages(&c))
        return false;
    for (size_t i = 0; i < r.count; i++)
        if (!check_claim(&c, &r.claims[i]))
            return false;
    *list = c.list;
    *count = c.count;
    return true;
}
