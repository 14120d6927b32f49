/* Blocks → text. A table's header is remembered and named in each row instead of standing alone. */
#include "text/render.h"

#include "text/cell.h"

static bool blank(struct span s)
{
    return span_trim(s).n == 0;
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

/* "column: value; column: value"; a cell without a column stands alone. */
static void put_named_cells(struct buf *text, struct span row, struct span header)
{
    struct span cell, column = {"", 0};
    for (bool first = true, more = true; more;) {
        more = span_cut(row, '\t', &cell, &row);
        span_cut(header, '\t', &column, &header);
        cell = span_trim(cell);
        column = span_trim(column);
        if (cell.n == 0)
            continue;
        if (!first)
            buf_str(text, "; ");
        if (column.n) {
            buf_span(text, column);
            buf_str(text, ": ");
        }
        cell_put(text, cell);
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

static void put_block(struct buf *text, const struct block *b, struct span header)
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
            put_named_cells(text, b->text, header);
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
    return blocks[i].kind == BLOCK_TABLE_HEADER && i + 1 < count && blocks[i + 1].kind == BLOCK_TABLE_ROW && !blank(blocks[i + 1].text);
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
            header = b->text;
        if (blank(b->text) || carried_by_next(blocks, count, i))
            continue;
        if (n)
            buf_str(text, break_between(&list[n - 1], b->kind, b->page));
        size_t start = text->n;
        put_block(text, b, header);
        if (text->failed)
            break;
        struct span written = {text->p + start, text->n - start};
        list[n++] = (struct unit){
            .kind = b->kind, .level = b->level, .page = b->page, .start = start, .end = text->n, .tokens = options->count(options->context, written)};
    }
    *units = list;
    *unit_count = n;
    return !text->failed;
}
