/* Half floats (IEEE 754 binary16), which not every processor and compiler has. */
#ifndef EMBED_HALF_H
#define EMBED_HALF_H

#include <stdint.h>
#include <string.h>

/* Exact, subnormal numbers too; infinities and NaN become large finite numbers: a scale is neither. */
static inline float half_to_float(uint16_t half)
{
    const float lift = 0x1p112f; /* 2^(127 - 15) */
    uint32_t bits = (uint32_t)(half & 0x7FFF) << 13;
    float magnitude;
    memcpy(&magnitude, &bits, sizeof magnitude);
    magnitude *= lift;
    return half & 0x8000 ? -magnitude : magnitude;
}

#endif
