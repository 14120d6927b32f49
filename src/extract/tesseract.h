/* The part of Tesseract's C interface (capi.h) that character recognition uses, as a table filled from libtesseract.so.5 when it is asked for: the program
 * neither links nor needs it. */
#ifndef EXTRACT_TESSERACT_H
#define EXTRACT_TESSERACT_H

#include <stdbool.h>

typedef struct tesseract_engine *tesseract_engine;
typedef struct tesseract_results *tesseract_results;
typedef struct tesseract_place *tesseract_place; /* the same iterator as its results; owned by them */
typedef struct tesseract_monitor *tesseract_monitor;

enum tesseract_mode { TESSERACT_LSTM_ONLY = 1 };
enum tesseract_layout { TESSERACT_LAYOUT_AUTO = 3 };
enum tesseract_level { TESSERACT_BLOCK, TESSERACT_PARAGRAPH, TESSERACT_LINE, TESSERACT_WORD };

struct tesseract {
    void *handle; /* of dlopen */
    tesseract_engine (*create)(void);
    void (*destroy)(tesseract_engine e);
    /* Reads the trained data of "eng+deu" from the folder, NULL for the library's own; zero on success, which one language of several is enough for. */
    int (*init)(tesseract_engine e, const char *folder, const char *languages, enum tesseract_mode mode);
    /* The languages that were read, ended by NULL; each and the array are freed by free_languages. */
    char **(*loaded_languages)(tesseract_engine e);
    void (*free_languages)(char **languages);
    void (*set_layout)(tesseract_engine e, enum tesseract_layout layout);
    /* The pixels are copied. */
    void (*set_image)(tesseract_engine e, const unsigned char *pixels, int width, int height, int bytes_per_pixel, int bytes_per_row);
    void (*set_resolution)(tesseract_engine e, int pixels_per_inch);
    /* Zero on success; the deadline of a monitor ends it early. */
    int (*recognise)(tesseract_engine e, tesseract_monitor m);
    /* NULL when nothing was recognised. */
    tesseract_results (*results)(tesseract_engine e);
    /* Forgets the image and what was recognised on it. */
    void (*clear)(tesseract_engine e);
    tesseract_monitor (*monitor_create)(void);
    void (*monitor_destroy)(tesseract_monitor m);
    void (*monitor_deadline)(tesseract_monitor m, int ms);
    void (*free_results)(tesseract_results r);
    tesseract_place (*place)(tesseract_results r);
    int (*next)(tesseract_results r, enum tesseract_level level);
    /* Freed by free_text; NULL for none. */
    char *(*text)(tesseract_results r, enum tesseract_level level);
    void (*free_text)(char *text);
    float (*confidence)(tesseract_results r, enum tesseract_level level); /* 0 to 100 */
    /* Of the word; the size is that of its line's letters. */
    const char *(*word_font)(tesseract_results r, int *bold, int *italic, int *underlined, int *monospace, int *serif, int *small_capitals, int *points,
                             int *id);
    int (*is_last)(tesseract_place p, enum tesseract_level level, enum tesseract_level element);
    /* Pixels from the upper left corner; zero when there is none. */
    int (*box)(tesseract_place p, enum tesseract_level level, int *left, int *top, int *right, int *bottom);
    int (*baseline)(tesseract_place p, enum tesseract_level level, int *x1, int *y1, int *x2, int *y2);
};

/* Opens the library; false when it is missing or too old. It is never closed. */
bool tesseract_open(struct tesseract *t);

#endif
