/* The kernels of the dense index: each that this processor can run against the scalar one, and which of them CHATIFIX_CPU lets be used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "kernel_checks.h"

static void every_kernel_equals_the_reference(void **state)
{
    (void)state;
    for (enum cpu_set set = CPU_SCALAR; set <= CPU_AVX512_VNNI; set++) {
        if (dots_find(set))
            assert_true(dots_equal_the_reference(dots_find(set)));
        if (scan_find(set))
            assert_true(scan_equals_the_reference(scan_find(set)));
    }
    assert_true(dots_find(CPU_SCALAR) == dots_scalar && scan_find(CPU_SCALAR) == scan_scalar);
}

static void expect_chosen(const char *forced, enum cpu_set dots, enum cpu_set scan)
{
    setenv("CHATIFIX_CPU", forced, 1);
    assert_true(dots_choose() == dots_find(dots));
    assert_true(scan_choose() == scan_find(scan));
    unsetenv("CHATIFIX_CPU");
}

static void environment_forces_kernels(void **state)
{
    (void)state;
    expect_chosen("scalar", CPU_SCALAR, CPU_SCALAR);
    expect_chosen("mmx", CPU_SCALAR, CPU_SCALAR);
    if (!cpu_runs(CPU_AVX2))
        return;
    expect_chosen("avx2", CPU_AVX2, CPU_AVX2);
    expect_chosen("avx-vnni", CPU_AVX2, CPU_AVX2); /* no kernels of its own: those of the next set below */
    enum cpu_set best = cpu_runs(CPU_AVX512_VNNI) ? CPU_AVX512_VNNI : CPU_AVX2, best_scan = cpu_counts_bits() ? CPU_AVX512_VNNI : CPU_AVX2;
    expect_chosen("avx512-vnni", best, best_scan);
    expect_chosen("", best, best_scan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_equals_the_reference),
        cmocka_unit_test(environment_forces_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
