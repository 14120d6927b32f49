/* chatifix: the command line. The only file that names a concrete database engine. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "extract/extract.h"
#include "options.h"
#include "serve.h"

#ifndef CHATIFIX_VERSION
#define CHATIFIX_VERSION "unknown"
#endif

/* Exit statuses: 0 well, 1 failed, 2 the command line or configuration is wrong. */
enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int help(FILE *to)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_str(&text, "chatifix " CHATIFIX_VERSION " answers questions from documents\n\n"
                   "  chatifix serve [options]         serve the API\n"
                   "  chatifix config [options]        print the configuration that holds\n"
                   "  chatifix extract FILE [--json]   print the text of a document\n"
                   "  chatifix version\n\n"
                   "Options, each also as a CHATIFIX_* variable (--log-level: CHATIFIX_LOG_LEVEL) or a line of the --config file:\n");
    options_help(&text);
    fwrite(text.p, 1, text.n, to);
    buf_free(&text);
    return to == stdout ? 0 : EXIT_USAGE;
}

static int with_options(int argc, char **argv, int (*run)(const struct options *))
{
    static struct options options;
    char why[512];
    if (!options_read(&options, argc, argv, 2, environ, why, sizeof why)) {
        fprintf(stderr, "chatifix: %s\n", why);
        return EXIT_USAGE;
    }
    return run(&options);
}

static int run_serve(const struct options *options)
{
    return serve(options, &db_sqlite);
}

static int run_config(const struct options *options)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    options_print(options, &text);
    bool ok = !text.failed && fwrite(text.p, 1, text.n, stdout) == text.n;
    buf_free(&text);
    return ok ? 0 : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "help";
    if (strcmp(command, "extract-worker") == 0)
        return extract_worker_main(argc - 1, argv + 1);
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return help(stdout);
    if (strcmp(command, "serve") == 0)
        return with_options(argc, argv, run_serve);
    if (strcmp(command, "config") == 0)
        return with_options(argc, argv, run_config);
    if (strcmp(command, "extract") == 0)
        return extract_command(argc - 1, argv + 1);
    if (strcmp(command, "version") == 0 || strcmp(command, "--version") == 0)
        return puts(CHATIFIX_VERSION) < 0 ? EXIT_FAILED : 0;
    return help(strcmp(command, "help") == 0 ? stdout : stderr);
}
