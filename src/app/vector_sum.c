/* Length 1, and quantised by the largest component, as the encoder's own are. */
#include "app/vector_sum.h"

#include <math.h>

bool vector_of_sum(const float sum[EMBED_DIMENSIONS], struct embed_vector *out)
{
    float length = 0, largest = 0;
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++) {
        length += sum[i] * sum[i];
        largest = fmaxf(largest, fabsf(sum[i]));
    }
    if (!(length > 0) || !isfinite(length))
        return false;
    out->scale = largest / sqrtf(length) / 127;
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++)
        out->values[i] = (int8_t)lrintf(sum[i] / largest * 127);
    return true;
}
