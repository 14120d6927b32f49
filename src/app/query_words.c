/* A question → its terms under each language of the tenant's documents. */
#include "app/query_words.h"

#include <string.h>

#include "app/question_frame.h"
#include "base/utf8.h"
#include "text/segment.h"

bool query_terms_hold(const struct query_terms *set, struct span term)
{
    for (size_t i = 0; i < set->count; i++) {
        if (span_eq(set->terms[i], term))
            return true;
    }
    return false;
}

/* Byte ranges of the stop words of a text, in order. */
struct stops {
    const struct word *words;
    size_t count, at;
};

/* Whether a word that starts at this byte is a stop word; asked in ascending order. */
static bool is_stop(struct stops *s, const struct word *word)
{
    while (s->at < s->count && s->words[s->at].start < word->start)
        s->at++;
    for (size_t i = s->at; i < s->count && s->words[i].start == word->start; i++) {
        if (s->words[i].stop && s->words[i].end == word->end)
            return true;
    }
    return false;
}

/* A question on its way to terms. */
struct making {
    struct span question;
    struct language own; /* it is itself in, or most documents are */
    struct stops stops;  /* and its words under that language */
    uint32_t frame;      /* bytes at its front that only ask */
    struct word *asked;  /* [asked_count], what is behind them */
    size_t asked_count;
    unsigned scans;        /* of the vocabulary, so far */
    struct arena *scratch; /* for its words */
    struct arena *arena;   /* for its terms */
};

static bool keep_terms(const struct making *m, const struct word *words, size_t count, struct query_terms *set)
{
    struct stops stops = m->stops;
    set->count = 0;
    set->terms = arena_array(m->arena, count < QUERY_TERMS ? count : QUERY_TERMS, sizeof *set->terms);
    if (!set->terms)
        return false;
    for (size_t i = 0; i < count && set->count < QUERY_TERMS; i++) {
        if (words[i].stop || words[i].start < m->frame || !words[i].term.n || is_stop(&stops, &words[i]) || query_terms_hold(set, words[i].term))
            continue;
        struct span term = arena_copy(m->arena, words[i].term);
        if (!term.p)
            return false;
        set->terms[set->count++] = term;
    }
    return true;
}

static bool make_set(const struct making *m, struct language language, struct query_terms *set)
{
    struct word *words = NULL;
    size_t count = m->stops.count;
    bool own = strcmp(language.code, m->own.code) == 0;
    set->language = language;
    if (!own && !words_split(m->question, language, m->scratch, &words, &count))
        return false;
    return keep_terms(m, own ? m->stops.words : words, count, set);
}

/* A guess where the question is too short to tell: the language most documents are in. */
static struct language own_language(struct span question, const struct language *present, size_t count)
{
    struct language likely = {"en"};
    for (size_t i = count; i-- > 0;)
        likely = present[i].code[0] ? present[i] : likely;
    struct language own = language_detect_or(question, likely);
    return own.code[0] ? own : likely;
}

static bool make(struct making *m, const struct index_entry *entry, struct query_words *out)
{
    struct language present[QUERY_LANGUAGES];
    size_t count = index_languages(entry, present, QUERY_LANGUAGES);
    m->own = own_language(m->question, present, count);
    struct word *words;
    if (!words_split(m->question, m->own, m->scratch, &words, &m->stops.count))
        return false;
    m->stops.words = words;
    size_t frame = question_frame(m->question, words, m->stops.count);
    m->frame = frame ? words[frame - 1].end : 0;
    out->asked = m->asked = words + frame;
    out->asked_count = m->asked_count = m->stops.count - frame;
    if (!count)
        present[count++] = m->own;
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        if (!make_set(m, present[i], &out->sets[i]))
            return false;
    }
    return true;
}

/* ---- misspelt words ---- */

enum { SCANS_AT_MOST = 4, LETTERS_ONE_EDIT = 4, LETTERS_TWO_EDITS = 8 }; /* shorter words have too many neighbours */

/* How many edits away a word may be; 0 for what is no plain word. */
static int edits_for(struct span question, const struct word *w)
{
    struct span rest = {question.p + w->start, w->end - w->start};
    size_t letters = utf8_length(rest);
    while (rest.n) {
        uint32_t c;
        rest = span_skip(rest, utf8_next(rest, &c));
        enum char_class class = char_class_of(c);
        if (class != CHAR_LETTER && class != CHAR_EXTEND)
            return 0;
    }
    return letters >= LETTERS_TWO_EDITS ? 2 : letters >= LETTERS_ONE_EDIT;
}

static bool encoder_knows(const struct embedder *embedder, struct span word)
{
    struct embed_count count = {0};
    if (embedder)
        embed_count(embedder_model(embedder), word, &count);
    return count.words == 1 && count.pieces == 1;
}

static bool look_for_neighbour(struct making *m, const struct lexical *lexical, const struct embedder *embedder, struct word *w, struct span *neighbour)
{
    int edits = w->stop || w->whole || !w->term.n ? 0 : edits_for(m->question, w);
    struct span written = {m->question.p + w->start, w->end - w->start};
    if (!edits || lexical_holds(lexical, w->term) || encoder_knows(embedder, written))
        return false;
    m->scans++;
    return lexical_neighbour(lexical, w->term, edits, neighbour);
}

/* Adds the neighbours to the set of the question's own language. False when the arena is full. */
static bool correct(struct making *m, const struct index_entry *entry, struct query_terms *set)
{
    struct span *terms = arena_array(m->arena, set->count + SCANS_AT_MOST, sizeof *terms), neighbour;
    if (!terms)
        return false;
    if (set->count)
        memcpy(terms, set->terms, set->count * sizeof *terms);
    set->terms = terms;
    for (size_t i = 0; i < m->asked_count && m->scans < SCANS_AT_MOST; i++) {
        struct word *w = &m->asked[i];
        if (!look_for_neighbour(m, index_lexical(entry), index_encoder(entry), w, &neighbour))
            continue;
        w->term = arena_copy(m->arena, neighbour);
        if (!w->term.p)
            return false;
        if (!query_terms_hold(set, w->term))
            set->terms[set->count++] = w->term;
    }
    return true;
}

bool query_words_make(const struct index_entry *entry, struct span question, struct arena *scratch, struct arena *arena, struct query_words *out)
{
    struct making m = {.question = question, .scratch = scratch, .arena = arena};
    if (!make(&m, entry, out))
        return false;
    for (size_t i = 0; i < out->count; i++) {
        if (strcmp(out->sets[i].language.code, m.own.code) == 0)
            return correct(&m, entry, &out->sets[i]);
    }
    return true;
}
