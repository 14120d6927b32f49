/* A program of the two subcommands that extraction needs, so that its tests do not depend on the server. */
#include <stdio.h>
#include <string.h>

#include "extract/extract.h"

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "extract-worker") == 0)
        return extract_worker_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "extract") == 0)
        return extract_command(argc - 1, argv + 1);
    fputs("usage: chatifix_extract extract FILE [--json] [--ocr LANGUAGES]\n", stderr);
    return 2;
}
