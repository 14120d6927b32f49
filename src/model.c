/* Without the name of a weight file both commands mean the one that `serve` takes by default; a name such as "e5" means that model's. */
#include "model.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "embed/embed.h"
#include "options.h"

enum { FAILED = 1, USAGE = 2 };

static int report(const char *why)
{
    fprintf(stderr, "chatifix: %s\n", why);
    return FAILED;
}

/* A folder with a BERT and its vocabulary. */
static int import_folder(const char *folder, const char *file)
{
    struct buf tensors, vocabulary;
    char why[512] = "The name of the folder is too long.";
    buf_init(&tensors, 1 << 16);
    buf_init(&vocabulary, 1 << 16);
    buf_printf(&tensors, "%s/model.safetensors", folder);
    buf_printf(&vocabulary, "%s/vocab.txt", folder);
    bool ok = buf_cstr(&tensors) && buf_cstr(&vocabulary) && embed_import(tensors.p, vocabulary.p, file, why, sizeof why);
    buf_free(&tensors);
    buf_free(&vocabulary);
    return ok ? 0 : report(why);
}

/* to: NULL for the file that `serve` takes for a model of that kind. */
static int import(const char *from, const char *to)
{
    struct stat status;
    char why[512];
    if (stat(from, &status) != 0 || S_ISDIR(status.st_mode))
        return import_folder(from, options_model(to ? to : "minilm"));
    return embed_import_e5(from, options_model(to ? to : "e5"), why, sizeof why) ? 0 : report(why);
}

static int check(const char *file)
{
    char why[512];
    struct embed_model *model = embed_open(file, why, sizeof why);
    if (!model)
        return report(why);
    bool ok = printf("%s, %s kernels\n", embed_name(model), embed_kernels(model)) > 0;
    embed_close(model);
    return ok ? 0 : FAILED;
}

int model_command(int argc, char **argv)
{
    static struct options defaults;
    char *nothing[] = {NULL}, why[512];
    if (!options_read(&defaults, 0, nothing, 0, nothing, why, sizeof why))
        return report(why);
    if (argc >= 2 && argc <= 3 && strcmp(argv[0], "import") == 0)
        return import(argv[1], argc == 3 ? argv[2] : NULL);
    if (argc >= 1 && argc <= 2 && strcmp(argv[0], "check") == 0)
        return check(options_model(argc == 2 ? argv[1] : defaults.model));
    fputs("usage: chatifix model import DIR|FILE [WEIGHTS]\n       chatifix model check [WEIGHTS]\n", stderr);
    return USAGE;
}
