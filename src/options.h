/* The configuration: one table of options, each a flag, a CHATIFIX_* variable and a line of a file; the flag wins over the variable, the variable over the
 * file. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "base/buf.h"
#include "base/log.h"

enum { OPTIONS_MAX = 64 };
/* From the weakest to the strongest. */
enum option_source { FROM_DEFAULTS, FROM_FILE, FROM_ENVIRONMENT, FROM_COMMAND_LINE };

struct options {
    char listen[128];
    char data[3072];
    char config[3072];
    char model[3072];
    char log_level[16];
    char registration[16];
    char metrics_listen[128];
    char metrics_token[256]; /* "" when there is none; never shown */
    char cors_origins[2048];
    int64_t network_threads, request_threads, ingest_workers;
    int64_t request_max, file_max, content_max;
    int64_t index_memory, snapshots;
    int64_t token_ttl_s, shutdown_s;
    int64_t retention_days;
    int64_t extract_memory, extract_cpu_s, extract_wall_s;
    char ocr[128]; /* languages; "" when characters are not recognised */
    int64_t ocr_time_s;
    char llm_url[2048], llm_style[16], llm_model[256];
    char llm_api_key[1024];
    int64_t llm_timeout_s, llm_silence_s, llm_max_tokens, llm_context, llm_calls;
    int64_t llm_day_tokens, llm_cache;
    int64_t llm_temperature;         /* thousandths */
    unsigned char from[OPTIONS_MAX]; /* enum option_source of each, in the order of the table */
};

/* Fills *o from defaults, the file named by --config or CHATIFIX_CONFIG, the environment and argv[from..argc). Relative names stay relative to the working
 * directory. False with a sentence in why: an unknown name (with the nearest one), a value out of its range, a file that cannot be read. */
bool options_read(struct options *o, int argc, char **argv, int from, char **environment, char *why, size_t why_size);
/* The path of the data file in the data folder, cut to size when it is too long. */
void options_database(const struct options *o, char *path, size_t size);
/* The weight file that a value of `model` means: of a model's name the one in the deps folder, else the value itself. */
const char *options_model(const char *name);
/* "name = value" lines of everything that holds, each that is no default under a comment that says where it comes from; a secret as "(set)". */
void options_print(const struct options *o, struct buf *out);
/* The options that differ from their defaults, for a log line; secrets masked. How many; what they name is borrowed from o. */
size_t options_changed(const struct options *o, struct log_field fields[OPTIONS_MAX]);
/* One line an option for --help. */
void options_help(struct buf *out);

#endif
