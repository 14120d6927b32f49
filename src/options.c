/* The option table and its three sources.
 *
 * A SECRET is never shown. Beside its own name it has a second one, NAME-file, whose value names a file that holds the secret: so it stands neither on a
 * command line, which every user of the machine can read, nor in the environment. */
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#ifndef MODEL_PATH
#define MODEL_PATH "none" /* the build gives the file that script/bootstrap's deps folder holds */
#endif
#ifndef E5_PATH
#define E5_PATH "none" /* the same of `script/model e5` */
#endif

enum kind { TEXT, COUNT, BYTES, SECONDS, DECIMAL /* in thousandths */, SECRET };

/* What stands for a secret where the configuration is shown; not taken as a value, so that a printed configuration cannot become one with a known secret. */
static const char mask[] = "(set)";

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

static const struct {
    const char *name, *path;
} models[] = {{"minilm", MODEL_PATH}, {"all-minilm-l6-v2", MODEL_PATH}, {"e5", E5_PATH}, {"multilingual-e5-small", E5_PATH}};

const char *options_model(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (strcmp(name, models[i].name) == 0)
            return models[i].path;
    return name;
}

static const struct option table[] = {
    {"listen", TEXT, MEMBER(listen), "127.0.0.1:8080", 0, 0, NULL, "address and port; port 0 takes a free one"},
    {"data", TEXT, MEMBER(data), "data", 0, 0, NULL, "folder of the data file; made when absent"},
    {"config", TEXT, MEMBER(config), "", 0, 0, NULL, "file of \"name = value\" lines"},
    {"model", TEXT, MEMBER(model), MODEL_PATH, 0, 0, NULL, "sentence encoder: minilm, e5 (multilingual) or a weight file; \"none\" searches by words alone"},
    {"log-level", TEXT, MEMBER(log_level), "info", 0, 0, "debug|info|warn|error", "least severe lines to log"},
    {"registration", TEXT, MEMBER(registration), "open", 0, 0, "open|closed", "whether anybody may register a company"},
    {"metrics-listen", TEXT, MEMBER(metrics_listen), "", 0, 0, NULL, "address and port that serve /metrics alone"},
    {"metrics-token", SECRET, MEMBER(metrics_token), "", 0, 0, NULL, "what a caller of /metrics must bear; makes it served on the main address too"},
    {"cors-origins", TEXT, MEMBER(cors_origins), "*", 0, 0, NULL, "origins whose pages may call the API: * or a comma-separated list"},
    {"network-threads", COUNT, MEMBER(network_threads), "2", 1, 64, NULL, "threads that read and write connections"},
    {"request-threads", COUNT, MEMBER(request_threads), "4", 1, 64, NULL, "threads that answer requests"},
    {"ingest-workers", COUNT, MEMBER(ingest_workers), "2", 1, 64, NULL, "documents read at once"},
    {"request-max", BYTES, MEMBER(request_max), "200M", 1 << 20, 4 * GIB, NULL, "largest upload request"},
    {"file-max", BYTES, MEMBER(file_max), "50M", 1 << 10, 4 * GIB, NULL, "largest uploaded file"},
    {"content-max", BYTES, MEMBER(content_max), "5M", 1 << 10, 64 << 20, NULL, "largest content of a text"},
    {"index-memory", BYTES, MEMBER(index_memory), "1G", 1 << 20, 1024 * GIB, NULL, "memory for the search indexes of all tenants"},
    {"snapshots", BYTES, MEMBER(snapshots), "1G", 0, 1024 * GIB, NULL, "disk space for files from which large search indexes load fast; 0: none"},
    {"token-ttl", SECONDS, MEMBER(token_ttl_s), "86400", 60, 31536000, NULL, "seconds that a person's token holds"},
    {"retention-days", COUNT, MEMBER(retention_days), "0", 0, 36500, NULL, "days that conversations are kept after their last use; 0: for ever"},
    {"shutdown-time", SECONDS, MEMBER(shutdown_s), "10", 0, 600, NULL, "seconds that open requests get after SIGTERM"},
    {"extract-memory", BYTES, MEMBER(extract_memory), "512M", 64 << 20, 64 * GIB, NULL, "memory of a process that reads one document"},
    {"extract-cpu", SECONDS, MEMBER(extract_cpu_s), "30", 1, 3600, NULL, "CPU seconds of such a process"},
    {"extract-wall", SECONDS, MEMBER(extract_wall_s), "60", 1, 3600, NULL, "seconds of such a process"},
    {"ocr", TEXT, MEMBER(ocr), "", 0, 0, NULL, "languages of scanned pages to recognise, such as eng+deu (needs libtesseract); none: such pages are not read"},
    {"ocr-time", SECONDS, MEMBER(ocr_time_s), "300", 1, 3600, NULL, "seconds that recognising the pages of one document may take, beside the others"},
    {"llm-url", TEXT, MEMBER(llm_url), "", 0, 0, NULL, "base address of a language model's server, such as http://127.0.0.1:9009/v1; none: answers are quotes"},
    {"llm-style", TEXT, MEMBER(llm_style), "auto", 0, 0, "auto|plain|openai|azure", "which server's manners: how the key is sent, and the bound of the answer"},
    {"llm-model", TEXT, MEMBER(llm_model), "default", 0, 0, NULL, "name of the model on that server"},
    {"llm-api-key", SECRET, MEMBER(llm_api_key), "", 0, 0, NULL, "its key"},
    {"llm-timeout", SECONDS, MEMBER(llm_timeout_s), "120", 1, 3600, NULL, "seconds that an answer of the model may take"},
    {"llm-silence", SECONDS, MEMBER(llm_silence_s), "30", 1, 3600, NULL, "seconds until its first word, and between two"},
    {"llm-max-tokens", COUNT, MEMBER(llm_max_tokens), "512", 1, 100000, NULL, "longest answer of the model"},
    {"llm-context", COUNT, MEMBER(llm_context), "4096", 512, 1000000, NULL, "tokens that the model takes, question and answer together"},
    {"llm-temperature", DECIMAL, MEMBER(llm_temperature), "0.2", 0, 2000, NULL, "0 to 2: how freely it chooses words"},
    {"llm-calls", COUNT, MEMBER(llm_calls), "256", 1, 10000, NULL, "answers of the model at once; more get quotes"},
    {"llm-day-tokens", COUNT, MEMBER(llm_day_tokens), "0", 0, INT64_C(1) << 50, NULL,
     "tokens that one company may use in a day (UTC), then quotes; 0: any number"},
    {"llm-cache", BYTES, MEMBER(llm_cache), "0", 0, 16 * GIB, NULL, "memory for answers to equal questions; 0: none are kept"},
};
enum { OPTIONS = sizeof table / sizeof *table };
_Static_assert((int)OPTIONS <= (int)OPTIONS_MAX, "options.from is large enough");

/* Where a value stands. */
struct place {
    enum option_source source;
    const char *name; /* for messages; of a file its path */
};
static const struct place defaults = {FROM_DEFAULTS, "the defaults"};
static const struct place environment_place = {FROM_ENVIRONMENT, "the environment"};
static const struct place command_line = {FROM_COMMAND_LINE, "the command line"};

static const struct option *find(struct span name)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (span_eq(name, span_of(table[i].name)))
            return &table[i];
    return NULL;
}

/* The secret whose file is named by this name: metrics-token-file → metrics-token; or NULL. */
static const struct option *find_secret_of_file(struct span name)
{
    if (!span_ends_nocase(name, SPAN("-file")))
        return NULL;
    const struct option *option = find((struct span){name.p, name.n - 5});
    return option && option->kind == SECRET ? option : NULL;
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

/* "0.25" → 250; at most three digits behind the point. */
static bool read_decimal(const struct option *option, struct span value, int64_t *out)
{
    struct span whole, part;
    int64_t ones, thousandths = 0;
    bool has_part = span_cut(value, '.', &whole, &part);
    if (!span_to_int(whole, 0, 1000000, &ones) || part.n > 3 || (has_part && !span_to_int(part, 0, 999, &thousandths)))
        return false;
    for (size_t i = part.n; i < 3; i++)
        thousandths *= 10;
    *out = ones * 1000 + thousandths;
    return *out >= option->min && *out <= option->max;
}

static bool read_number(const struct option *option, struct span value, int64_t *out)
{
    int64_t unit = 1;
    if (option->kind == DECIMAL)
        return read_decimal(option, value, out);
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

static bool set_number(char *member, const struct option *option, struct span value, const char *where, char *why, size_t why_size)
{
    int64_t number;
    if (!read_number(option, value, &number)) {
        int64_t unit = option->kind == DECIMAL ? 1000 : 1;
        snprintf(why, why_size, "%s of %s must be a number from %lld to %lld, not \"%.*s\".", option->name, where, (long long)(option->min / unit),
                 (long long)(option->max / unit), value.n > 60 ? 60 : (int)value.n, value.p);
        return false;
    }
    memcpy(member, &number, sizeof number);
    return true;
}

/* Secrets travel in header fields: printable ASCII without spaces. The messages never hold the value. */
static bool is_secret(struct span value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] <= ' ' || value.p[i] > '~')
            return false;
    return !span_eq(value, span_of(mask));
}

static bool set(struct options *o, const struct option *option, struct span value, const struct place *place, char *why, size_t why_size)
{
    char *member = (char *)o + option->offset;
    o->from[option - table] = (unsigned char)place->source;
    if (option->kind != TEXT && option->kind != SECRET)
        return set_number(member, option, value, place->name, why, why_size);
    if (option->kind == SECRET && !is_secret(value)) {
        snprintf(why, why_size, "%s of %s must be printable characters without spaces, and not \"%s\".", option->name, place->name, mask);
        return false;
    }
    if (!is_choice(option->choices, value)) {
        snprintf(why, why_size, "%s of %s must be one of %s.", option->name, place->name, option->choices);
        return false;
    }
    if (!span_to_cstr(value, member, option->size)) {
        snprintf(why, why_size, "%s of %s is too long.", option->name, place->name);
        return false;
    }
    return true;
}

/* The secret is the file's content without the white space around it. */
static bool set_from_file(struct options *o, const struct option *option, struct span path, const struct place *place, char *why, size_t why_size)
{
    char name[PATH_MAX] = "";
    struct buf text;
    int fd = span_to_cstr(path, name, sizeof name) ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    buf_init(&text, 1 << 20);
    bool read = fd >= 0 && file_read_all(fd, &text);
    struct span value = span_trim(buf_view(&text));
    bool ok = read && value.n && set(o, option, value, place, why, why_size);
    if (!read || !value.n)
        snprintf(why, why_size, "The file %.200s, %s-file of %s, %s.", name, option->name, place->name, read ? "is empty" : "cannot be read");
    if (text.p)
        explicit_bzero(text.p, text.n);
    buf_free(&text);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* One "name, value" of any source. */
static bool take(struct options *o, struct span name, struct span value, const struct place *place, char *why, size_t why_size)
{
    const struct option *option = find(name), *secret = option ? NULL : find_secret_of_file(name);
    if (option)
        return set(o, option, value, place, why, why_size);
    return secret ? set_from_file(o, secret, value, place, why, why_size) : unknown(name, place->name, why, why_size);
}

static bool read_line(struct options *o, struct span line, const struct place *place, char *why, size_t why_size)
{
    struct span name, value;
    line = span_trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return true;
    if (!span_cut(line, '=', &name, &value)) {
        snprintf(why, why_size, "A line of %s is not \"name = value\".", place->name);
        return false;
    }
    return take(o, span_trim(name), span_trim(value), place, why, why_size);
}

static bool read_file(struct options *o, const char *path, char *why, size_t why_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct buf text;
    buf_init(&text, 1 << 20);
    bool ok = fd >= 0 && file_read_all(fd, &text);
    if (!ok)
        snprintf(why, why_size, "The configuration file %s cannot be read: %s.", path, fd < 0 ? strerror(errno) : "it is too large");
    struct place place = {FROM_FILE, path};
    struct span rest = buf_view(&text), line;
    while (ok && rest.n) {
        span_cut(rest, '\n', &line, &rest);
        ok = read_line(o, line, &place, why, why_size);
    }
    buf_free(&text);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* CHATIFIX_LOG_LEVEL=… → log-level. Other programs' variables are passed over, and CHATIFIX_CPU, which is read where kernels are chosen (base/cpu.h). */
static bool read_variable(struct options *o, const char *entry, bool only_config, char *why, size_t why_size)
{
    struct span rest = span_of(entry), name, value;
    if (!span_starts(rest, SPAN("CHATIFIX_")) || !span_cut(span_skip(rest, 9), '=', &name, &value))
        return true;
    char spelled[64];
    if (span_eq(name, SPAN("CPU")))
        return true;
    if (!span_to_cstr(name, spelled, sizeof spelled))
        return unknown(name, environment_place.name, why, why_size);
    for (char *p = spelled; *p; p++)
        *p = *p == '_' ? '-' : (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    if (only_config != (strcmp(spelled, "config") == 0))
        return true;
    return take(o, span_of(spelled), value, &environment_place, why, why_size);
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
        if (!find(name) && !find_secret_of_file(name))
            return unknown(name, command_line.name, why, why_size);
        if (!joined) {
            if (i + 1 == argc) {
                snprintf(why, why_size, "--%.*s needs a value.", SPAN_ARG(name));
                return false;
            }
            value = span_of(argv[++i]);
        }
        if ((!only_config || span_eq(name, SPAN("config"))) && !take(o, name, value, &command_line, why, why_size))
            return false;
    }
    return true;
}

bool options_read(struct options *o, int argc, char **argv, int from, char **environment, char *why, size_t why_size)
{
    memset(o, 0, sizeof *o);
    for (size_t i = 0; i < OPTIONS; i++)
        if (!set(o, &table[i], span_of(table[i].initial), &defaults, why, why_size))
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

void options_database(const struct options *o, char *path, size_t size)
{
    snprintf(path, size, "%s/chatifix.db", o->data);
}

static bool is_text(const struct option *option)
{
    return option->kind == TEXT || option->kind == SECRET;
}

static int64_t number_of(const struct options *o, const struct option *option)
{
    int64_t number;
    memcpy(&number, (const char *)o + option->offset, sizeof number);
    return number;
}

/* What is shown of a TEXT or a SECRET. */
static const char *text_of(const struct options *o, const struct option *option)
{
    const char *member = (const char *)o + option->offset;
    return option->kind == SECRET && member[0] ? mask : member;
}

static void print_number(struct buf *out, const struct option *option, int64_t number)
{
    if (option->kind == DECIMAL)
        buf_printf(out, "%lld.%03lld", (long long)(number / 1000), (long long)(number % 1000));
    else
        buf_printf(out, "%lld", (long long)number);
}

void options_print(const struct options *o, struct buf *out)
{
    static const char *const sources[] = {NULL, "the configuration file", "the environment", "the command line"};
    for (size_t i = 0; i < OPTIONS; i++) {
        if (sources[o->from[i]])
            buf_printf(out, "# from %s:\n", sources[o->from[i]]);
        buf_printf(out, "%s = ", table[i].name);
        if (is_text(&table[i]))
            buf_str(out, text_of(o, &table[i]));
        else
            print_number(out, &table[i], number_of(o, &table[i]));
        buf_char(out, '\n');
    }
}

static bool is_default(const struct options *o, const struct option *option)
{
    int64_t number;
    if (is_text(option))
        return strcmp((const char *)o + option->offset, option->initial) == 0;
    return read_number(option, span_of(option->initial), &number) && number == number_of(o, option);
}

size_t options_changed(const struct options *o, struct log_field fields[OPTIONS_MAX])
{
    size_t n = 0;
    for (const struct option *option = table; option < table + OPTIONS; option++) {
        if (is_default(o, option))
            continue;
        fields[n++] = is_text(option) ? log_str(option->name, text_of(o, option)) : log_int(option->name, number_of(o, option));
    }
    return n;
}

void options_help(struct buf *out)
{
    static const char *const kinds[] = {"TEXT", "N", "BYTES", "SECONDS", "N", "SECRET"};
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option *o = &table[i];
        buf_printf(out, "  --%-16s %-22s %s (%s)\n", o->name, o->choices ? o->choices : kinds[o->kind], o->help, o->initial[0] ? o->initial : "none");
    }
    buf_str(out, "A SECRET is better kept in a file: --NAME-file PATH (CHATIFIX_NAME_FILE) reads it from there.\n");
}
