/* What the processor tells of itself, and what the environment forbids. */
#include "base/cpu.h"

#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

const char *cpu_forced(void)
{
    const char *name = getenv("CHATIFIX_CPU");
    return name && *name ? name : NULL;
}

#if defined(__x86_64__)

static bool has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

/* Leaf 7, subleaf 1: not every compiler has a name for it. */
static bool has_avxvnni(void)
{
    unsigned a, b, c, d;
    return has_avx2() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 1u << 4);
}

static bool has_avx512_vnni(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

bool cpu_runs(enum cpu_set set)
{
    switch (set) {
    case CPU_SCALAR:
        return true;
    case CPU_NEON:
        return false;
    case CPU_AVX2:
        return has_avx2();
    case CPU_AVX_VNNI:
        return has_avxvnni();
    case CPU_AVX512_VNNI:
        return has_avx512_vnni();
    }
    return false;
}

bool cpu_counts_bits(void)
{
    return has_avx512_vnni() && __builtin_cpu_supports("avx512vpopcntdq");
}

#else

/* The kernel tells of ARM's dot products: HWCAP_ASIMDDP, of which not every libc has the name. */
bool cpu_runs(enum cpu_set set)
{
#if defined(__aarch64__)
    if (set == CPU_NEON)
        return getauxval(AT_HWCAP) & 1ul << 20;
#endif
    return set == CPU_SCALAR;
}

bool cpu_counts_bits(void)
{
    return false;
}

#endif

/* The set of that name; CPU_SCALAR, which forbids all others, when there is none. */
static enum cpu_set set_of(const char *name)
{
    static const char *const names[] = {
        [CPU_SCALAR] = "scalar", [CPU_NEON] = "neon", [CPU_AVX2] = "avx2", [CPU_AVX_VNNI] = "avx-vnni", [CPU_AVX512_VNNI] = "avx512-vnni"};
    for (int i = 0; i <= CPU_AVX512_VNNI; i++) {
        if (strcmp(name, names[i]) == 0)
            return (enum cpu_set)i;
    }
    return CPU_SCALAR;
}

bool cpu_allows(enum cpu_set set)
{
    const char *forced = cpu_forced();
    return cpu_runs(set) && (!forced || set <= set_of(forced));
}
