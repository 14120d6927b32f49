/* Kernels of the dense index against the scalar ones, without a test library: for the unit tests and for an emulator of another processor. */
#ifndef TEST_KERNEL_CHECKS_H
#define TEST_KERNEL_CHECKS_H

#include "index/dots.h"
#include "index/scan.h"

/* Whether it gives the same sums, at the ends of what is possible too, and with any alignment. */
bool dots_equal_the_reference(dots_kernel *kernel);
/* Whether it gives the same estimates, but for rounding, and tells right which are above a threshold. */
bool scan_equals_the_reference(scan_kernel *kernel);

#endif
