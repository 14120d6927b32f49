/* The part of PDFium's C interface (fpdfview.h, fpdf_text.h, fpdf_doc.h, fpdf_annot.h, fpdf_edit.h) that the PDF reader uses, as a table filled from libpdfium.so at run time. */
#ifndef EXTRACT_PDFIUM_H
#define EXTRACT_PDFIUM_H

#include <stddef.h>

typedef struct pdfium_document *pdfium_document;
typedef struct pdfium_page *pdfium_page;
typedef struct pdfium_text *pdfium_text;
typedef struct pdfium_object *pdfium_object; /* owned by its page */
typedef struct pdfium_bookmark *pdfium_bookmark;
typedef struct pdfium_annotation *pdfium_annotation;
typedef struct pdfium_font *pdfium_font; /* owned by its object */
typedef struct pdfium_bitmap *pdfium_bitmap;

/* FPDF_GetLastError */
enum pdfium_error { PDFIUM_SUCCESS, PDFIUM_UNKNOWN, PDFIUM_FILE, PDFIUM_FORMAT, PDFIUM_PASSWORD, PDFIUM_SECURITY, PDFIUM_PAGE };

enum pdfium_annotation_kind { PDFIUM_NOTE = 1, PDFIUM_FREE_TEXT = 3, PDFIUM_HIGHLIGHT = 9, PDFIUM_STRIKEOUT = 12, PDFIUM_WIDGET = 20 };

enum pdfium_object_kind { PDFIUM_IMAGE = 3 };
enum pdfium_pixels { PDFIUM_GREY = 1 };
enum pdfium_render { PDFIUM_RENDER_GREY = 8 };

struct pdfium_matrix {
    float a, b, c, d, e, f;
};

struct pdfium {
    void *handle; /* of dlopen */
    void (*init)(void);
    void (*destroy)(void);
    unsigned long (*last_error)(void);
    /* The bytes must stay until close_document. */
    pdfium_document (*load_document)(const void *bytes, size_t size, const char *password);
    void (*close_document)(pdfium_document d);
    int (*page_count)(pdfium_document d);
    pdfium_page (*load_page)(pdfium_document d, int index);
    void (*close_page)(pdfium_page p);
    int (*object_count)(pdfium_page p);
    pdfium_text (*load_text)(pdfium_page p);
    void (*close_text)(pdfium_text t);
    /* Characters, -1 on failure; indexes run from 0. */
    int (*count_chars)(pdfium_text t);
    /* A UTF-16 unit, or 0. */
    unsigned (*get_unicode)(pdfium_text t, int index);
    double (*font_size)(pdfium_text t, int index);
    /* Points from the lower left corner of the page; zero on failure. */
    int (*char_box)(pdfium_text t, int index, double *left, double *right, double *bottom, double *top);
    int (*char_origin)(pdfium_text t, int index, double *x, double *y);
    /* Copies the font's name with its NUL when it fits; returns the bytes it has. */
    unsigned long (*font_info)(pdfium_text t, int index, void *name, unsigned long size, int *flags);
    /* The matrix of the text the character belongs to; zero on failure. */
    int (*matrix)(pdfium_text t, int index, struct pdfium_matrix *m);
    /* The object of the page that draws the character; NULL for a space or line break that PDFium has put in. */
    pdfium_object (*text_object)(pdfium_text t, int index);
    pdfium_font (*object_font)(pdfium_object o);
    /* As font_info, without flags. */
    size_t (*font_name)(pdfium_font f, char *name, size_t size);
    /* The first child of a bookmark, or of all with NULL; NULL at the end. They belong to the document. */
    pdfium_bookmark (*bookmark_child)(pdfium_document d, pdfium_bookmark b);
    pdfium_bookmark (*bookmark_next)(pdfium_document d, pdfium_bookmark b);
    /* Copies the title in UTF-16LE with its NUL when it fits; returns the bytes it has. */
    unsigned long (*bookmark_title)(pdfium_bookmark b, void *title, unsigned long size);
    void *(*bookmark_destination)(pdfium_document d, pdfium_bookmark b);
    void *(*bookmark_action)(pdfium_bookmark b);
    void *(*action_destination)(pdfium_document d, void *action);
    int (*destination_page)(pdfium_document d, void *destination); /* -1 when there is none */
    int (*annotation_count)(pdfium_page p);
    pdfium_annotation (*annotation)(pdfium_page p, int index);
    void (*close_annotation)(pdfium_annotation a);
    int (*annotation_kind)(pdfium_annotation a); /* enum pdfium_annotation_kind, others too */
    /* A value of the annotation's dictionary; copied as a title is. */
    unsigned long (*annotation_text)(pdfium_annotation a, const char *key, void *text, unsigned long size);
    /* 400 is normal, 700 bold; -1 when unknown. */
    int (*font_weight)(pdfium_text t, int index);
    float (*page_width)(pdfium_page p); /* points, as the page is shown */
    float (*page_height)(pdfium_page p);
    pdfium_object (*object)(pdfium_page p, int index);
    int (*object_kind)(pdfium_object o); /* enum pdfium_object_kind, others too */
    int (*object_bounds)(pdfium_object o, float *left, float *bottom, float *right, float *top);
    /* Over pixels of the caller, which must stay until bitmap_destroy. */
    pdfium_bitmap (*bitmap_create)(int width, int height, int pixels, void *first, int bytes_per_row);
    void (*bitmap_destroy)(pdfium_bitmap b);
    void (*bitmap_fill)(pdfium_bitmap b, int left, int top, int width, int height, unsigned long argb);
    /* Draws the page into that rectangle; turned by a quarter `turns` times. */
    void (*render)(pdfium_bitmap b, pdfium_page p, int left, int top, int width, int height, int turns, int flags);
};

/* Finds libpdfium.so beside the program, in ../lib/chatifix, or where the build was told; NULL when it is missing or too old. */
void *pdfium_prepare(void);
void pdfium_release(void *library);

#endif
