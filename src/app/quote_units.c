/* Passages → units: line by line, lines of running text by sentences. */
#include "app/quote_units.h"

#include <string.h>

#include "text/sentences.h"

enum { LABEL_WORDS = 8, UNIT_MAX = 4096 };

bool quote_terms_in(struct span text, struct language language, const struct question_term *terms, size_t term_count, struct arena *arena, uint64_t *held,
                    unsigned *words)
{
    struct word *list;
    size_t count;
    *held = 0;
    *words = 0;
    if (!words_split(text, language, arena, &list, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (list[i].stop)
            continue;
        *words += !list[i].whole;
        for (size_t k = 0; k < term_count; k++) {
            if (span_eq(list[i].term, terms[k].term))
                *held |= UINT64_C(1) << k;
        }
    }
    return true;
}

/* ---- kinds of lines ---- */

static bool ends_with_any(struct span s, const char *const *ends, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (span_ends_nocase(s, span_of(ends[i])))
            return true;
    }
    return false;
}

static bool ends_sentence(struct span s)
{
    static const char *const ends[] = {".", "!", "?", "…", "。", "！", "？", ".\"", ".”", ".)", "!\"", "।", "؟", "۔"};
    return ends_with_any(s, ends, sizeof ends / sizeof *ends);
}

static bool is_question(struct span s)
{
    static const char *const ends[] = {"?", "？", "؟", "?\"", "?”", "?)"};
    return ends_with_any(s, ends, sizeof ends / sizeof *ends);
}

static bool is_lead_in(struct span s)
{
    return span_ends_nocase(s, SPAN(":")) || span_ends_nocase(s, SPAN("："));
}

/* "column: value; column: value": each part but the last two may lack its colon only when a value holds a semicolon, so two parts with a short name suffice. */
static bool is_row(struct span line)
{
    enum { NAME_BYTES = 80 };
    unsigned named = 0, parts = 0;
    struct span part, rest = line;
    do {
        span_cut(rest, ';', &part, &rest);
        ptrdiff_t colon = span_find(part, SPAN(": "));
        named += colon > 0 && colon <= NAME_BYTES;
        parts++;
    } while (rest.n);
    return (named >= 2 && named * 2 >= parts) || span_find(line, SPAN(" | ")) >= 0;
}

static size_t count_spaces(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == ' ';
    return n;
}

static bool is_label(struct span line)
{
    return !ends_sentence(line) && count_spaces(line) < LABEL_WORDS && span_find(line, SPAN(":")) < 0;
}

static enum unit_kind kind_of_line(struct span line)
{
    if (span_starts(line, SPAN("- ")))
        return UNIT_ITEM;
    if (is_lead_in(line))
        return UNIT_LEAD_IN;
    if (is_row(line))
        return UNIT_ROW;
    return is_label(line) ? UNIT_LABEL : UNIT_SENTENCE;
}

/* ---- cutting ---- */

struct cutter {
    const struct passages *passages;
    const struct question_term *terms;
    size_t term_count;
    struct arena *arena;
    struct unit *units;
    size_t count, capacity;
};

static bool add_unit(struct cutter *c, size_t passage, struct span text, enum unit_kind kind, bool starts_line, bool new_block)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 64;
        struct unit *grown = capacity <= UNIT_MAX ? arena_array(c->arena, capacity, sizeof *grown) : NULL;
        if (!grown)
            return false;
        if (c->count)
            memcpy(grown, c->units, c->count * sizeof *grown);
        c->units = grown;
        c->capacity = capacity;
    }
    size_t start = (size_t)(text.p - c->passages->list[passage].chunk.text.p);
    struct unit *u = &c->units[c->count++];
    *u = (struct unit){.kind = kind, .passage = passage, .start = start, .end = start + text.n, .starts_line = starts_line, .new_block = new_block};
    return quote_terms_in(text, c->passages->matches[passage].language, c->terms, c->term_count, c->arena, &u->terms, &u->words);
}

static bool add_sentences(struct cutter *c, size_t passage, struct span line, bool new_block)
{
    struct span *sentences;
    size_t count;
    if (!sentences_split(line, c->arena, &sentences, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        enum unit_kind kind = is_question(sentences[i]) ? UNIT_QUESTION : is_lead_in(sentences[i]) ? UNIT_LEAD_IN : UNIT_SENTENCE;
        if (!add_unit(c, passage, sentences[i], kind, i == 0, new_block && i == 0))
            return false;
    }
    return true;
}

/* ---- rows of sentences ---- */

/* Bytes of the name of a cell that s begins with, its ": " included; 0: there is none. */
static size_t name_size(struct span s)
{
    enum { CELL_NAME_BYTES = 40 };
    ptrdiff_t colon = span_find((struct span){s.p, s.n < CELL_NAME_BYTES ? s.n : CELL_NAME_BYTES}, SPAN(": "));
    for (ptrdiff_t i = 0; i < colon; i++) {
        if (strchr(".;!?", s.p[i]))
            return 0;
    }
    return colon > 0 ? (size_t)colon + 2 : 0;
}

/* The first cell of a row "name: value; name: value", without its name to *value. */
static void cut_cell(struct span *row, struct span *cell, struct span *value)
{
    size_t end = 0;
    while (end < row->n && !(end + 2 < row->n && row->p[end] == ';' && row->p[end + 1] == ' ' && name_size(span_skip(*row, end + 2))))
        end++;
    *cell = (struct span){row->p, end};
    *value = span_trim(span_skip(*cell, name_size(*cell)));
    *row = span_skip(*row, end < row->n ? end + 2 : end);
}

/* Sentences rather than a name, a number or a place. */
static bool is_prose(struct span value)
{
    enum { PROSE_BYTES = 120 };
    return value.n >= PROSE_BYTES && count_spaces(value) >= 2 * LABEL_WORDS;
}

/* A question with its answer, or more than anybody reads as one row. */
static bool is_told(struct span row)
{
    enum { ROW_BYTES = 600 };
    bool asks = false, tells = false, wide = row.n > ROW_BYTES;
    struct span cell, value;
    while (row.n) {
        cut_cell(&row, &cell, &value);
        asks = asks || is_question(value);
        tells = tells || is_prose(value);
    }
    return tells && (asks || wide);
}

/* Cell by cell: a question, sentences, and what is short as it stands. */
static bool add_cells(struct cutter *c, size_t passage, struct span row, bool new_block)
{
    struct span cell, value;
    while (row.n) {
        cut_cell(&row, &cell, &value);
        bool told = is_question(value) || is_prose(value);
        if (value.n && !(told ? add_sentences(c, passage, value, new_block) : add_unit(c, passage, span_trim(cell), UNIT_ROW, true, new_block)))
            return false;
        new_block = false;
    }
    return true;
}

/* A short line without a full stop at its end, yet with one inside, such as "We close at six. See you!" with a smile behind it, is no label. */
static bool holds_sentences(struct cutter *c, struct span line)
{
    struct span *sentences;
    size_t count;
    return sentences_split(line, c->arena, &sentences, &count) && count > 1;
}

static bool cut_passage(struct cutter *c, size_t passage)
{
    struct span line, rest = c->passages->list[passage].chunk.text;
    bool new_block = true;
    while (rest.n) {
        span_cut(rest, '\n', &line, &rest);
        line = span_trim(line);
        if (!line.n) {
            new_block = true;
            continue;
        }
        enum unit_kind kind = kind_of_line(line);
        if (kind == UNIT_LABEL && holds_sentences(c, line))
            kind = UNIT_SENTENCE;
        bool ok = kind == UNIT_SENTENCE || kind == UNIT_LEAD_IN ? add_sentences(c, passage, line, new_block)
                  : kind == UNIT_ROW && is_told(line)           ? add_cells(c, passage, line, new_block)
                                                                : add_unit(c, passage, line, kind, true, new_block);
        if (!ok)
            return false;
        new_block = false;
    }
    return true;
}

bool quote_units(const struct passages *passages, size_t passages_used, const struct question_term *terms, size_t term_count, struct arena *arena,
                 struct unit **units, size_t *count)
{
    struct cutter c = {.passages = passages, .terms = terms, .term_count = term_count, .arena = arena};
    for (size_t i = 0; i < passages->count && i < passages_used; i++) {
        if (!cut_passage(&c, i))
            return false;
    }
    *units = c.units;
    *count = c.count;
    return true;
}
