/* Loading PDFium. Only worker processes do this. */
#include "extract/pdfium.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    size_t at;
} symbols[] = {
    {"FPDF_InitLibrary", offsetof(struct pdfium, init)},
    {"FPDF_DestroyLibrary", offsetof(struct pdfium, destroy)},
    {"FPDF_GetLastError", offsetof(struct pdfium, last_error)},
    {"FPDF_LoadMemDocument64", offsetof(struct pdfium, load_document)},
    {"FPDF_CloseDocument", offsetof(struct pdfium, close_document)},
    {"FPDF_GetPageCount", offsetof(struct pdfium, page_count)},
    {"FPDF_LoadPage", offsetof(struct pdfium, load_page)},
    {"FPDF_ClosePage", offsetof(struct pdfium, close_page)},
    {"FPDFPage_CountObjects", offsetof(struct pdfium, object_count)},
    {"FPDFText_LoadPage", offsetof(struct pdfium, load_text)},
    {"FPDFText_ClosePage", offsetof(struct pdfium, close_text)},
    {"FPDFText_CountChars", offsetof(struct pdfium, count_chars)},
    {"FPDFText_GetUnicode", offsetof(struct pdfium, get_unicode)},
    {"FPDFText_GetFontSize", offsetof(struct pdfium, font_size)},
    {"FPDFText_GetCharBox", offsetof(struct pdfium, char_box)},
    {"FPDFText_GetCharOrigin", offsetof(struct pdfium, char_origin)},
    {"FPDFText_GetFontInfo", offsetof(struct pdfium, font_info)},
    {"FPDFText_GetMatrix", offsetof(struct pdfium, matrix)},
    {"FPDFText_GetTextObject", offsetof(struct pdfium, text_object)},
    {"FPDFTextObj_GetFont", offsetof(struct pdfium, object_font)},
    {"FPDFFont_GetBaseFontName", offsetof(struct pdfium, font_name)},
    {"FPDFBookmark_GetFirstChild", offsetof(struct pdfium, bookmark_child)},
    {"FPDFBookmark_GetNextSibling", offsetof(struct pdfium, bookmark_next)},
    {"FPDFBookmark_GetTitle", offsetof(struct pdfium, bookmark_title)},
    {"FPDFBookmark_GetDest", offsetof(struct pdfium, bookmark_destination)},
    {"FPDFBookmark_GetAction", offsetof(struct pdfium, bookmark_action)},
    {"FPDFAction_GetDest", offsetof(struct pdfium, action_destination)},
    {"FPDFDest_GetDestPageIndex", offsetof(struct pdfium, destination_page)},
    {"FPDFPage_GetAnnotCount", offsetof(struct pdfium, annotation_count)},
    {"FPDFPage_GetAnnot", offsetof(struct pdfium, annotation)},
    {"FPDFPage_CloseAnnot", offsetof(struct pdfium, close_annotation)},
    {"FPDFAnnot_GetSubtype", offsetof(struct pdfium, annotation_kind)},
    {"FPDFAnnot_GetStringValue", offsetof(struct pdfium, annotation_text)},
    {"FPDFText_GetFontWeight", offsetof(struct pdfium, font_weight)},
    {"FPDF_GetPageWidthF", offsetof(struct pdfium, page_width)},
    {"FPDF_GetPageHeightF", offsetof(struct pdfium, page_height)},
    {"FPDFPage_GetObject", offsetof(struct pdfium, object)},
    {"FPDFPageObj_GetType", offsetof(struct pdfium, object_kind)},
    {"FPDFPageObj_GetBounds", offsetof(struct pdfium, object_bounds)},
    {"FPDFBitmap_CreateEx", offsetof(struct pdfium, bitmap_create)},
    {"FPDFBitmap_Destroy", offsetof(struct pdfium, bitmap_destroy)},
    {"FPDFBitmap_FillRect", offsetof(struct pdfium, bitmap_fill)},
    {"FPDF_RenderPageBitmap", offsetof(struct pdfium, render)},
};

static void *open_library(void)
{
    static const char *const places[] = {"libpdfium.so", "../lib/chatifix/libpdfium.so"};
    char program[3072], path[4096];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(program, '/');
    for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%.*s/%s", (int)(slash - program), program, places[i]);
        void *handle = access(path, R_OK) == 0 ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
        if (handle)
            return handle;
    }
    return dlopen(PDFIUM_PATH, RTLD_NOW | RTLD_LOCAL);
}

static bool fill_table(struct pdfium *f)
{
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(f->handle, symbols[i].name);
        if (!symbol)
            return false;
        memcpy((char *)f + symbols[i].at, &symbol, sizeof symbol); /* POSIX: a function pointer has the size of void * */
    }
    return true;
}

void *pdfium_prepare(void)
{
    struct pdfium *f = calloc(1, sizeof *f);
    if (f)
        f->handle = open_library();
    if (!f || !f->handle || !fill_table(f)) {
        free(f);
        return NULL;
    }
    /* Pages come and go: memory that one gave back is kept for the next one. */
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    f->init();
    return f;
}

void pdfium_release(void *library)
{
    struct pdfium *f = library;
    f->destroy();
    free(f);
}
