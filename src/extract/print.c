/* The subcommand `extract FILE [--json] [--ocr LANGUAGES]`: what the server would read out of a file, printed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "extract/extract.h"

enum { FLUSH_BYTES = 64 * 1024 };

static const char *const kinds[BLOCK_KINDS] = {"paragraph", "heading", "list_item", "table_header", "table_row", "code"};

static void put_json(struct buf *out, const struct block *b)
{
    buf_printf(out, "{\"kind\":\"%s\",\"level\":%d,\"page\":%d,\"text\":", kinds[b->kind], b->level, b->page);
    buf_json(out, b->text);
    buf_str(out, "}\n");
}

static bool is_dense(enum block_kind kind)
{
    return kind == BLOCK_TABLE_HEADER || kind == BLOCK_TABLE_ROW || kind == BLOCK_LIST_ITEM;
}

/* Everything in a workbook but the names of its sheets is a row, also a title that stands alone. */
static bool is_workbook(const struct extract_result *r)
{
    struct span type = span_of(r->media_type);
    return span_find(type, SPAN("spreadsheet")) >= 0 || span_find(type, SPAN("ms-excel")) >= 0;
}

/* A row that begins with "|" would pass for one of a Markdown table: there, too, "\|" is how the character itself is written. */
static void put_row(struct buf *out, struct span row)
{
    size_t blank = 0;
    while (blank < row.n && row.p[blank] == '\t')
        blank++;
    buf_put(out, row.p, blank);
    buf_str(out, blank < row.n && row.p[blank] == '|' ? "\\" : "");
    buf_span(out, span_skip(row, blank));
}

/* Lines of a table or list follow each other; other blocks have an empty line between them, pages a form feed. A row of one cell ends with a TAB, so
 * that its commas do not pass for separators. */
static void put_plain(struct buf *out, const struct block *b, const struct block *before, bool rows)
{
    int32_t page = before ? before->page : 1;
    for (; page < b->page; page++)
        buf_char(out, '\f');
    if (before && before->page == b->page && !(is_dense(b->kind) && is_dense(before->kind)))
        buf_char(out, '\n');
    if (rows || b->kind == BLOCK_TABLE_ROW || b->kind == BLOCK_TABLE_HEADER)
        put_row(out, b->text);
    else
        buf_span(out, b->text);
    if (rows && b->kind != BLOCK_HEADING && !memchr(b->text.p, '\t', b->text.n))
        buf_char(out, '\t');
    buf_char(out, '\n');
}

static bool print_blocks(const struct extract_result *r, bool json)
{
    struct buf out;
    buf_init(&out, (size_t)1 << 30);
    bool ok = true, rows = is_workbook(r);
    for (size_t i = 0; ok && i < r->count; i++) {
        if (json)
            put_json(&out, &r->blocks[i]);
        else
            put_plain(&out, &r->blocks[i], i ? &r->blocks[i - 1] : NULL, rows);
        if (out.n > FLUSH_BYTES) {
            ok = !out.failed && file_write(STDOUT_FILENO, buf_view(&out));
            buf_clear(&out);
        }
    }
    int32_t last = r->count ? r->blocks[r->count - 1].page : 1;
    for (; !json && last < r->pages; last++)
        buf_char(&out, '\f');
    ok = ok && !out.failed && file_write(STDOUT_FILENO, buf_view(&out));
    buf_free(&out);
    return ok;
}

static void print_notes(const char *notes)
{
    struct span rest = span_of(notes), note;
    while (rest.n) {
        span_cut(rest, '\n', &note, &rest);
        fprintf(stderr, "note: %.*s\n", (int)note.n, note.p);
    }
}

static int print_file(int fd, const char *path, bool json, const struct extract_limits *limits)
{
    const char *slash = strrchr(path, '/');
    struct extract_result result;
    struct arena *arena = arena_new((size_t)1 << 30);
    if (!arena) {
        fputs("There is not enough memory.\n", stderr);
        return 1;
    }
    extract_document("/proc/self/exe", fd, span_of(slash ? slash + 1 : path), limits, arena, &result);
    bool ok = result.error == EXTRACT_OK;
    if (!ok)
        fprintf(stderr, "%s: %s\n", extract_error_code(result.error), result.message);
    else
        print_notes(result.notes);
    if (ok && !print_blocks(&result, json)) {
        fprintf(stderr, "The text could not be written: %s.\n", strerror(errno));
        ok = false;
    }
    arena_free(arena);
    return ok ? 0 : 1;
}

int extract_command(int argc, char **argv)
{
    const char *path = NULL;
    bool json = false, usage = false;
    struct extract_limits limits = extract_default_limits;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (strcmp(argv[i], "--ocr") == 0 && i + 1 < argc)
            limits.ocr = argv[++i];
        else if (path || (argv[i][0] == '-' && argv[i][1]))
            usage = true;
        else
            path = argv[i];
    }
    if (!path || usage) {
        fputs("usage: extract FILE [--json] [--ocr LANGUAGES]\n", stderr);
        return 2;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "%s: %s.\n", path, strerror(errno));
        return 1;
    }
    int status = print_file(fd, path, json, &limits);
    close(fd);
    return status;
}
