/* Paragraph styles and numbering of Word documents (ECMA-376 part 1, 17.7 and 17.9). */
#include "extract/docx_styles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extract/list_label.h"

enum { ID_SIZE = 64, STYLES_MAX = 4096, LISTS_MAX = 2048, BASED_ON_MAX = 16, LABEL_SIZE = 48 };

struct style {
    char id[ID_SIZE];
    char based_on[ID_SIZE];
    struct paragraph_format own;
    struct paragraph_format format; /* with what it is based on; nothing is left unsaid */
};

struct list_level {
    char kind[24];            /* w:numFmt: "decimal", "bullet", ... */
    char pattern[LABEL_SIZE]; /* w:lvlText: "%1.%2" */
    int32_t start;
    int32_t restart; /* w:lvlRestart: an item of this level or a higher one (from 1) starts the count anew; 0: none does; -1: of any higher one */
    bool legal;      /* w:isLgl: the label is of decimal numbers throughout */
};

/* An abstract list: the levels and where the count stands. */
struct list {
    int32_t id;
    char linked[ID_SIZE]; /* w:numStyleLink: the style whose list this is, or "" */
    struct list_level levels[DOCX_LEVELS];
    int32_t count[DOCX_LEVELS];
};

/* A w:num: an abstract list in use. One that overrides a start counts from there when it is first used, the others go on. */
struct number {
    int32_t id, list;
    int32_t restart[DOCX_LEVELS]; /* -1: none */
};

struct docx_styles {
    struct style *styles; /* [styles_count], by id */
    size_t styles_count;
    struct list **lists; /* [lists_count], by w:abstractNumId */
    size_t lists_count;
    struct number *numbers; /* [numbers_count], by w:numId */
    size_t numbers_count;
};

static int compare_styles(const void *a, const void *b)
{
    return strcmp(((const struct style *)a)->id, ((const struct style *)b)->id);
}

static const struct style *style_by_id(const struct docx_styles *s, const char *id)
{
    struct style key;
    snprintf(key.id, sizeof key.id, "%s", id);
    return id[0] ? bsearch(&key, s->styles, s->styles_count, sizeof key, compare_styles) : NULL;
}

/* The built-in names say the level in every language of Word: "heading 1", "Title". */
static int32_t level_by_name(const char *name)
{
    struct span s = span_of(name);
    int64_t level;
    if (span_eq_nocase(s, SPAN("title")))
        return 1;
    if (s.n > 8 && span_eq_nocase((struct span){s.p, 8}, SPAN("heading ")) && span_to_int(span_skip(s, 8), 1, 9, &level))
        return heading_level(level);
    return -1;
}

/* A w:style element, at its start. */
static void read_style(struct part *part, struct style *style)
{
    char name[ID_SIZE];
    *style = (struct style){.own = {-1, -1, -1}};
    part_attribute(part, "styleId", style->id, sizeof style->id);
    while (!(part_ends(part) && part_is(part, "style")) && part_next(part) == 1) {
        if (!part_starts(part))
            continue;
        if (part_is(part, "name") && part_attribute(part, "val", name, sizeof name))
            style->own.heading = level_by_name(name);
        else if (part_is(part, "basedOn"))
            part_attribute(part, "val", style->based_on, sizeof style->based_on);
        else if (part_is(part, "outlineLvl") && style->own.heading < 0)
            style->own.heading = (int32_t)part_number(part, "val", 0, 8, 9) + 1;
        else if (part_is(part, "numId"))
            style->own.list = (int32_t)part_number(part, "val", 0, INT32_MAX, 0);
        else if (part_is(part, "ilvl"))
            style->own.depth = (int32_t)part_number(part, "val", 0, DOCX_LEVELS - 1, 0);
    }
    if (style->own.heading > 6)
        style->own.heading = style->own.heading == 10 ? 0 : 6;
}

static void fill_unsaid(struct paragraph_format *f, const struct paragraph_format *from)
{
    if (f->heading < 0)
        f->heading = from->heading;
    if (f->list < 0)
        f->list = from->list;
    if (f->depth < 0)
        f->depth = from->depth;
}

static const struct paragraph_format plain = {0, 0, 0};

/* Once for each style, not for each paragraph: a hostile document has many of both. */
static void resolve_styles(struct docx_styles *s)
{
    qsort(s->styles, s->styles_count, sizeof *s->styles, compare_styles);
    for (size_t i = 0; i < s->styles_count; i++) {
        struct style *style = &s->styles[i];
        const struct style *base = style;
        style->format = style->own;
        for (int steps = 0; steps < BASED_ON_MAX && (base = style_by_id(s, base->based_on)); steps++)
            fill_unsaid(&style->format, &base->own);
        fill_unsaid(&style->format, &plain);
    }
}

static bool read_styles(struct docx_styles *s, struct package *p, const char *main_part, struct arena *arena)
{
    char name[PART_NAME_SIZE];
    struct part part;
    s->styles = arena_array(arena, STYLES_MAX, sizeof *s->styles);
    if (!s->styles)
        return sink_no_memory(p->out);
    if (!package_related(p, main_part, "/styles", name) || !part_open(p, name, &part))
        return p->out->error == EXTRACT_OK;
    while (s->styles_count < STYLES_MAX && part_next(&part) == 1)
        if (part_starts(&part) && part_is(&part, "style"))
            read_style(&part, &s->styles[s->styles_count++]);
    part_close(&part);
    resolve_styles(s);
    return p->out->error == EXTRACT_OK;
}

/* A w:abstractNum element, at its start. */
static void read_list(struct part *part, struct list *list)
{
    struct list_level *level = &list->levels[0];
    list->id = (int32_t)part_number(part, "abstractNumId", 0, INT32_MAX, -1);
    for (int i = 0; i < DOCX_LEVELS; i++)
        list->levels[i].restart = -1;
    while (!(part_ends(part) && part_is(part, "abstractNum")) && part_next(part) == 1) {
        if (!part_starts(part))
            continue;
        if (part_is(part, "lvl"))
            level = &list->levels[part_number(part, "ilvl", 0, DOCX_LEVELS - 1, 0)];
        else if (part_is(part, "numStyleLink"))
            part_attribute(part, "val", list->linked, sizeof list->linked);
        else if (part_is(part, "lvlRestart"))
            level->restart = (int32_t)part_number(part, "val", 0, DOCX_LEVELS, -1);
        else if (part_is(part, "isLgl"))
            level->legal = true;
        else if (part_is(part, "start"))
            level->start = (int32_t)part_number(part, "val", 0, 1000000, 1);
        else if (part_is(part, "numFmt"))
            part_attribute(part, "val", level->kind, sizeof level->kind);
        else if (part_is(part, "lvlText"))
            part_attribute(part, "val", level->pattern, sizeof level->pattern);
    }
    for (int i = 0; i < DOCX_LEVELS; i++)
        list->count[i] = list->levels[i].start - 1;
}

/* A w:num element, at its start. */
static void read_number(struct part *part, struct number *number)
{
    int64_t level = 0;
    number->id = (int32_t)part_number(part, "numId", 0, INT32_MAX, -1);
    number->list = -1;
    for (int i = 0; i < DOCX_LEVELS; i++)
        number->restart[i] = -1;
    while (!(part_ends(part) && part_is(part, "num")) && part_next(part) == 1) {
        if (!part_starts(part))
            continue;
        if (part_is(part, "abstractNumId"))
            number->list = (int32_t)part_number(part, "val", 0, INT32_MAX, -1);
        else if (part_is(part, "lvlOverride"))
            level = part_number(part, "ilvl", 0, DOCX_LEVELS - 1, 0);
        else if (part_is(part, "startOverride"))
            number->restart[level] = (int32_t)part_number(part, "val", 0, 1000000, 1);
    }
}

static bool read_numbering(struct docx_styles *s, struct package *p, const char *main_part, struct arena *arena)
{
    char name[PART_NAME_SIZE];
    struct part part;
    s->lists = arena_array(arena, LISTS_MAX, sizeof *s->lists);
    s->numbers = arena_array(arena, LISTS_MAX, sizeof *s->numbers);
    if (!s->lists || !s->numbers)
        return sink_no_memory(p->out);
    if (!package_related(p, main_part, "/numbering", name) || !part_open(p, name, &part))
        return p->out->error == EXTRACT_OK;
    while (part_next(&part) == 1) {
        if (part_starts(&part) && part_is(&part, "abstractNum") && s->lists_count < LISTS_MAX) {
            struct list *list = arena_alloc(arena, sizeof *list);
            if (!list) {
                sink_no_memory(p->out);
                break;
            }
            read_list(&part, list);
            s->lists[s->lists_count++] = list;
        } else if (part_starts(&part) && part_is(&part, "num") && s->numbers_count < LISTS_MAX) {
            read_number(&part, &s->numbers[s->numbers_count++]);
        }
    }
    part_close(&part);
    return p->out->error == EXTRACT_OK;
}

struct docx_styles *docx_styles_read(struct package *p, const char *main_part, struct arena *arena)
{
    struct docx_styles *s = arena_alloc(arena, sizeof *s);
    if (!s) {
        sink_no_memory(p->out);
        return NULL;
    }
    return read_styles(s, p, main_part, arena) && read_numbering(s, p, main_part, arena) ? s : NULL;
}

void docx_styles_apply(const struct docx_styles *s, const char *style_id, struct paragraph_format *f)
{
    const struct style *style = style_by_id(s, style_id);
    fill_unsaid(f, style ? &style->format : &plain);
}

static struct number *number_by_id(const struct docx_styles *s, int32_t id)
{
    for (size_t i = 0; i < s->numbers_count; i++)
        if (s->numbers[i].id == id)
            return &s->numbers[i];
    return NULL;
}

static struct list *own_list(const struct docx_styles *s, const struct number *number)
{
    for (size_t i = 0; number && number->list >= 0 && i < s->lists_count; i++)
        if (s->lists[i]->id == number->list)
            return s->lists[i];
    return NULL;
}

/* The list of a number, by way of the style that it may be linked to. */
static struct list *list_of(const struct docx_styles *s, const struct number *number)
{
    struct list *list = own_list(s, number);
    const struct style *style = list ? style_by_id(s, list->linked) : NULL;
    struct list *linked = style ? own_list(s, number_by_id(s, style->own.list)) : NULL;
    return linked ? linked : list;
}

/* An item of level `depth` starts the levels below it anew. */
static void restart_below(struct list *list, int32_t depth)
{
    for (int32_t i = depth + 1; i < DOCX_LEVELS; i++)
        if (list->levels[i].restart < 0 || depth < list->levels[i].restart)
            list->count[i] = list->levels[i].start - 1;
}

static void restart_once(struct number *number, struct list *list)
{
    for (int i = 0; i < DOCX_LEVELS; i++)
        if (number->restart[i] >= 0) {
            list->count[i] = number->restart[i] - 1;
            number->restart[i] = -1;
        }
}

static void put_number(struct buf *b, const char *kind, int32_t n)
{
    if (strcmp(kind, "lowerRoman") == 0 || strcmp(kind, "upperRoman") == 0)
        list_roman_put(b, n, kind[0] == 'u');
    else if (strcmp(kind, "lowerLetter") == 0 || strcmp(kind, "upperLetter") == 0)
        list_letter_put(b, n, kind[0] == 'u' ? 'A' : 'a');
    else
        buf_printf(b, "%d", n);
}

bool docx_styles_label(struct docx_styles *s, int32_t id, int32_t depth, struct buf *label)
{
    struct number *number = number_by_id(s, id);
    struct list *list = list_of(s, number);
    if (!list)
        return false;
    restart_once(number, list);
    const struct list_level *level = &list->levels[depth];
    list->count[depth]++;
    restart_below(list, depth);
    if (strcmp(level->kind, "bullet") == 0 || strcmp(level->kind, "none") == 0 || level->kind[0] == '\0')
        return true;
    for (const char *p = level->pattern; *p; p++) {
        int32_t of = p[0] == '%' && p[1] >= '1' && p[1] <= '9' ? p[1] - '1' : -1;
        if (of < 0) {
            buf_char(label, *p);
            continue;
        }
        int32_t n = list->count[of] < list->levels[of].start ? list->levels[of].start : list->count[of];
        bool padded = n < 10 && strcmp(list->levels[of].kind, "decimalZero") == 0;
        buf_str(label, padded ? "0" : "");
        put_number(label, level->legal ? "decimal" : list->levels[of].kind, n);
        p++;
    }
    buf_char(label, ' ');
    return true;
}
