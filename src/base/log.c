/* Log lines are built in a stack-bounded buffer and leave in one write, so lines of several threads never mix. */
#include "base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/sys.h"

enum { LINE_MAX_BYTES = 8192 };

static _Thread_local struct {
    char key[16], value[72];
} context;

static _Atomic int minimum = LOG_INFO;

struct log_field log_str(const char *key, const char *value)
{
    return (struct log_field){.key = key, .text = span_of(value)};
}

struct log_field log_span(const char *key, struct span value)
{
    return (struct log_field){.key = key, .text = value};
}

struct log_field log_int(const char *key, int64_t value)
{
    return (struct log_field){.key = key, .number = value, .is_number = true};
}

void log_set_level(enum log_level level)
{
    minimum = (int)level;
}

void log_context(const char *key, const char *value)
{
    snprintf(context.key, sizeof context.key, "%s", key ? key : "");
    snprintf(context.value, sizeof context.value, "%s", value ? value : "");
}

static void put_field(struct buf *b, const struct log_field *f)
{
    buf_char(b, ',');
    buf_json(b, span_of(f->key));
    buf_char(b, ':');
    if (f->is_number)
        buf_printf(b, "%lld", (long long)f->number);
    else
        buf_json(b, f->text.n > 1024 ? (struct span){f->text.p, 1024} : f->text);
}

static void put_context(struct buf *line, const struct log_field *fields, size_t count)
{
    bool told = !context.key[0];
    for (size_t i = 0; i < count; i++)
        told = told || (fields[i].key && strcmp(fields[i].key, context.key) == 0);
    if (!told)
        put_field(line, &(struct log_field){.key = context.key, .text = span_of(context.value)});
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    if ((int)level < minimum)
        return;
    char time[TIMESTAMP_SIZE];
    sys_timestamp(time, sys_wall_ms());
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    buf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":", time, names[level]);
    buf_json(&line, span_of(event));
    for (size_t i = 0; i < count; i++)
        if (fields[i].key)
            put_field(&line, &fields[i]);
    put_context(&line, fields, count);
    buf_str(&line, "}\n");
    if (!line.failed) {
        ssize_t ignored = write(STDERR_FILENO, line.p, line.n);
        (void)ignored;
    }
    buf_free(&line);
}
