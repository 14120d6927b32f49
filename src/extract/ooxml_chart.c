/* Charts: the numbers that a chart part caches of its workbook. */
#include "extract/ooxml_chart.h"

#include <stdlib.h>
#include <string.h>

#include "extract/number_format.h"

enum { CHART_TEXT_MAX = 1 << 20, POINTS_MAX = 4096 };

/* Values by their index, separated by TAB. */
struct points {
    struct buf text;
    int64_t count;
};

struct chart {
    struct part part;
    struct sink *out;
    int32_t page;
    struct buf title, name, line;
    struct points categories, values;
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
        buf_span(&c->name, text);
    else if (c->place == IN_CATEGORIES)
        add_point(&c->categories, c->index, text);
    else if (c->place == IN_VALUES)
        add_point(&c->values, c->index, text);
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

static bool put_series(struct chart *c)
{
    struct span category = {0}, value, categories = buf_view(&c->categories.text), values = buf_view(&c->values.text);
    const char *between = c->name.n ? ": " : "";
    buf_clear(&c->line);
    buf_span(&c->line, buf_view(&c->name));
    for (bool more = values.n > 0; more; between = "; ") {
        more = span_cut(values, '\t', &value, &values);
        span_cut(categories, '\t', &category, &categories);
        buf_str(&c->line, between);
        buf_span(&c->line, category);
        buf_str(&c->line, category.n && value.n ? " " : "");
        put_value(&c->line, value);
    }
    clear_points(&c->categories);
    clear_points(&c->values);
    buf_clear(&c->name);
    if (c->line.failed)
        return sink_no_memory(c->out);
    return sink_put(c->out, BLOCK_PARAGRAPH, 0, c->page, buf_view(&c->line));
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
        ok = put_series(c);
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
    return ok && c->out->error == EXTRACT_OK;
}

bool ooxml_chart_read(struct package *p, const char *part_name, int32_t page)
{
    struct chart c = {.out = p->out, .page = page};
    if (!part_name || !part_open(p, part_name, &c.part))
        return p->out->error == EXTRACT_OK;
    buf_init(&c.title, CHART_TEXT_MAX);
    buf_init(&c.name, CHART_TEXT_MAX);
    buf_init(&c.line, CHART_TEXT_MAX);
    buf_init(&c.categories.text, CHART_TEXT_MAX);
    buf_init(&c.values.text, CHART_TEXT_MAX);
    bool ok = read_nodes(&c);
    part_close(&c.part);
    buf_free(&c.title);
    buf_free(&c.name);
    buf_free(&c.line);
    buf_free(&c.categories.text);
    buf_free(&c.values.text);
    return ok;
}
