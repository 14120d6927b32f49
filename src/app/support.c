/* Claims and passages as words; the comparison. What numbers, dates and names are: claim_words.c. */
#include "app/support.h"

#include <string.h>

#include "app/claim_words.h"
#include "text/sentences.h"

/* Shares of a claim's words. */
static const double enough = 0.72, hardly = 0.12;
static const double own_enough = 0.5;    /* in the sentence itself: a document's name alone says nothing */
static const double same_sentence = 0.8; /* from here on a "not" on one side only matters */

/* ---- passages ---- */

static bool add_sentence(struct support_passage *p, struct span text, struct arena *arena)
{
    struct support_sentence *s = &p->sentences[p->count];
    *s = (struct support_sentence){.text = text};
    if (!text.n)
        return true;
    p->count++;
    return claim_words_terms(text, p->language, arena, &s->terms, &s->count);
}

bool support_passage_read(const struct passage *passage, struct language language, struct arena *arena, struct support_passage *out)
{
    struct span *sentences;
    size_t count;
    *out = (struct support_passage){.language = language};
    if (!sentences_split(passage->chunk.text, arena, &sentences, &count))
        return false;
    out->sentences = arena_array(arena, count + 2, sizeof *out->sentences);
    bool ok = out->sentences && add_sentence(out, passage->document_name, arena) && add_sentence(out, passage->chunk.heading, arena);
    out->leading = out->count;
    for (size_t i = 0; ok && i < count; i++)
        ok = add_sentence(out, sentences[i], arena);
    return ok;
}

/* ---- words ---- */

static bool holds_term(const struct support_sentence *s, uint32_t term)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->terms[i] == term)
            return true;
    return false;
}

/* Whether the name or the heading of the passage says the word: a sentence need not repeat it. */
static bool is_in_lead(const struct support_passage *p, uint32_t term)
{
    for (size_t i = 0; i < p->leading; i++)
        if (holds_term(&p->sentences[i], term))
            return true;
    return false;
}

/* Of the claim's words: the share that the sentence holds, with its document's name and heading and without them. */
struct share {
    double held, own;
};

static struct share share_held(const struct claim *claim, const struct support_passage *p, const struct support_sentence *s)
{
    size_t held = 0, own = 0;
    for (size_t i = 0; i < claim->term_count; i++) {
        bool here = holds_term(s, claim->terms[i]);
        own += here;
        held += here || is_in_lead(p, claim->terms[i]);
    }
    double all = claim->term_count ? (double)claim->term_count : 1;
    return (struct share){(double)held / all, (double)own / all};
}

/* ---- numbers, dates, names ---- */

bool support_holds(const struct support_passage *passage, const struct claim *claim, const struct claim_item *item)
{
    struct span said = {claim->text.p + item->start, item->end - item->start};
    for (size_t i = 0; i < passage->count; i++)
        if (claim_words_hold(passage->sentences[i].text, said, item->kind))
            return true;
    return false;
}

static bool holds_all(const struct support_passage *passage, const struct claim *claim)
{
    for (size_t i = 0; i < claim->item_count; i++)
        if (!support_holds(passage, claim, &claim->items[i]))
            return false;
    return true;
}

/* Numbers that stand elsewhere in the passage may belong to something else. */
static bool sentence_holds_numbers(const struct support_sentence *s, const struct claim *claim)
{
    for (size_t i = 0; i < claim->item_count; i++) {
        const struct claim_item *item = &claim->items[i];
        struct span said = {claim->text.p + item->start, item->end - item->start};
        if (item->kind != CLAIM_NAME && !claim_words_hold(s->text, said, item->kind))
            return false;
    }
    return true;
}

/* ---- the comparison ---- */

/* Written in another language than the passage: its words tell nothing, its numbers and names do. */
static bool is_foreign(const struct claim *claim, const struct support_passage *passage)
{
    return claim->language.code[0] && passage->language.code[0] && strcmp(claim->language.code, passage->language.code) != 0;
}

enum support support_compare(const struct claim *claim, const struct support_passage *passage, struct span *nearest)
{
    const struct support_sentence *best = NULL;
    struct share share = {0, 0};
    *nearest = (struct span){NULL, 0};
    for (size_t i = passage->leading; i < passage->count; i++) {
        struct share of = share_held(claim, passage, &passage->sentences[i]);
        if (of.own > 0 && of.held > share.held) {
            best = &passage->sentences[i];
            share = of;
        }
    }
    if (best)
        *nearest = best->text;
    if (is_foreign(claim, passage))
        return claim->item_count ? (holds_all(passage, claim) ? SUPPORT_YES : SUPPORT_NO) : SUPPORT_OPEN;
    if (!best || !holds_all(passage, claim) || share.held < hardly)
        return SUPPORT_NO;
    if (share.held >= same_sentence && claim_words_deny(claim->text) != claim_words_deny(best->text))
        return SUPPORT_NO;
    return share.held >= enough && share.own >= own_enough && sentence_holds_numbers(best, claim) ? SUPPORT_YES : SUPPORT_OPEN;
}
