/* A name such as "e5" means that model's weight file; without one, `check` means the one that `serve` takes by default. */
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

static int check(const char *file)
{
    char why[512];
    struct embed_model *model = embed_open(file, why, sizeof why);
    if (!model)
        return report(why);
    bool ok = printf("%s: %s, %s kernels\n", file, embed_name(model), embed_kernels(model)) > 0;
    embed_close(model);
    return ok ? 0 : FAILED;
}

/* to: NULL for model.cfx in a folder, and for the file that `serve` takes for e5. */
static int import(const char *from, const char *to)
{
    struct stat status;
    struct buf inside;
    char why[512];
    bool folder = stat(from, &status) != 0 || S_ISDIR(status.st_mode);
    buf_init(&inside, 1 << 16);
    buf_printf(&inside, "%s/model.cfx", from);
    const char *file = to ? options_model(to) : !folder ? options_model("e5") : buf_cstr(&inside);
    snprintf(why, sizeof why, "The name of the folder is too long.");
    bool ok = file && (folder ? embed_import(from, file, why, sizeof why) : embed_import_e5(from, file, why, sizeof why));
    int result = ok ? check(file) : report(why);
    buf_free(&inside);
    return result;
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
