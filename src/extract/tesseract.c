/* Loading Tesseract. Only worker processes that recognise characters do this. */
#include "extract/tesseract.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t at;
} symbols[] = {
    {"TessBaseAPICreate", offsetof(struct tesseract, create)},
    {"TessBaseAPIDelete", offsetof(struct tesseract, destroy)},
    {"TessBaseAPIInit2", offsetof(struct tesseract, init)},
    {"TessBaseAPIGetLoadedLanguagesAsVector", offsetof(struct tesseract, loaded_languages)},
    {"TessDeleteTextArray", offsetof(struct tesseract, free_languages)},
    {"TessBaseAPISetPageSegMode", offsetof(struct tesseract, set_layout)},
    {"TessBaseAPISetImage", offsetof(struct tesseract, set_image)},
    {"TessBaseAPISetSourceResolution", offsetof(struct tesseract, set_resolution)},
    {"TessBaseAPIRecognize", offsetof(struct tesseract, recognise)},
    {"TessBaseAPIGetIterator", offsetof(struct tesseract, results)},
    {"TessBaseAPIClear", offsetof(struct tesseract, clear)},
    {"TessMonitorCreate", offsetof(struct tesseract, monitor_create)},
    {"TessMonitorDelete", offsetof(struct tesseract, monitor_destroy)},
    {"TessMonitorSetDeadlineMSecs", offsetof(struct tesseract, monitor_deadline)},
    {"TessResultIteratorDelete", offsetof(struct tesseract, free_results)},
    {"TessResultIteratorGetPageIterator", offsetof(struct tesseract, place)},
    {"TessResultIteratorNext", offsetof(struct tesseract, next)},
    {"TessResultIteratorGetUTF8Text", offsetof(struct tesseract, text)},
    {"TessDeleteText", offsetof(struct tesseract, free_text)},
    {"TessResultIteratorConfidence", offsetof(struct tesseract, confidence)},
    {"TessResultIteratorWordFontAttributes", offsetof(struct tesseract, word_font)},
    {"TessPageIteratorIsAtFinalElement", offsetof(struct tesseract, is_last)},
    {"TessPageIteratorBoundingBox", offsetof(struct tesseract, box)},
    {"TessPageIteratorBaseline", offsetof(struct tesseract, baseline)},
};

bool tesseract_open(struct tesseract *t)
{
    *t = (struct tesseract){0};
    /* Its loops are shared out to threads otherwise, which a worker may not start. */
    if (setenv("OMP_THREAD_LIMIT", "1", 1) != 0)
        return false;
    t->handle = dlopen("libtesseract.so.5", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; t->handle && i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(t->handle, symbols[i].name);
        if (!symbol)
            return false;
        memcpy((char *)t + symbols[i].at, &symbol, sizeof symbol); /* POSIX: a function pointer has the size of void * */
    }
    return t->handle != NULL;
}
