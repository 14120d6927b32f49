/* The sets of kernels that kinds of processor can run, and which of them may be used: one answer for every room that has kernels. */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#include <stdbool.h>

/* Of one architecture, a later set is the faster one, and what can run it can run those before it, but for CPU_AVX_VNNI. */
enum cpu_set { CPU_SCALAR, CPU_NEON, CPU_AVX2, CPU_AVX_VNNI, CPU_AVX512_VNNI };

/* The name that the environment variable CHATIFIX_CPU gives: scalar, neon, avx2, avx-vnni, avx512-vnni; or one that there is not. NULL: none. Borrowed from the
 * environment. */
const char *cpu_forced(void);
/* Whether this processor can run kernels of that set. */
bool cpu_runs(enum cpu_set set);
/* Whether they may be used as well: CHATIFIX_CPU names no set, or names this one or a later. So a room without kernels of the set that is forced takes the next
 * ones below; and scalar ones, which are always allowed, where the name is that of no set. */
bool cpu_allows(enum cpu_set set);
/* Whether this processor counts the bits of 512 at once (AVX512-VPOPCNTDQ): of those with CPU_AVX512_VNNI nearly all do. */
bool cpu_counts_bits(void);

#endif
