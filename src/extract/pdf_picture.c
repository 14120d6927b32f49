/* Pages as pictures: drawn in grey at the resolution that Tesseract was trained for, as far as the memory of a worker allows. */
#include "extract/pdf_picture.h"

#include <math.h>
#include <stdlib.h>

enum {
    DPI = 300,
    DPI_MIN = 40, /* below it nothing of a page is legible */
    SIDE_MAX = 16000,
    LETTERS_MAX = 100, /* a stamp, a page number, "Downloaded from …": what is printed over a scan */
    OBJECTS_MAX = 2000,
    POINTS_MAX = 200
};
#define PIXELS_MAX 12e6
#define COVERED 0.6 /* share of the page that a scan takes at least */

bool pdf_is_picture(const struct pdfium *f, pdfium_page page, size_t letters)
{
    double size = (double)f->page_width(page) * (double)f->page_height(page), covered = 0;
    int count = letters < LETTERS_MAX ? f->object_count(page) : 0;
    for (int i = 0; i < count && i < OBJECTS_MAX; i++) {
        pdfium_object o = f->object(page, i);
        float left, bottom, right, top;
        if (o && f->object_kind(o) == PDFIUM_IMAGE && f->object_bounds(o, &left, &bottom, &right, &top))
            covered += fabs((double)(right - left) * (double)(top - bottom));
    }
    return covered > COVERED * size; /* a scan may come in strips */
}

/* Where the lines of a picture go. */
struct page_lines {
    struct pdf_text *text;
    int32_t page;
    float height;    /* of the page */
    float per_pixel; /* points */
};

static void take_line(void *ctx, const struct ocr_line *o)
{
    struct page_lines *p = ctx;
    struct pdf_line l = {.text = p->text->bytes.n,
                         .length = o->text.n,
                         .page = p->page,
                         .left = (float)o->left * p->per_pixel,
                         .right = (float)o->right * p->per_pixel,
                         .base = p->height - (float)o->base * p->per_pixel,
                         .size = o->points > 0 ? (float)o->points : 10,
                         .cells = o->cells,
                         .second = (float)o->second * p->per_pixel,
                         .hyphen = o->hyphen,
                         .recognised = true};
    buf_span(&p->text->bytes, o->text);
    buf_put(&p->text->lines, &l, sizeof l);
}

/* The resolution at which a page of that size in points is looked at; 0 when it is too large to be legible then. */
static int resolution(double width, double height)
{
    double most = sqrt(PIXELS_MAX / (width * height)) * 72;
    most = fmin(most, SIDE_MAX * 72 / fmax(width, height));
    return !(most >= DPI_MIN) ? 0 : most < DPI ? (int)most : DPI;
}

static bool draw(const struct pdfium *f, pdfium_page page, unsigned char *pixels, int width, int height)
{
    pdfium_bitmap b = f->bitmap_create(width, height, PDFIUM_GREY, pixels, width);
    if (!b)
        return false;
    f->bitmap_fill(b, 0, 0, width, height, 0xFFFFFFFF);
    f->render(b, page, 0, 0, width, height, 0, PDFIUM_RENDER_GREY);
    f->bitmap_destroy(b);
    return true;
}

enum ocr_outcome pdf_recognise(const struct pdfium *f, pdfium_page page, int32_t number, struct ocr *ocr, int64_t time_ms, struct pdf_text *t)
{
    double width = (double)f->page_width(page), height = (double)f->page_height(page);
    int dpi = width > 1 && height > 1 ? resolution(width, height) : 0;
    struct ocr_picture picture = {.width = (int)(width * dpi / 72), .height = (int)(height * dpi / 72), .dpi = dpi};
    if (picture.width < 1 || picture.height < 1)
        return OCR_READ; /* nothing of it is legible */
    unsigned char *pixels = malloc((size_t)picture.width * (size_t)picture.height);
    struct page_lines lines = {.text = t, .page = number, .height = (float)height, .per_pixel = 72.0F / (float)dpi};
    enum ocr_outcome outcome = OCR_NO_MEMORY;
    picture.pixels = pixels;
    if (pixels && draw(f, page, pixels, picture.width, picture.height))
        outcome = ocr_read(ocr, &picture, time_ms, take_line, &lines);
    free(pixels);
    return outcome;
}

/* The size of half of what was recognised, weighed by length; 0 when nothing was. */
static int median_size(const struct pdf_line *lines, size_t count)
{
    size_t weights[POINTS_MAX] = {0}, all = 0, so_far = 0;
    for (size_t i = 0; i < count; i++) {
        if (!lines[i].recognised)
            continue;
        weights[lines[i].size < POINTS_MAX ? (int)lines[i].size : POINTS_MAX - 1] += lines[i].length;
        all += lines[i].length;
    }
    for (int points = 0; all && points < POINTS_MAX; points++) {
        so_far += weights[points];
        if (so_far * 2 >= all)
            return points;
    }
    return 0;
}

void pdf_even_out_sizes(struct pdf_text *t)
{
    size_t count;
    struct pdf_line *lines = pdf_lines(t, &count);
    float usual = (float)median_size(lines, count);
    for (size_t i = 0; i < count; i++)
        if (lines[i].recognised && fabsf(lines[i].size - usual) <= usual * 0.25F)
            lines[i].size = usual;
}
