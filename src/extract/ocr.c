/* A picture of a page through Tesseract, word by word, put together to lines. */
#include "extract/ocr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "extract/tesseract.h"

enum {
    LINE_BYTES_MAX = 64 * 1024,
    WORD_CONFIDENCE = 30, /* below it a word is noise: a part of a drawing, dirt */
    LINE_CONFIDENCE = 50  /* the same of a line's mean */
};

/* Gaps between cells, in font sizes and in points, as in print (pdf_page.c). */
#define CELL_GAP 1.4
#define CELL_GAP_MIN 6.0

struct ocr {
    struct tesseract t;
    tesseract_engine engine;
};

/* The line being put together. */
struct draft {
    struct ocr_line line;
    struct buf text;
    int dpi, words, last_right;
    double confidence; /* sum over its letters */
    size_t letters;
};

/* ---- the library ---- */

/* Debian's packages are named with "-" where the languages have "_". */
static void say_missing(struct span language, char *why, size_t why_size)
{
    char name[64];
    span_to_cstr(language, name, sizeof name);
    for (char *p = name; *p; p++)
        *p = *p == '_' ? '-' : *p;
    snprintf(why, why_size, "Character recognition has no trained data of \"%.*s\"; on Debian: apt-get install tesseract-ocr-%s.", SPAN_ARG(language), name);
}

static bool is_loaded(char *const *loaded, struct span language)
{
    for (; loaded && *loaded; loaded++)
        if (span_eq(span_of(*loaded), language))
            return true;
    return false;
}

/* One of several languages is enough for the library; here all are wanted. */
static bool has_languages(const struct ocr *o, const char *languages, char *why, size_t why_size)
{
    struct span rest = span_of(languages), language;
    char **loaded = o->t.init(o->engine, NULL, languages, TESSERACT_LSTM_ONLY) == 0 ? o->t.loaded_languages(o->engine) : NULL;
    bool ok = rest.n > 0;
    while (ok && rest.n) {
        span_cut(rest, '+', &language, &rest);
        ok = is_loaded(loaded, language);
        if (!ok)
            say_missing(language, why, why_size);
    }
    if (loaded)
        o->t.free_languages(loaded);
    return ok;
}

struct ocr *ocr_open(const char *languages, char *why, size_t why_size)
{
    struct ocr *o = calloc(1, sizeof *o);
    if (!o || !tesseract_open(&o->t)) {
        free(o);
        snprintf(why, why_size, "Character recognition needs libtesseract 5; on Debian: apt-get install libtesseract5 tesseract-ocr-eng.");
        return NULL;
    }
    o->engine = o->t.create();
    snprintf(why, why_size, "Character recognition could not be started.");
    if (o->engine && has_languages(o, languages, why, why_size)) {
        o->t.set_layout(o->engine, TESSERACT_LAYOUT_AUTO);
        return o;
    }
    ocr_close(o);
    return NULL;
}

void ocr_close(struct ocr *o)
{
    if (!o)
        return;
    if (o->engine)
        o->t.destroy(o->engine);
    free(o);
}

/* ---- lines ---- */

static void begin_line(struct draft *d)
{
    buf_clear(&d->text);
    d->line = (struct ocr_line){0};
    d->words = d->last_right = 0;
    d->confidence = 0;
    d->letters = 0;
}

static bool ends_in_hyphen(struct span s)
{
    if (s.n < 3 || s.p[s.n - 1] != '-')
        return false;
    unsigned char before = (unsigned char)s.p[s.n - 2];
    return before >= 0x80 || ((before | 32) >= 'a' && (before | 32) <= 'z');
}

static void end_line(struct draft *d, bool goes_on, void (*take)(void *ctx, const struct ocr_line *l), void *ctx)
{
    if (d->letters && d->confidence / (double)d->letters >= LINE_CONFIDENCE && !d->text.failed) {
        d->line.text = buf_view(&d->text);
        d->line.hyphen = goes_on && ends_in_hyphen(d->line.text);
        d->line.text.n -= d->line.hyphen;
        take(ctx, &d->line);
    }
    begin_line(d);
}

static void place_line(const struct ocr *o, tesseract_results r, struct draft *d, int bottom)
{
    int ignored, x1, y1, x2, y2;
    if (!o->t.word_font(r, &ignored, &ignored, &ignored, &ignored, &ignored, &ignored, &d->line.points, &ignored) && d->line.points < 0)
        d->line.points = 0;
    d->line.base = o->t.baseline(o->t.place(r), TESSERACT_LINE, &x1, &y1, &x2, &y2) ? (int)(((long)y1 + y2) / 2) : bottom;
    d->line.cells = 1;
}

static void put_gap(struct draft *d, int left)
{
    double size = (double)d->line.points * d->dpi / 72, gap = left - d->last_right;
    if (gap < CELL_GAP * size || gap < CELL_GAP_MIN * d->dpi / 72) {
        buf_char(&d->text, ' ');
        return;
    }
    buf_char(&d->text, '\t');
    if (d->line.cells++ == 1)
        d->line.second = left;
}

static void put_word(const struct ocr *o, tesseract_results r, struct draft *d, const char *text)
{
    int left, top, right, bottom;
    double confidence = (double)o->t.confidence(r, TESSERACT_WORD);
    size_t length = strlen(text);
    if (confidence < WORD_CONFIDENCE || length == 0 || !o->t.box(o->t.place(r), TESSERACT_WORD, &left, &top, &right, &bottom))
        return;
    if (d->words++ == 0) {
        place_line(o, r, d, bottom);
        d->line.left = left;
        d->line.right = right;
    } else {
        put_gap(d, left);
    }
    buf_put(&d->text, text, length);
    d->line.left = left < d->line.left ? left : d->line.left;
    d->line.right = right > d->line.right ? right : d->line.right;
    d->last_right = right;
    d->confidence += confidence * (double)length;
    d->letters += length;
}

static void put_lines(const struct ocr *o, tesseract_results r, struct draft *d, void (*take)(void *ctx, const struct ocr_line *l), void *ctx)
{
    tesseract_place place = o->t.place(r);
    do {
        char *text = o->t.text(r, TESSERACT_WORD);
        if (text)
            put_word(o, r, d, text);
        o->t.free_text(text);
        if (o->t.is_last(place, TESSERACT_LINE, TESSERACT_WORD))
            end_line(d, !o->t.is_last(place, TESSERACT_BLOCK, TESSERACT_LINE), take, ctx);
    } while (o->t.next(r, TESSERACT_WORD));
}

enum ocr_outcome ocr_read(struct ocr *o, const struct ocr_picture *picture, int64_t time_ms, void (*take)(void *ctx, const struct ocr_line *l), void *ctx)
{
    tesseract_monitor monitor = o->t.monitor_create();
    if (!monitor)
        return OCR_NO_MEMORY;
    o->t.set_image(o->engine, picture->pixels, picture->width, picture->height, 1, picture->width);
    o->t.set_resolution(o->engine, picture->dpi);
    o->t.monitor_deadline(monitor, time_ms > INT32_MAX ? INT32_MAX : (int)time_ms);
    int64_t until = sys_mono_ms() + time_ms;
    bool whole = o->t.recognise(o->engine, monitor) == 0;
    tesseract_results results = whole ? o->t.results(o->engine) : NULL;
    struct draft d = {.dpi = picture->dpi};
    buf_init(&d.text, LINE_BYTES_MAX);
    begin_line(&d);
    if (results) {
        put_lines(o, results, &d, take, ctx);
        o->t.free_results(results);
    }
    buf_free(&d.text);
    o->t.monitor_destroy(monitor);
    o->t.clear(o->engine);
    return whole ? OCR_READ : sys_mono_ms() >= until ? OCR_OUT_OF_TIME : OCR_NO_MEMORY;
}
