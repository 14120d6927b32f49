/* Character recognition: a picture of a page → its lines of print. The trained data is read before the sandbox closes, pictures are looked at behind it. */
#ifndef EXTRACT_OCR_H
#define EXTRACT_OCR_H

#include "base/buf.h"

struct ocr;

/* A grey picture, 0 black; row after row, top first. */
struct ocr_picture {
    const unsigned char *pixels;
    int width, height;
    int dpi;
};

/* A line as it was recognised. Lengths are pixels from the upper left corner. */
struct ocr_line {
    struct span text; /* borrowed until the callback returns: words with a space between them, a TAB where the gap is as wide as between columns */
    int cells;        /* parts between TABs */
    int second;       /* left edge of the second of them */
    int left, right, base;
    int points;  /* size of its letters */
    bool hyphen; /* its last word goes on in the next line; the hyphen is not in the text */
};

enum ocr_outcome {
    OCR_READ,
    OCR_OUT_OF_TIME, /* some lines may have come */
    OCR_NO_MEMORY
};

/* Opens the library and reads the trained data of "eng+deu". NULL, with a sentence in why that says what to install, when something is missing. */
struct ocr *ocr_open(const char *languages, char *why, size_t why_size);
void ocr_close(struct ocr *o);

/* Recognises a picture within the time and hands over its lines in reading order; what is hardly legible is left out. */
enum ocr_outcome ocr_read(struct ocr *o, const struct ocr_picture *picture, int64_t time_ms, void (*take)(void *ctx, const struct ocr_line *l), void *ctx);

#endif
