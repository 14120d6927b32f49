/* Blocks → text. A table's header is remembered and named in each row instead of standing alone. */
#include "text/render.h"

#include "text/cell.h"

static bool blank(struct span s)
{
    return span_trim(s).n == 0;
}

/* Bytes of the text, half open. */
struct slice {
    size_t start, end;
};

static struct span slice_of(const struct buf *text, struct slice s)
{
    return (struct span){text->p + s.start, s.end - s.start};
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

/* Cells with `between` among them; blank ones are left out. */
static void put_cells(struct buf *text, struct span row, const char *between)
{
    struct span cell;
    for (bool first = true, more = true; more;) {
        more = span_cut(row, '\t', &cell, &row);
        cell = span_trim(cell);
        if (cell.n == 0)
            continue;
        if (!first)
            buf_str(text, between);
        cell_put(text, cell);
        first = false;
    }
}

/* The same letters in the same order, and enough of them: a column of plain text and its twin in HTML, as exports of question catalogues have them. */
static bool says_the_same(struct span a, struct span b)
{
    enum { SAYING_MIN = 40 };
    size_t i = 0, k = 0;
    if (a.n < SAYING_MIN || b.n < SAYING_MIN)
        return false;
    while (true) {
        while (i < a.n && !is_letter(a.p[i]))
            i++;
        while (k < b.n && !is_letter(b.p[k]))
            k++;
        if (i == a.n || k == b.n)
            return i == a.n && k == b.n;
        if (a.p[i++] != b.p[k++])
            return false;
    }
}

/* "column: value; column: value"; a cell without a column stands alone, one that says what the cell before it says is left out. The value of the first to *lead. */
static void put_named_cells(struct buf *text, struct span row, struct span header, struct slice *lead)
{
    struct span cell, column = {"", 0};
    struct slice before = {text->n, text->n};
    for (bool first = true, more = true; more;) {
        more = span_cut(row, '\t', &cell, &row);
        span_cut(header, '\t', &column, &header);
        cell = span_trim(cell);
        column = span_trim(column);
        if (cell.n == 0)
            continue;
        size_t mark = text->n;
        if (!first)
            buf_str(text, "; ");
        if (column.n) {
            buf_span(text, column);
            buf_str(text, ": ");
        }
        struct slice value = {text->n, 0};
        cell_put(text, cell);
        value.end = text->n;
        if (!text->failed && says_the_same(slice_of(text, before), slice_of(text, value)))
            text->n = mark;
        else
            before = value;
        if (first)
            *lead = value;
        first = false;
    }
}

/* Code keeps its indentation, yet no empty lines around it. */
static struct span trim_code(struct span code)
{
    struct span line, rest;
    while (span_cut(code, '\n', &line, &rest) && blank(line))
        code = rest;
    while (code.n && (code.p[code.n - 1] == '\n' || code.p[code.n - 1] == ' ' || code.p[code.n - 1] == '\r'))
        code.n--;
    return code;
}

static void put_block(struct buf *text, const struct block *b, struct span header, struct slice *lead)
{
    switch (b->kind) {
    case BLOCK_LIST_ITEM:
        buf_str(text, "- ");
        buf_span(text, span_trim(b->text));
        break;
    case BLOCK_TABLE_HEADER:
        put_cells(text, b->text, " | ");
        break;
    case BLOCK_TABLE_ROW:
        if (header.n)
            put_named_cells(text, b->text, header, lead);
        else
            put_cells(text, b->text, " | ");
        break;
    case BLOCK_CODE:
        buf_span(text, trim_code(b->text));
        break;
    case BLOCK_PARAGRAPH:
    case BLOCK_HEADING:
    case BLOCK_KINDS:
        buf_span(text, span_trim(b->text));
        break;
    }
}

static bool is_table(enum block_kind kind)
{
    return kind == BLOCK_TABLE_ROW || kind == BLOCK_TABLE_HEADER;
}

/* Rows, list items and what a heading stands above follow on the next line; all else behind an empty one. */
static const char *break_between(const struct unit *a, enum block_kind kind, int32_t page)
{
    bool same = a->kind == kind || (is_table(a->kind) && is_table(kind));
    if (a->page == page && ((same && (is_table(kind) || kind == BLOCK_LIST_ITEM)) || (a->kind == BLOCK_HEADING && kind != BLOCK_HEADING)))
        return "\n";
    return "\n\n";
}

static bool carried_by_next(const struct block *blocks, size_t count, size_t i)
{
    size_t next = i + 1;
    while (blocks[i].kind == BLOCK_TABLE_HEADER && next < count && blocks[next].kind == BLOCK_TABLE_HEADER)
        next++;
    return blocks[i].kind == BLOCK_TABLE_HEADER && next < count && blocks[next].kind == BLOCK_TABLE_ROW && !blank(blocks[next].text);
}

/* Two rows of one header → "upper, lower" for each column. In the arena; empty when that is full. */
static struct span stack(struct span upper, struct span lower, struct arena *arena)
{
    struct buf both;
    buf_init(&both, upper.n + lower.n + 3 * (upper.n + lower.n + 2));
    for (bool first = true, more = true; more; first = false) {
        struct span above = {"", 0}, below = {"", 0};
        bool more_above = upper.n && span_cut(upper, '\t', &above, &upper), more_below = lower.n && span_cut(lower, '\t', &below, &lower);
        above = span_trim(above);
        below = span_trim(below);
        if (!first)
            buf_str(&both, "\t");
        buf_span(&both, above);
        if (above.n && below.n)
            buf_str(&both, ", ");
        buf_span(&both, below);
        more = more_above || more_below;
    }
    struct span copy = both.failed ? (struct span){"", 0} : arena_copy(arena, buf_view(&both));
    buf_free(&both);
    return copy.p ? copy : (struct span){"", 0};
}

bool render_blocks(const struct block *blocks, size_t count, const struct chunker_options *options, struct arena *arena, struct buf *text, struct unit **units,
                   size_t *unit_count)
{
    struct unit *list = arena_array(arena, count ? count : 1, sizeof *list);
    if (!list)
        return false;
    size_t n = 0;
    struct span header = {"", 0};
    for (size_t i = 0; i < count && !text->failed; i++) {
        const struct block *b = &blocks[i];
        if (!is_table(b->kind))
            header = (struct span){"", 0};
        else if (b->kind == BLOCK_TABLE_HEADER)
            header = i > 0 && blocks[i - 1].kind == BLOCK_TABLE_HEADER ? stack(header, b->text, arena) : b->text;
        if (blank(b->text) || carried_by_next(blocks, count, i))
            continue;
        if (n)
            buf_str(text, break_between(&list[n - 1], b->kind, b->page));
        size_t start = text->n;
        struct slice lead = {start, start};
        put_block(text, b, header, &lead);
        if (text->failed)
            break;
        struct span written = {text->p + start, text->n - start};
        list[n++] = (struct unit){.kind = b->kind,
                                  .level = b->level,
                                  .page = b->page,
                                  .start = start,
                                  .end = text->n,
                                  .lead_start = lead.start,
                                  .lead_end = lead.end,
                                  .tokens = options->count(options->context, written)};
    }
    *units = list;
    *unit_count = n;
    return !text->failed;
}
