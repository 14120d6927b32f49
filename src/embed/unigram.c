/* Characters are read one by one, replaced and gathered to a word; the word is split by the Viterbi algorithm, whose steps the trie gives. */
#include "embed/unigram.h"

#include <math.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

static const uint32_t space_mark = 0x2581; /* ▁ */
static const float unknown_penalty = 10;

static bool is_sound_table(const struct unigram *u)
{
    for (size_t i = 0; i < UNIGRAM_PAGES; i++)
        if (u->page[i] >= u->blocks)
            return false;
    for (size_t i = 0; i < (size_t)u->blocks * UNIGRAM_PAGE; i++) {
        uint32_t place = u->entry[i];
        if (place > u->letter_count)
            return false;
        uint32_t length = place ? u->letters[place - 1] : 0;
        if (length > UNIGRAM_REPLACEMENT_MAX || length > u->letter_count - place)
            return false;
    }
    return true;
}

bool unigram_make_sound(struct unigram *u)
{
    float least = 0;
    if (u->unk >= u->count || u->blocks == 0 || !trie_is_sound(&u->trie, u->count) || !is_sound_table(u))
        return false;
    for (uint32_t i = 0; i < u->count; i++) {
        if (!isfinite(u->scores[i]) || fabsf(u->scores[i]) > 1000)
            return false;
        least = u->scores[i] < least ? u->scores[i] : least;
    }
    u->unknown = least - unknown_penalty;
    return true;
}

/* ---- words ---- */

/* Reads one character of the text; what it gives, which may be nothing, is then ready. */
static void ready_fill(const struct unigram *u, struct unigram_walk *at)
{
    uint32_t c;
    at->rest = span_skip(at->rest, utf8_next(at->rest, &c));
    at->own = c == UTF8_INVALID ? 0xFFFD : c;
    uint32_t place = u->entry[(size_t)u->page[at->own / UNIGRAM_PAGE] * UNIGRAM_PAGE + at->own % UNIGRAM_PAGE];
    at->ready = place ? u->letters + place : &at->own;
    at->ready_count = place ? u->letters[place - 1] : at->own != 0;
}

/* The next replaced character, not yet taken; false at the end of the text. */
static bool ready_peek(const struct unigram *u, struct unigram_walk *at, uint32_t *c)
{
    while (at->ready_count == 0) {
        if (at->rest.n == 0)
            return false;
        ready_fill(u, at);
    }
    *c = *at->ready;
    return true;
}

static void ready_take(struct unigram_walk *at)
{
    at->ready++;
    at->ready_count--;
}

/* What the character may become with the one before it: only marks, and the later parts of a Korean syllable, become anything. */
static bool may_compose(uint32_t c)
{
    if (c < 0x300 || c > 0x10FFFF)
        return false;
    if (c >= 0x1161 && c <= 0x11C2)
        return true;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC;
}

static bool compose(uint32_t before, uint32_t c, uint32_t *both)
{
    utf8proc_int32_t pair[3] = {(utf8proc_int32_t)before, (utf8proc_int32_t)c, 0};
    if (utf8proc_normalize_utf32(pair, 2, UTF8PROC_COMPOSE | UTF8PROC_STABLE) != 1)
        return false;
    *both = (uint32_t)pair[0];
    return true;
}

/* A word in the making. */
struct gathering {
    struct unigram_word *word;
    uint32_t last; /* the character at last_at, with which the next may become one; 0: none */
    size_t last_at;
};

static void gather(struct gathering *g, uint32_t c)
{
    uint32_t both;
    if (g->last && may_compose(c) && compose(g->last, c, &both)) {
        g->word->n = g->last_at;
        c = both;
    }
    g->last = c;
    g->last_at = g->word->n;
    g->word->n += utf8_put(g->word->bytes + g->word->n, c);
}

/* The printable ASCII that comes next stands for itself. */
static void gather_plain(struct gathering *g, struct span *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] > ' ' && rest->p[n] < 0x7F && g->word->n + n < UNIGRAM_BYTES_MAX)
        n++;
    if (n == 0)
        return;
    memcpy(g->word->bytes + g->word->n, rest->p, n);
    g->word->n += n;
    g->last = (unsigned char)rest->p[n - 1];
    g->last_at = g->word->n - 1;
    *rest = span_skip(*rest, n);
}

bool unigram_next(const struct unigram *u, struct unigram_walk *at, struct unigram_word *word)
{
    struct gathering g = {.word = word};
    uint32_t c;
    bool more;
    for (word->n = 0; (more = ready_peek(u, at, &c)) && c == ' '; ready_take(at))
        at->inside = false;
    if (more && !at->inside)
        word->n = utf8_put(word->bytes, space_mark);
    at->inside = false;
    while (more && c != ' ' && !at->inside) {
        gather(&g, c);
        ready_take(at);
        if (at->ready_count == 0)
            gather_plain(&g, &at->rest);
        at->inside = word->n >= UNIGRAM_BYTES_MAX;
        more = at->inside || ready_peek(u, at, &c);
    }
    return word->n > 0;
}

/* ---- pieces ---- */

/* The best way that is known to the end of a byte. */
struct way {
    float score;
    uint32_t id;   /* of its last piece, … */
    uint32_t from; /* … which begins here; UNREACHED: there is none */
};
enum { UNREACHED = UINT16_MAX };

static void offer(struct way *to, float score, uint32_t id, size_t from)
{
    if (to->from == UNREACHED || score > to->score)
        *to = (struct way){score, id, (uint32_t)from};
}

static size_t length_of(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* All pieces that begin at byte `at`, and the unknown character where none is a single one. */
static void extend(const struct unigram *u, const struct unigram_word *word, size_t at, struct way *ways)
{
    struct trie_unit unit = u->trie.units[0];
    size_t one = at + length_of((unsigned char)word->bytes[at]);
    bool known = false;
    for (size_t end = at; end < word->n && trie_step(&u->trie, &unit, (unsigned char)word->bytes[end]);) {
        end++;
        if (unit.value == 0)
            continue;
        known = known || end == one;
        offer(&ways[end], ways[at].score + u->scores[unit.value - 1], unit.value - 1, at);
    }
    if (!known)
        offer(&ways[one], ways[at].score + u->unknown, u->unk, at);
}

/* The ids of the best way, last first in ways, to ids; runs of unknown ones made one. */
static size_t collect(const struct unigram *u, const struct way *ways, size_t n, uint32_t *ids)
{
    size_t count = 0;
    for (size_t at = n; at > 0; at = ways[at].from)
        if (ways[at].id != u->unk || count == 0 || ids[count - 1] != u->unk)
            ids[count++] = ways[at].id;
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t id = ids[i];
        ids[i] = ids[count - 1 - i];
        ids[count - 1 - i] = id;
    }
    return count;
}

size_t unigram_split(const struct unigram *u, struct unigram_walk *at, const struct unigram_word *word, uint32_t ids[UNIGRAM_BYTES_MAX])
{
    struct way ways[UNIGRAM_BYTES_MAX + 8];
    for (size_t i = 1; i <= word->n; i++)
        ways[i].from = UNREACHED;
    ways[0] = (struct way){at->score, 0, 0};
    for (size_t i = 0; i < word->n; i++)
        if (ways[i].from != UNREACHED)
            extend(u, word, i, ways);
    at->score = ways[word->n].score;
    return collect(u, ways, word->n, ids);
}
