/* The kernels of one set against the scalar ones: runs where only a cross compiler and an emulator are. */
#include <stdio.h>

#include "kernel_checks.h"

int main(void)
{
    dots_kernel *dots = dots_find(CPU_NEON);
    scan_kernel *scan = scan_find(CPU_NEON);
    if (!dots || !scan) {
        fputs("cross_kernels: this processor has no such kernels\n", stderr);
        return 1;
    }
    if (dots_equal_the_reference(dots) && scan_equals_the_reference(scan))
        return 0;
    fputs("cross_kernels: they differ from the scalar ones\n", stderr);
    return 1;
}
