/* A fixed rotation of 384 dimensions, so that the sign of each component says about as much as any other's (RaBitQ, arXiv 2405.12497, section 3.1). */
#ifndef INDEX_ROTATION_H
#define INDEX_ROTATION_H

#include "index/dense.h"

/* Rotates v in place, the same way at each call and on each machine. Orthogonal: lengths and dot products stay, up to rounding. */
void rotate(float v[DENSE_DIMENSIONS]);

#endif
