/* Whether character recognition works here: a page is read as an uploaded one would be, in a worker with its sandbox and its bounds. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "extract/extract.h"

/* A page without a text layer, on which bars stand as the letters THE. */
static const char probe[] = "%PDF-1.4\n"
                            "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                            "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                            "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
                            "4 0 obj<</Length 140>>stream\n"
                            "36 47 14 2 re f 42 31 2 16 re f\n"
                            "54 31 2 18 re f 64 31 2 18 re f 56 39 8 2 re f\n"
                            "71 31 2 18 re f 73 47 9 2 re f 73 39 8 2 re f 73 31 9 2 re f\n"
                            "endstream endobj\n"
                            "trailer<</Root 1 0 R>>\n";

static bool judge(const struct extract_result *r, char *why, size_t why_size)
{
    if (r->error == EXTRACT_OK || r->error == EXTRACT_NO_TEXT)
        return true;
    if (r->error == EXTRACT_INTERNAL)
        snprintf(why, why_size, "%s", r->message);
    else
        snprintf(why, why_size, "Character recognition does not work within the bounds of a process that reads a document (extract-memory, extract-cpu): %s.",
                 extract_error_code(r->error));
    return false;
}

bool extract_check_ocr(const char *program, const struct extract_limits *limits, char *why, size_t why_size)
{
    int fd = memfd_create("probe", MFD_CLOEXEC);
    struct arena *arena = arena_new(1 << 20);
    struct extract_result result;
    bool ok = fd >= 0 && arena && file_write(fd, (struct span){probe, sizeof probe - 1});
    if (ok) {
        extract_document(program, fd, SPAN("probe.pdf"), limits, arena, &result);
        ok = judge(&result, why, why_size);
    } else {
        snprintf(why, why_size, "There is no memory to try character recognition.");
    }
    arena_free(arena);
    if (fd >= 0)
        close(fd);
    return ok;
}
