/* Excel workbooks (.xlsx, .xlsm): the visible sheets in order, each a page; cells as Excel shows them.
 *
 * Hidden rows and columns are kept: filters hide rows that are data all the same, and Excel's own text export writes them. Hidden sheets, comments,
 * headers and footers are left out. Text boxes and charts follow the cells of their sheet. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extract/decimal.h"
#include "extract/number_format.h"
#include "extract/ooxml_chart.h"
#include "extract/ooxml_picture.h"
#include "extract/sheet_rows.h"
#include "extract/sheet_scan.h"
#include "extract/xlsx_book.h"

enum { ARENA_MAX = 64 * 1024 * 1024, CELL_MAX = 1 << 20, ROW_NUMBER_MAX = 1048576, NAME_SIZE = 256 };

enum cell_type { CELL_NUMBER, CELL_SHARED, CELL_TEXT, CELL_BOOLEAN, CELL_DATE };

struct xlsx {
    struct package package;
    struct sink *out;
    struct arena *arena;
    struct sheet_scan scan; /* the sheet being read */
    struct xlsx_strings strings;
    struct xlsx_styles styles;
    struct sheet_rows rows;
    bool date1904;
    int64_t row;    /* number of the row being read */
    int32_t column; /* of the cell being read, from 0; -1 before the first */
    enum cell_type type;
    int64_t format;
    bool in_value;
    struct buf value; /* as the file has it */
    struct buf shown; /* as Excel shows it */
};

/* The column of a reference such as "BC12", or `otherwise` when it names none. */
static int32_t column_of(struct span reference, int32_t otherwise)
{
    int32_t column = 0;
    size_t letters = 0;
    for (; letters < reference.n && letters < 4 && reference.p[letters] >= 'A' && reference.p[letters] <= 'Z'; letters++)
        column = column * 26 + (reference.p[letters] - 'A' + 1);
    return letters == 0 || letters > 3 ? otherwise : column - 1;
}

static enum cell_type type_of(struct span name)
{
    static const struct {
        struct span name;
        enum cell_type type;
    } types[] = {{SPAN("s"), CELL_SHARED}, {SPAN("str"), CELL_TEXT},  {SPAN("inlineStr"), CELL_TEXT},
                 {SPAN("e"), CELL_TEXT},   {SPAN("b"), CELL_BOOLEAN}, {SPAN("d"), CELL_DATE}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (span_eq(types[i].name, name))
            return types[i].type;
    return CELL_NUMBER;
}

static void begin_cell(struct xlsx *x)
{
    struct span rest = x->scan.attributes, name, value;
    x->column++;
    x->type = CELL_NUMBER;
    x->format = 0;
    x->in_value = false;
    buf_clear(&x->value);
    while (scan_attribute(&rest, &name, &value)) {
        if (name.n != 1)
            continue;
        if (name.p[0] == 'r')
            x->column = column_of(value, x->column);
        else if (name.p[0] == 't')
            x->type = type_of(value);
        else if (name.p[0] == 's')
            span_to_int(value, 0, INT32_MAX, &x->format);
    }
}

/* "2009-07-06T12:30:00" as the day number that other cells hold; NaN when it is something else. */
static double day_number(struct span iso)
{
    int64_t year, month, day, part[3] = {0};
    bool dated = iso.n >= 10 && iso.p[4] == '-' && iso.p[7] == '-';
    if (!dated || !span_to_int((struct span){iso.p, 4}, 1900, 9999, &year) || !span_to_int((struct span){iso.p + 5, 2}, 1, 12, &month) ||
        !span_to_int((struct span){iso.p + 8, 2}, 1, 31, &day))
        return (double)NAN;
    for (size_t i = 0; i < 3 && iso.n >= 13 + 3 * i; i++)
        if (!span_to_int((struct span){iso.p + 11 + 3 * i, 2}, 0, 59, &part[i]))
            return (double)NAN;
    int64_t y = year - (month <= 2), of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468 + 25569;
    return (double)(days - (days < 61)) + (double)(part[0] * 3600 + part[1] * 60 + part[2]) / 86400;
}

static void show_number(struct xlsx *x, struct span code, double number, bool date1904)
{
    if (isfinite(number))
        number_format_put(&x->shown, code, number, date1904);
    else
        buf_span(&x->shown, buf_view(&x->value));
}

/* Writes x->shown from x->value; true when the cell is text. */
static bool show_cell(struct xlsx *x, struct span code)
{
    struct span value = span_trim(buf_view(&x->value));
    int64_t index = -1;
    char *end;
    const char *text = buf_cstr(&x->value);
    buf_clear(&x->shown);
    if (value.n == 0 || !text)
        return true;
    switch (x->type) {
    case CELL_SHARED:
        span_to_int(value, 0, INT32_MAX, &index);
        number_format_put_text(&x->shown, code, xlsx_string(&x->strings, index));
        return true;
    case CELL_BOOLEAN:
        buf_str(&x->shown, value.p[0] == '1' || value.p[0] == 't' ? "TRUE" : "FALSE");
        return true;
    case CELL_TEXT:
        xlsx_unescape(&x->value, 0);
        number_format_put_text(&x->shown, code, buf_view(&x->value));
        return true;
    case CELL_DATE:
        show_number(x, code, day_number(value), false);
        return false;
    case CELL_NUMBER:
    default:
        break;
    }
    double number;
    if (!decimal_read(value, &number)) {
        number = strtod(text, &end);
        number = end == text ? (double)NAN : number;
    }
    show_number(x, code, number, x->date1904);
    return false;
}

static void end_cell(struct xlsx *x)
{
    struct xlsx_format format = xlsx_format_at(&x->styles, x->format);
    bool is_text = show_cell(x, format.code);
    if (x->value.failed || x->shown.failed)
        sink_refuse(x->out, EXTRACT_TOO_LARGE, "A cell of the workbook holds too much text.");
    else
        sheet_row_cell(&x->rows, x->column, buf_view(&x->shown), is_text, format.bold);
}

/* Frozen panes: the last row above the split names the columns. */
static void read_pane(struct xlsx *x)
{
    struct span rest = x->scan.attributes, name, value;
    int64_t rows = 0;
    bool frozen = false;
    while (scan_attribute(&rest, &name, &value)) {
        if (span_eq(name, SPAN("state")))
            frozen = span_starts(value, SPAN("frozen"));
        else if (span_eq(name, SPAN("ySplit")))
            span_to_int(value, 1, 64, &rows);
    }
    x->rows.marked = frozen ? rows : 0;
}

static void begin_row(struct xlsx *x)
{
    struct span rest = x->scan.attributes, name, value;
    x->row++;
    x->column = -1;
    while (scan_attribute(&rest, &name, &value))
        if (span_eq(name, SPAN("r")))
            span_to_int(value, 1, ROW_NUMBER_MAX, &x->row);
    sheet_row_begin(&x->rows, x->row);
}

static bool open_element(struct xlsx *x)
{
    static const struct span passed[] = {SPAN("f"),          SPAN("rPh"),        SPAN("extLst"),      SPAN("conditionalFormatting"), SPAN("dataValidations"),
                                         SPAN("mergeCells"), SPAN("hyperlinks"), SPAN("headerFooter")};
    struct span name = x->scan.name;
    if (span_eq(name, SPAN("c")))
        begin_cell(x);
    else if (span_eq(name, SPAN("v")) || span_eq(name, SPAN("t")))
        x->in_value = true;
    else if (span_eq(name, SPAN("row")))
        begin_row(x);
    else if (span_eq(name, SPAN("pane")))
        read_pane(x);
    else
        for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
            if (span_eq(name, passed[i]))
                return scan_skip(&x->scan);
    return true;
}

static bool close_element(struct xlsx *x)
{
    struct span name = x->scan.name;
    if (span_eq(name, SPAN("v")) || span_eq(name, SPAN("t")))
        x->in_value = false;
    else if (span_eq(name, SPAN("c")))
        end_cell(x);
    else if (span_eq(name, SPAN("row")))
        return sheet_row_end(&x->rows);
    return x->out->error == EXTRACT_OK;
}

static bool read_sheet(struct xlsx *x, const char *part_name, struct span name, int32_t page)
{
    bool ok = true;
    enum scan_node node;
    if (!scan_open(&x->scan, &x->package, part_name))
        return x->out->error == EXTRACT_OK;
    x->row = 0;
    x->column = -1;
    x->in_value = false;
    sheet_rows_begin(&x->rows, name, page);
    while (ok && (node = scan_next(&x->scan)) != SCAN_END && node != SCAN_FAILED) {
        if (node == SCAN_OPEN)
            ok = open_element(x);
        else if (node == SCAN_CLOSE)
            ok = close_element(x);
        else if (x->in_value)
            scan_put_text(&x->scan, &x->value);
    }
    scan_close(&x->scan);
    return x->out->error == EXTRACT_OK && sheet_rows_end(&x->rows);
}

/* What lies on top of the cells: text boxes and charts. */
static bool read_drawing(struct xlsx *x, const char *sheet_part, int32_t page)
{
    struct relation *relations;
    if (!relations_read(&x->package, sheet_part, x->arena, &relations))
        return false;
    const char *drawing = relation_of_type(relations, "/drawing");
    if (!drawing || !relations_read(&x->package, drawing, x->arena, &relations))
        return x->out->error == EXTRACT_OK;
    struct part part;
    bool ok = part_open(&x->package, drawing, &part), in_text = false;
    if (!ok)
        return x->out->error == EXTRACT_OK;
    buf_clear(&x->value);
    while (ok && part_next(&part) == 1) {
        if (part_starts(&part) && part_is(&part, "chart"))
            ok = sheet_rows_title(&x->rows) && ooxml_chart_read(&x->package, ooxml_linked(&part, relations, "id", "/chart"), page);
        else if (part_is(&part, "t"))
            in_text = part_starts(&part) && !part_ends(&part);
        else if (in_text)
            buf_span(&x->value, part_text(&part));
        if (!part_ends(&part) || !part_is(&part, "p"))
            continue;
        if (span_trim(buf_view(&x->value)).n)
            ok = sheet_rows_title(&x->rows) && sink_put(x->out, BLOCK_PARAGRAPH, 0, page, buf_view(&x->value));
        buf_clear(&x->value);
    }
    part_close(&part);
    return x->out->error == EXTRACT_OK;
}

/* One sheet of xl/workbook.xml. */
struct sheet {
    char name[NAME_SIZE];
    const char *part_name; /* NULL for sheets of another kind, such as charts */
    struct sheet *next;
};

static bool take_sheet(struct xlsx *x, struct part *part, const struct relation *relations, struct sheet ***last)
{
    char state[16], id[PART_NAME_SIZE];
    if (part_attribute(part, "state", state, sizeof state) && (strcmp(state, "hidden") == 0 || strcmp(state, "veryHidden") == 0))
        return true;
    struct sheet *sheet = arena_alloc(x->arena, sizeof *sheet);
    if (!sheet)
        return sink_no_memory(x->out);
    part_attribute(part, "name", sheet->name, sizeof sheet->name);
    if (part_relation(part, "id", id, sizeof id))
        sheet->part_name = relation_target(relations, id, "/worksheet");
    **last = sheet;
    *last = &sheet->next;
    return true;
}

/* The visible sheets of the workbook in order. False after sink_refuse. */
static bool list_sheets(struct xlsx *x, const char *book, const struct relation *relations, struct sheet **first)
{
    struct part part;
    struct sheet **last = first;
    bool ok = true;
    if (!part_open(&x->package, book, &part))
        return sink_refuse(x->out, EXTRACT_DAMAGED, "The package holds no workbook.");
    while (ok && part_next(&part) == 1) {
        char on[8];
        if (!part_starts(&part))
            continue;
        if (part_is(&part, "workbookPr"))
            x->date1904 = part_attribute(&part, "date1904", on, sizeof on) && (strcmp(on, "1") == 0 || strcmp(on, "true") == 0);
        else if (part_is(&part, "sheet"))
            ok = take_sheet(x, &part, relations, &last);
    }
    part_close(&part);
    return x->out->error == EXTRACT_OK;
}

static bool read_book(struct xlsx *x)
{
    char book[PART_NAME_SIZE];
    struct relation *relations = NULL;
    struct sheet *sheets = NULL;
    int32_t page = 0;
    if (!package_related(&x->package, "", "/officeDocument", book))
        span_to_cstr(SPAN("xl/workbook.xml"), book, sizeof book);
    if (span_ends_nocase(span_of(book), SPAN(".bin")) || (package_find(&x->package, book) < 0 && package_find(&x->package, "xl/workbook.bin") >= 0))
        return sink_refuse(x->out, EXTRACT_UNSUPPORTED, "Binary workbooks (.xlsb) cannot be read; the same saved as .xlsx can.");
    if (!relations_read(&x->package, book, x->arena, &relations) || !list_sheets(x, book, relations, &sheets) ||
        !xlsx_strings_read(&x->strings, &x->package, relation_of_type(relations, "/sharedStrings")) ||
        !xlsx_styles_read(&x->styles, &x->package, relation_of_type(relations, "/styles"), x->arena))
        return false;
    for (const struct sheet *s = sheets; s; s = s->next) {
        page++;
        if (page > SINK_PAGES_MAX)
            return sink_refuse(x->out, EXTRACT_TOO_COMPLEX, "The workbook has too many sheets.");
        if (s->part_name && !(read_sheet(x, s->part_name, span_of(s->name), page) && read_drawing(x, s->part_name, page)))
            return false;
    }
    x->out->pages = page;
    return true;
}

bool xlsx_read(const struct source *in, struct sink *out)
{
    struct xlsx x = {.out = out, .arena = arena_new(ARENA_MAX)};
    if (!x.arena)
        return sink_no_memory(out);
    xlsx_strings_init(&x.strings);
    sheet_rows_init(&x.rows, out);
    buf_init(&x.value, CELL_MAX);
    buf_init(&x.shown, CELL_MAX);
    bool ok = package_open(&x.package, in, out) && read_book(&x);
    package_close(&x.package);
    buf_free(&x.shown);
    buf_free(&x.value);
    sheet_rows_free(&x.rows);
    xlsx_strings_free(&x.strings);
    arena_free(x.arena);
    return ok;
}
