/* The option table and its three sources. */
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum kind { TEXT, COUNT, BYTES, SECONDS };

struct option {
    const char *name;
    enum kind kind;
    size_t offset, size; /* of the member */
    const char *initial;
    int64_t min, max;
    const char *choices; /* TEXT: "a|b", or NULL for anything */
    const char *help;
};

#define MEMBER(m) offsetof(struct options, m), sizeof(((struct options *)0)->m)
#define GIB (INT64_C(1) << 30)

static const struct option table[] = {
    {"listen", TEXT, MEMBER(listen), "127.0.0.1:8080", 0, 0, NULL, "address and port; port 0 takes a free one"},
    {"data", TEXT, MEMBER(data), "data", 0, 0, NULL, "folder of the data file; made when absent"},
    {"config", TEXT, MEMBER(config), "", 0, 0, NULL, "file of \"name = value\" lines"},
    {"log-level", TEXT, MEMBER(log_level), "info", 0, 0, "debug|info|warn|error", "least severe lines to log"},
    {"registration", TEXT, MEMBER(registration), "open", 0, 0, "open|closed", "whether anybody may register a company"},
    {"cors-origins", TEXT, MEMBER(cors_origins), "*", 0, 0, NULL, "origins whose pages may call the API: * or a comma-separated list"},
    {"network-threads", COUNT, MEMBER(network_threads), "2", 1, 64, NULL, "threads that read and write connections"},
    {"request-threads", COUNT, MEMBER(request_threads), "4", 1, 64, NULL, "threads that answer requests"},
    {"ingest-workers", COUNT, MEMBER(ingest_workers), "2", 1, 64, NULL, "documents read at once"},
    {"request-max", BYTES, MEMBER(request_max), "200M", 1 << 20, 4 * GIB, NULL, "largest upload request"},
    {"file-max", BYTES, MEMBER(file_max), "50M", 1 << 10, 4 * GIB, NULL, "largest uploaded file"},
    {"content-max", BYTES, MEMBER(content_max), "5M", 1 << 10, 64 << 20, NULL, "largest content of a text"},
    {"index-memory", BYTES, MEMBER(index_memory), "1G", 1 << 20, 1024 * GIB, NULL, "memory for the search indexes of all tenants"},
    {"token-ttl", SECONDS, MEMBER(token_ttl_s), "86400", 60, 31536000, NULL, "seconds that a person's token holds"},
    {"shutdown-time", SECONDS, MEMBER(shutdown_s), "10", 0, 600, NULL, "seconds that open requests get after SIGTERM"},
    {"extract-memory", BYTES, MEMBER(extract_memory), "512M", 64 << 20, 64 * GIB, NULL, "memory of a process that reads one document"},
    {"extract-cpu", SECONDS, MEMBER(extract_cpu_s), "30", 1, 3600, NULL, "CPU seconds of such a process"},
    {"extract-wall", SECONDS, MEMBER(extract_wall_s), "60", 1, 3600, NULL, "seconds of such a process"},
};
enum { OPTIONS = sizeof table / sizeof *table };

static const struct option *find(struct span name)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (span_eq(name, span_of(table[i].name)))
            return &table[i];
    return NULL;
}

/* Levenshtein distance, for names of at most 31 bytes. */
static size_t distance(struct span a, struct span b)
{
    size_t row[33];
    if (a.n > 31 || b.n > 31)
        return 99;
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = diagonal + (a.p[i - 1] != b.p[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.n];
}

static bool unknown(struct span name, const char *where, char *why, size_t why_size)
{
    const struct option *nearest = table;
    for (size_t i = 1; i < OPTIONS; i++)
        if (distance(name, span_of(table[i].name)) < distance(name, span_of(nearest->name)))
            nearest = &table[i];
    snprintf(why, why_size, "There is no option \"%.*s\" (%s); the nearest is \"%s\".", name.n > 60 ? 60 : (int)name.n, name.p, where, nearest->name);
    return false;
}

static bool read_number(const struct option *option, struct span value, int64_t *out)
{
    int64_t unit = 1;
    if (option->kind == BYTES && value.n > 1) {
        const char *units = "KMG";
        const char *at = strchr(units, value.p[value.n - 1] & ~0x20);
        if (at && *at) {
            unit = INT64_C(1) << (10 * (at - units + 1));
            value.n--;
        }
    }
    int64_t number;
    if (!span_to_int(value, 0, INT64_MAX / unit, &number))
        return false;
    *out = number * unit;
    return *out >= option->min && *out <= option->max;
}

static bool is_choice(const char *choices, struct span value)
{
    struct span rest = span_of(choices), choice;
    while (rest.n) {
        span_cut(rest, '|', &choice, &rest);
        if (span_eq(choice, value))
            return true;
    }
    return choices == NULL;
}

static bool set(struct options *o, const struct option *option, struct span value, const char *where, char *why, size_t why_size)
{
    char *member = (char *)o + option->offset;
    if (option->kind != TEXT) {
        int64_t number;
        if (!read_number(option, value, &number)) {
            snprintf(why, why_size, "%s of %s must be a number from %lld to %lld, not \"%.*s\".", option->name, where, (long long)option->min,
                     (long long)option->max, value.n > 60 ? 60 : (int)value.n, value.p);
            return false;
        }
        memcpy(member, &number, sizeof number);
        return true;
    }
    if (!is_choice(option->choices, value)) {
        snprintf(why, why_size, "%s of %s must be one of %s.", option->name, where, option->choices);
        return false;
    }
    if (!span_to_cstr(value, member, option->size)) {
        snprintf(why, why_size, "%s of %s is too long.", option->name, where);
        return false;
    }
    return true;
}

static bool read_line(struct options *o, struct span line, const char *where, char *why, size_t why_size)
{
    struct span name, value;
    line = span_trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return true;
    if (!span_cut(line, '=', &name, &value)) {
        snprintf(why, why_size, "A line of %s is not \"name = value\".", where);
        return false;
    }
    const struct option *option = find(span_trim(name));
    return option ? set(o, option, span_trim(value), where, why, why_size) : unknown(span_trim(name), where, why, why_size);
}

static bool read_file(struct options *o, const char *path, char *why, size_t why_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct buf text;
    buf_init(&text, 1 << 20);
    bool ok = fd >= 0 && file_read_all(fd, &text);
    if (!ok)
        snprintf(why, why_size, "The configuration file %s cannot be read: %s.", path, fd < 0 ? strerror(errno) : "it is too large");
    struct span rest = buf_view(&text), line;
    while (ok && rest.n) {
        span_cut(rest, '\n', &line, &rest);
        ok = read_line(o, line, path, why, why_size);
    }
    buf_free(&text);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* CHATIFIX_LOG_LEVEL=… → log-level. Other programs' variables are passed over. */
static bool read_variable(struct options *o, const char *entry, bool only_config, char *why, size_t why_size)
{
    struct span rest = span_of(entry), name, value;
    if (!span_starts(rest, SPAN("CHATIFIX_")) || !span_cut(span_skip(rest, 9), '=', &name, &value))
        return true;
    char spelled[64];
    if (!span_to_cstr(name, spelled, sizeof spelled))
        return unknown(name, "environment", why, why_size);
    for (char *p = spelled; *p; p++)
        *p = *p == '_' ? '-' : (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    if (only_config != (strcmp(spelled, "config") == 0))
        return true;
    const struct option *option = find(span_of(spelled));
    return option ? set(o, option, value, "the environment", why, why_size) : unknown(span_of(spelled), "environment", why, why_size);
}

/* --name=value or --name value. */
static bool read_flags(struct options *o, int argc, char **argv, int from, bool only_config, char *why, size_t why_size)
{
    for (int i = from; i < argc; i++) {
        struct span arg = span_of(argv[i]), name, value;
        if (!span_starts(arg, SPAN("--"))) {
            snprintf(why, why_size, "\"%.60s\" is no option; options begin with --.", argv[i]);
            return false;
        }
        bool joined = span_cut(span_skip(arg, 2), '=', &name, &value);
        const struct option *option = find(name);
        if (!option)
            return unknown(name, "command line", why, why_size);
        if (!joined) {
            if (i + 1 == argc) {
                snprintf(why, why_size, "--%s needs a value.", option->name);
                return false;
            }
            value = span_of(argv[++i]);
        }
        if ((!only_config || strcmp(option->name, "config") == 0) && !set(o, option, value, "the command line", why, why_size))
            return false;
    }
    return true;
}

bool options_read(struct options *o, int argc, char **argv, int from, char **environment, char *why, size_t why_size)
{
    memset(o, 0, sizeof *o);
    for (size_t i = 0; i < OPTIONS; i++)
        if (!set(o, &table[i], span_of(table[i].initial), "the defaults", why, why_size))
            return false;
    for (char **e = environment; *e; e++)
        if (!read_variable(o, *e, true, why, why_size))
            return false;
    if (!read_flags(o, argc, argv, from, true, why, why_size))
        return false;
    char file[sizeof o->config];
    memcpy(file, o->config, sizeof file);
    if (file[0] && !read_file(o, file, why, why_size))
        return false;
    for (char **e = environment; *e; e++)
        if (!read_variable(o, *e, false, why, why_size))
            return false;
    return read_flags(o, argc, argv, from, false, why, why_size);
}

static void print_value(const struct options *o, const struct option *option, struct buf *out)
{
    const char *member = (const char *)o + option->offset;
    if (option->kind == TEXT) {
        buf_str(out, member);
        return;
    }
    int64_t number;
    memcpy(&number, member, sizeof number);
    buf_printf(out, "%lld", (long long)number);
}

void options_print(const struct options *o, struct buf *out)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        buf_printf(out, "%s = ", table[i].name);
        print_value(o, &table[i], out);
        buf_char(out, '\n');
    }
}

void options_help(struct buf *out)
{
    static const char *const kinds[] = {"TEXT", "N", "BYTES", "SECONDS"};
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option *o = &table[i];
        buf_printf(out, "  --%-16s %-22s %s (%s)\n", o->name, o->choices ? o->choices : kinds[o->kind], o->help, o->initial[0] ? o->initial : "none");
    }
}
