/* Charts: the numbers that a chart part caches of its workbook, as a table with a row a category and a column a series. */
#include "extract/ooxml_chart.h"

#include <stdlib.h>
#include <string.h>

#include "extract/number_format.h"

enum { CHART_TEXT_MAX = 1 << 20, POINTS_MAX = 4096, SERIES_MAX = 64 };

/* Values by their index, separated by TAB. */
struct points {
    struct buf text;
    int64_t count;
};

struct series {
    struct buf name;
    struct points values;
};

struct chart {
    struct part part;
    struct sink *out;
    int32_t page;
    struct buf title, line;
    struct points categories;         /* of the series being read */
    struct points rows;               /* categories that the series of the table share */
    struct series series[SERIES_MAX]; /* [count] in the table, and the one being read */
    int count;
    enum { IN_CHART, IN_TITLE, IN_NAME, IN_CATEGORIES, IN_VALUES } place;
    int64_t index; /* of the point being read */
    bool in_text, in_series;
};

static void add_point(struct points *p, int64_t index, struct span text)
{
    for (; p->count < index && p->count < POINTS_MAX; p->count++)
        row_cell(&p->text, p->count == 0, (struct span){0});
    if (p->count >= POINTS_MAX)
        return;
    row_cell(&p->text, p->count == 0, text);
    p->count++;
}

static void clear_points(struct points *p)
{
    buf_clear(&p->text);
    p->count = 0;
}

static void take_text(struct chart *c)
{
    struct span text = part_text(&c->part);
    if (text.n == 0)
        return;
    if (c->place == IN_TITLE)
        buf_span(&c->title, text);
    else if (c->place == IN_NAME)
        buf_span(&c->series[c->count].name, text);
    else if (c->place == IN_CATEGORIES)
        add_point(&c->categories, c->index, text);
    else if (c->place == IN_VALUES)
        add_point(&c->series[c->count].values, c->index, text);
}

/* A number as a sheet shows it, other text as it is. */
static void put_value(struct buf *to, struct span value)
{
    char text[40], *end = text;
    double number = span_to_cstr(value, text, sizeof text) ? strtod(text, &end) : 0;
    if (end != text && *end == '\0')
        number_general_put(to, number);
    else
        buf_span(to, value);
}

static void put_header(struct chart *c)
{
    row_cell(&c->line, true, (struct span){0});
    for (int i = 0; i < c->count; i++)
        row_cell(&c->line, false, buf_view(&c->series[i].name));
}

/* The next row: a category and its value of each series; rest: what is left of their values. */
static void put_row(struct chart *c, struct span category, struct span rest[SERIES_MAX])
{
    put_value(&c->line, category);
    for (int i = 0; i < c->count; i++) {
        struct span value = {0};
        if (rest[i].n)
            span_cut(rest[i], '\t', &value, &rest[i]);
        buf_char(&c->line, '\t');
        put_value(&c->line, value);
    }
}

static bool end_row(struct chart *c, enum block_kind kind)
{
    bool ok = c->line.failed ? sink_no_memory(c->out) : sink_put(c->out, kind, 0, c->page, buf_view(&c->line));
    buf_clear(&c->line);
    return ok;
}

/* Writes the table of the series so far and begins another one. */
static bool put_table(struct chart *c)
{
    struct span rest[SERIES_MAX], category, categories = buf_view(&c->rows.text);
    int64_t rows = c->rows.count;
    bool ok = true;
    for (int i = 0; i < c->count; i++) {
        rest[i] = buf_view(&c->series[i].values.text);
        rows = rows < c->series[i].values.count ? c->series[i].values.count : rows;
    }
    if (c->count && rows) {
        put_header(c);
        ok = end_row(c, BLOCK_TABLE_HEADER);
    }
    for (int64_t i = 0; ok && c->count && i < rows; i++) {
        span_cut(categories, '\t', &category, &categories);
        put_row(c, category, rest);
        ok = end_row(c, BLOCK_TABLE_ROW);
    }
    for (int i = 0; i < c->count; i++) {
        clear_points(&c->series[i].values);
        buf_clear(&c->series[i].name);
    }
    clear_points(&c->rows);
    c->count = 0;
    return ok;
}

/* A series has been read. One with other categories, as those of a scatter chart, or one too many begins a table of its own. */
static bool end_series(struct chart *c)
{
    bool ok = true, same = span_eq(buf_view(&c->categories.text), buf_view(&c->rows.text)) || c->categories.count == 0;
    if (c->count > 0 && (!same || c->count == SERIES_MAX - 1)) {
        int newest = c->count;
        ok = put_table(c);
        struct series empty = c->series[0];
        c->series[0] = c->series[newest];
        c->series[newest] = empty;
    }
    if (c->count == 0) {
        clear_points(&c->rows);
        buf_span(&c->rows.text, buf_view(&c->categories.text));
        c->rows.count = c->categories.count;
    }
    c->count++;
    clear_points(&c->categories);
    return ok;
}

static void enter(struct chart *c)
{
    struct part *part = &c->part;
    if (part_is(part, "ser"))
        c->in_series = true;
    else if (part_is(part, "title") && !c->in_series)
        c->place = IN_TITLE;
    else if (part_is(part, "tx") && c->in_series)
        c->place = IN_NAME;
    else if (part_is(part, "cat") || part_is(part, "xVal"))
        c->place = IN_CATEGORIES;
    else if (part_is(part, "val") || part_is(part, "yVal"))
        c->place = IN_VALUES;
    else if (part_is(part, "pt"))
        c->index = part_number(part, "idx", 0, POINTS_MAX, 0);
    else if (part_is(part, "v") || part_is(part, "t"))
        c->in_text = !part_ends(part);
}

static bool leave(struct chart *c)
{
    static const char *const places[] = {"title", "tx", "cat", "val", "xVal", "yVal"};
    struct part *part = &c->part;
    bool ok = true;
    if (part_is(part, "v") || part_is(part, "t"))
        c->in_text = false;
    if (part_is(part, "p") && c->place == IN_TITLE)
        buf_char(&c->title, ' ');
    if (part_is(part, "title") && c->place == IN_TITLE) {
        ok = sink_put(c->out, BLOCK_PARAGRAPH, 0, c->page, buf_view(&c->title));
        buf_clear(&c->title);
    }
    for (size_t i = 0; c->place != IN_CHART && i < sizeof places / sizeof *places; i++)
        if (part_is(part, places[i]) && (i != 1 || c->place == IN_NAME))
            c->place = IN_CHART;
    if (part_is(part, "ser")) {
        c->in_series = false;
        ok = end_series(c);
    }
    return ok;
}

static bool read_nodes(struct chart *c)
{
    bool ok = true;
    while (ok && part_next(&c->part) == 1) {
        bool starts = part_starts(&c->part), formula = starts && (part_is(&c->part, "f") || part_is(&c->part, "dLbls"));
        if (formula) {
            ok = part_skip(&c->part);
            continue;
        }
        if (starts)
            enter(c);
        else if (c->in_text)
            take_text(c);
        if (part_ends(&c->part))
            ok = leave(c);
    }
    return ok && put_table(c) && c->out->error == EXTRACT_OK;
}

bool ooxml_chart_read(struct package *p, const char *part_name, int32_t page)
{
    struct chart c = {.out = p->out, .page = page};
    if (!part_name || !part_open(p, part_name, &c.part))
        return p->out->error == EXTRACT_OK;
    buf_init(&c.title, CHART_TEXT_MAX);
    buf_init(&c.line, CHART_TEXT_MAX);
    buf_init(&c.categories.text, CHART_TEXT_MAX);
    buf_init(&c.rows.text, CHART_TEXT_MAX);
    for (int i = 0; i < SERIES_MAX; i++) {
        buf_init(&c.series[i].name, CHART_TEXT_MAX);
        buf_init(&c.series[i].values.text, CHART_TEXT_MAX);
    }
    bool ok = read_nodes(&c);
    part_close(&c.part);
    buf_free(&c.title);
    buf_free(&c.line);
    buf_free(&c.categories.text);
    buf_free(&c.rows.text);
    for (int i = 0; i < SERIES_MAX; i++) {
        buf_free(&c.series[i].name);
        buf_free(&c.series[i].values.text);
    }
    return ok;
}
