/* The style sheet ([MS-DOC] 2.9.271) and the lists (2.9.131, 2.9.147, 2.9.150) of a binary Word document. */
#include "extract/doc_styles.h"

#include <string.h>

#include "extract/binary.h"
#include "extract/list_label.h"

enum { STYLES_MAX = 4096, LISTS_MAX = 4096, BASED_ON_MAX = 16, NO_STYLE = 0xFFF, LIST_SIZE = 28, USE_SIZE = 16, START_MAX = 1000000 };

struct style {
    uint32_t based_on;
    struct doc_format own;
};

struct level {
    uint32_t kind; /* how it counts: 0 decimal, 1 and 2 Roman, 3 and 4 letters, 23 bullet, 255 none */
    int32_t start;
    struct span pattern; /* UTF-16; characters 0 to 8 stand for the numbers of the levels */
};

struct list {
    uint32_t id;
    struct level levels[DOC_LEVELS];
    int32_t count[DOC_LEVELS];
};

/* A list in use. One that overrides a start counts from there when it is first used. */
struct use {
    struct list *list;
    int32_t restart[DOC_LEVELS]; /* -1: none */
};

struct doc_styles {
    struct style *styles; /* [style_count] */
    size_t style_count;
    struct list *lists; /* [list_count] */
    size_t list_count;
    struct use *uses; /* [use_count] */
    size_t use_count;
};

int32_t doc_outline_heading(uint32_t level)
{
    return level > 8 ? 0 : heading_level((int64_t)level + 1);
}

/* Built-in styles have numbers: 1 to 9 are the headings, 62 is the title. */
static int32_t heading_of(uint32_t builtin)
{
    return builtin >= 1 && builtin <= 9 ? heading_level(builtin) : builtin == 62 ? 1 : -1;
}

static void take_changes(const struct doc_file *f, struct span changes, struct doc_format *format)
{
    struct doc_change c;
    while (doc_change_next(f, &changes, &c)) {
        if (c.property == DOC_OUTLINE && format->heading < 0)
            format->heading = doc_outline_heading(c.value);
        else if (c.property == DOC_LIST)
            format->list = (int32_t)(c.value & 0xFFFF);
        else if (c.property == DOC_LIST_LEVEL)
            format->level = (int32_t)(c.value & 0xFF);
    }
}

/* One style: fixed fields, the name with its length in front and a zero behind it, then (for paragraphs) the changes. */
static void read_style(const struct doc_file *f, struct span s, uint32_t fixed, struct style *style)
{
    uint32_t kind = le16(s, 2) & 15;
    size_t width = f->old ? 1 : 2, length = f->old ? le8(s, fixed) : le16(s, fixed);
    size_t at = fixed + width + (length + 1) * width;
    *style = (struct style){le16(s, 2) >> 4, {-1, -1, -1}};
    if (kind != 1)
        return;
    style->own.heading = heading_of(le16(s, 0) & 0xFFF);
    at += at & 1;
    take_changes(f, slice(s, at + 4, le16(s, at) > 2 ? le16(s, at) - 2 : 0), &style->own);
}

static bool read_styles(struct doc_styles *s, const struct doc_file *f)
{
    struct span table = doc_table(f, DOC_STYLES, NULL);
    size_t at = 2 + le16(table, 0), count = le16(table, 2);
    uint32_t fixed = le16(table, 4);
    count = count < STYLES_MAX ? count : STYLES_MAX;
    s->styles = arena_array(f->arena, count + 1, sizeof *s->styles);
    if (!s->styles)
        return sink_no_memory(f->out);
    for (size_t i = 0; i < count && at + 2 <= table.n; i++) {
        struct span one = slice(table, at + 2, le16(table, at));
        s->styles[i] = (struct style){NO_STYLE, {-1, -1, -1}};
        if (one.n >= 10)
            read_style(f, one, fixed, &s->styles[i]);
        at += 2 + one.n + (one.n & 1);
        s->style_count++;
    }
    return true;
}

/* A level of a list; returns its length. */
static size_t read_level(struct span s, struct level *level)
{
    size_t at = 28 + (size_t)le8(s, 24) + le8(s, 25), length = le16(s, at);
    uint32_t start = le32(s, 0);
    *level = (struct level){le8(s, 4), start < START_MAX ? (int32_t)start : 1, slice(s, at + 2, length * 2)};
    return at + 2 + length * 2;
}

/* The lists stand in the table, their levels behind it. */
static bool read_lists(struct doc_styles *s, const struct doc_file *f)
{
    uint32_t at;
    struct span table = doc_table(f, DOC_LISTS, &at);
    size_t count = le16(table, 0), most = table.n < 2 ? 0 : (table.n - 2) / LIST_SIZE;
    struct span levels = slice(f->tables, (uint64_t)at + 2 + (uint64_t)(count < most ? count : most) * LIST_SIZE, UINT64_MAX);
    count = count < most ? count : most;
    count = count < LISTS_MAX ? count : LISTS_MAX;
    s->lists = arena_array(f->arena, count + 1, sizeof *s->lists);
    if (!s->lists)
        return sink_no_memory(f->out);
    for (; s->list_count < count; s->list_count++) {
        struct list *list = &s->lists[s->list_count];
        struct span fixed = slice(table, 2 + (uint64_t)s->list_count * LIST_SIZE, LIST_SIZE);
        int own = le8(fixed, 26) & 1 ? 1 : DOC_LEVELS;
        list->id = le32(fixed, 0);
        for (int i = 0; i < own; i++)
            levels = slice(levels, read_level(levels, &list->levels[i]), UINT64_MAX);
        for (int i = 0; i < DOC_LEVELS; i++)
            list->count[i] = list->levels[i].start - 1;
    }
    return true;
}

static struct list *list_by_id(struct doc_styles *s, uint32_t id)
{
    for (size_t i = 0; i < s->list_count; i++)
        if (s->lists[i].id == id)
            return &s->lists[i];
    return NULL;
}

/* What a use of a list changes: starts, or whole levels, of which only the length matters. Returns the length. */
static size_t read_overrides(struct span s, uint32_t count, struct use *use)
{
    size_t at = 4;
    struct level ignored;
    for (uint32_t i = 0; i < count && at < s.n; i++) {
        uint32_t start = le32(s, at), flags = le32(s, at + 4), level = flags & 15;
        at += 8;
        if (flags & 16 && level < DOC_LEVELS && start < START_MAX)
            use->restart[level] = (int32_t)start;
        if (flags & 32)
            at += read_level(slice(s, at, UINT64_MAX), &ignored);
    }
    return at;
}

static bool read_uses(struct doc_styles *s, const struct doc_file *f)
{
    struct span table = doc_table(f, DOC_LIST_USES, NULL);
    size_t count = le32(table, 0), most = table.n < 4 ? 0 : (table.n - 4) / USE_SIZE;
    count = count < most ? count : most;
    count = count < LISTS_MAX ? count : LISTS_MAX;
    struct span overrides = slice(table, 4 + (uint64_t)count * USE_SIZE, UINT64_MAX);
    s->uses = arena_array(f->arena, count + 1, sizeof *s->uses);
    if (!s->uses)
        return sink_no_memory(f->out);
    for (; s->use_count < count; s->use_count++) {
        struct use *use = &s->uses[s->use_count];
        struct span fixed = slice(table, 4 + (uint64_t)s->use_count * USE_SIZE, USE_SIZE);
        use->list = list_by_id(s, le32(fixed, 0));
        for (int i = 0; i < DOC_LEVELS; i++)
            use->restart[i] = -1;
        overrides = slice(overrides, read_overrides(overrides, le8(fixed, 12), use), UINT64_MAX);
    }
    return true;
}

struct doc_styles *doc_styles_read(const struct doc_file *f)
{
    struct doc_styles *s = arena_alloc(f->arena, sizeof *s);
    if (!s) {
        sink_no_memory(f->out);
        return NULL;
    }
    bool ok = read_styles(s, f) && (f->old || (read_lists(s, f) && read_uses(s, f)));
    return ok ? s : NULL;
}

struct doc_format doc_style_format(const struct doc_styles *s, uint32_t style)
{
    struct doc_format format = {-1, -1, -1};
    for (int steps = 0; steps < BASED_ON_MAX && style < s->style_count; steps++, style = s->styles[style].based_on) {
        const struct doc_format *own = &s->styles[style].own;
        if (format.heading < 0)
            format.heading = own->heading;
        if (format.list < 0)
            format.list = own->list;
        if (format.level < 0)
            format.level = own->level;
    }
    return (struct doc_format){format.heading < 0 ? 0 : format.heading, format.list < 0 ? 0 : format.list, format.level < 0 ? 0 : format.level};
}

static void put_number(struct buf *b, uint32_t kind, int32_t n)
{
    if (kind == 1 || kind == 2)
        list_roman_put(b, n, kind == 1);
    else if (kind == 3 || kind == 4)
        list_letter_put(b, n, kind == 3 ? 'A' : 'a');
    else if (kind == 22)
        buf_printf(b, "%02d", n);
    else
        buf_printf(b, "%d", n);
}

static void put_label(const struct list *list, const struct level *level, struct buf *label)
{
    for (size_t i = 0; i + 1 < level->pattern.n && i < 128; i += 2) {
        uint32_t c = le16(level->pattern, i);
        if (c < DOC_LEVELS)
            put_number(label, list->levels[c].kind, list->count[c] < list->levels[c].start ? list->levels[c].start : list->count[c]);
        else if (c < 0xD800 || c > 0xF8FF)
            put_code_point(label, c);
    }
    buf_char(label, ' ');
}

bool doc_styles_label(struct doc_styles *s, int32_t use_number, int32_t depth, struct buf *label)
{
    enum { BULLET = 23, NONE = 255 };
    if (use_number < 1 || (size_t)use_number > s->use_count || depth < 0 || depth >= DOC_LEVELS)
        return false;
    struct use *use = &s->uses[use_number - 1];
    struct list *list = use->list;
    if (!list)
        return false;
    for (int i = 0; i < DOC_LEVELS; i++)
        if (use->restart[i] >= 0) {
            list->count[i] = use->restart[i] - 1;
            use->restart[i] = -1;
        }
    list->count[depth] += list->count[depth] < INT32_MAX;
    for (int i = depth + 1; i < DOC_LEVELS; i++)
        list->count[i] = list->levels[i].start - 1;
    const struct level *level = &list->levels[depth];
    if (level->kind != BULLET && level->kind != NONE && level->pattern.n)
        put_label(list, level, label);
    return true;
}
