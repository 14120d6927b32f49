/* The least that reading a PDF's text takes: PDFium's text of each page, written as UTF-8: pdf_bare FILE. What `chatifix extract` takes more is ours. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "extract/pdfium.h"

static void write_page(const struct pdfium *f, pdfium_text t)
{
    int count = f->count_chars(t);
    for (int i = 0; i < count; i++) {
        unsigned c = f->get_unicode(t, i);
        if (c < 0x80)
            putchar((int)c);
        else if (c < 0x800)
            printf("%c%c", 0xC0 | (int)(c >> 6), 0x80 | (int)(c & 63));
        else
            printf("%c%c%c", 0xE0 | (int)(c >> 12), 0x80 | (int)(c >> 6 & 63), 0x80 | (int)(c & 63));
    }
    putchar('\f');
}

static int write_pages(const struct pdfium *f, pdfium_document d)
{
    int pages = f->page_count(d);
    for (int i = 0; i < pages; i++) {
        pdfium_page page = f->load_page(d, i);
        pdfium_text text = page ? f->load_text(page) : NULL;
        if (text) {
            write_page(f, text);
            f->close_text(text);
        }
        if (page)
            f->close_page(page);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct buf bytes;
    struct pdfium *f = argc == 2 ? pdfium_prepare() : NULL;
    buf_init(&bytes, (size_t)1 << 30);
    FILE *in = f ? fopen(argv[1], "rb") : NULL;
    if (!in) {
        fputs("usage: pdf_bare FILE (and libpdfium.so must be where the program looks for it)\n", stderr);
        return 2;
    }
    char *room;
    size_t n;
    while ((room = buf_reserve(&bytes, 1 << 16)) && (n = fread(room, 1, 1 << 16, in)) > 0)
        bytes.n += n;
    fclose(in);
    pdfium_document d = f->load_document(bytes.p, bytes.n, NULL);
    int status = d ? write_pages(f, d) : 1;
    if (d)
        f->close_document(d);
    pdfium_release(f);
    buf_free(&bytes);
    return status;
}
