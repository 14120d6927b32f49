/* Bytes of a vector, the same on every machine. */
#include "app/vector_blob.h"

#include <math.h>
#include <string.h>

static void put_float(char *out, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 4; i++)
        out[i] = (char)(bits >> 8 * i & 0xFF);
}

static float get_float(const char *p)
{
    uint32_t bits = 0;
    float value;
    for (int i = 0; i < 4; i++)
        bits |= (uint32_t)(unsigned char)p[i] << 8 * i;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void vector_encode(const struct stored_vector *v, char out[VECTOR_BLOB_BYTES])
{
    memcpy(out, v->vector.values, EMBED_DIMENSIONS);
    put_float(out + EMBED_DIMENSIONS, v->vector.scale);
    put_float(out + EMBED_DIMENSIONS + 4, v->ratio);
}

bool vector_decode(struct span blob, struct stored_vector *out)
{
    if (blob.n != VECTOR_BLOB_BYTES)
        return false;
    memcpy(out->vector.values, blob.p, EMBED_DIMENSIONS);
    out->vector.scale = get_float(blob.p + EMBED_DIMENSIONS);
    out->ratio = get_float(blob.p + EMBED_DIMENSIONS + 4);
    return isfinite(out->vector.scale) && out->vector.scale >= 0 && out->vector.scale <= 1 && isfinite(out->ratio) && out->ratio >= 0;
}
