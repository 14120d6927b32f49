/* All types are little-endian, as are the machines that this runs on. */
#include "embed/tensor.h"

#include <string.h>

#include "embed/half.h"

enum { COLUMNS_MAX = 1 << 20 };

size_t tensor_row_bytes(enum tensor_type type, size_t columns)
{
    if (columns > COLUMNS_MAX)
        return 0;
    switch (type) {
    case TENSOR_F32:
        return columns * sizeof(float);
    case TENSOR_F16:
    case TENSOR_BF16:
        return columns * sizeof(uint16_t);
    case TENSOR_Q4:
        return columns % TENSOR_BLOCK == 0 ? columns / TENSOR_BLOCK * TENSOR_BLOCK_BYTES : 0;
    default:
        return 0;
    }
}

/* The upper half of a float. */
static float brain_to_float(uint16_t brain)
{
    uint32_t bits = (uint32_t)brain << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void widen_halves(const char *from, size_t n, float (*widen)(uint16_t), float *to)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t half;
        memcpy(&half, from + i * sizeof half, sizeof half);
        to[i] = widen(half);
    }
}

static void unpack_block(const unsigned char *block, float to[TENSOR_BLOCK])
{
    uint16_t half;
    memcpy(&half, block, sizeof half);
    float scale = half_to_float(half);
    for (size_t i = 0; i < TENSOR_BLOCK / 2; i++) {
        to[i] = (float)((block[2 + i] & 15) - 8) * scale;
        to[i + TENSOR_BLOCK / 2] = (float)((block[2 + i] >> 4) - 8) * scale;
    }
}

void tensor_row(const struct tensor *t, size_t row, float *to)
{
    const char *from = t->bytes.p + row * tensor_row_bytes(t->type, t->columns);
    if (t->type == TENSOR_F32)
        memcpy(to, from, t->columns * sizeof *to);
    else if (t->type == TENSOR_F16)
        widen_halves(from, t->columns, half_to_float, to);
    else if (t->type == TENSOR_BF16)
        widen_halves(from, t->columns, brain_to_float, to);
    else
        for (size_t i = 0; i < t->columns / TENSOR_BLOCK; i++)
            unpack_block((const unsigned char *)from + i * TENSOR_BLOCK_BYTES, to + i * TENSOR_BLOCK);
}
