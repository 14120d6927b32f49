/* The log: one JSON object a line on standard error, written in one call. Never pass it a secret or a user's text. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/span.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* One named value of a line; made by log_str and log_int. */
struct log_field {
    const char *key; /* NULL: leave out */
    struct span text;
    int64_t number;
    bool is_number;
};
struct log_field log_str(const char *key, const char *value);
struct log_field log_span(const char *key, struct span value);
struct log_field log_int(const char *key, int64_t value);

/* Lines below this level are dropped. Default LOG_INFO. */
void log_set_level(enum log_level level);
/* What the lines of this thread are about from now on: a field in each that has none of that key, of at most 15 and 71 bytes. NULL: nothing more. */
void log_context(const char *key, const char *value);
/* Writes {"time","level","event", fields...}. */
void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);

#define LOG_FIELDS(...) (const struct log_field[]){__VA_ARGS__}, sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field)
/* log_event(LOG_INFO, "document completed", log_str("document", id), log_int("chunks", n)); at least one field. */
#define log_event(level, event, ...) log_write(level, event, LOG_FIELDS(__VA_ARGS__))

#endif
