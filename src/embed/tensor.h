/* A tensor as it lies in a publisher's file, read row by row into floats. */
#ifndef EMBED_TENSOR_H
#define EMBED_TENSOR_H

#include "base/span.h"

enum tensor_type {
    TENSOR_NONE,    /* there is none of that name, or it does not lie in the file */
    TENSOR_FOREIGN, /* of a type that is not read */
    TENSOR_F32,
    TENSOR_F16,
    TENSOR_BF16,
    TENSOR_Q4, /* blocks of TENSOR_BLOCK values: a half float, the scale, and 16 bytes whose low nibbles are values 0 … 15, the high ones 16 … 31, less 8 */
};
enum { TENSOR_BLOCK = 32, TENSOR_BLOCK_BYTES = 18 };

struct tensor {
    enum tensor_type type;
    size_t rows, columns; /* a vector is one row */
    struct span bytes;    /* rows * tensor_row_bytes of them, borrowed from the file, of any alignment; empty for TENSOR_NONE and TENSOR_FOREIGN */
};

/* Bytes of a row; 0 where columns are none, too many, or do not fill blocks. */
size_t tensor_row_bytes(enum tensor_type type, size_t columns);
/* to [t->columns] = row < t->rows of a tensor whose bytes are there. */
void tensor_row(const struct tensor *t, size_t row, float *to);

#endif
