/* Which kernels this processor can run. */
#include "embed/kernels.h"

#include <string.h>
#ifdef EMBED_X86
#include <cpuid.h>
#endif
#ifdef EMBED_ARM
#include <sys/auxv.h>
#endif

static bool always(void)
{
    return true;
}

#ifdef EMBED_X86
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

static bool has_vnni(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}
#endif

#ifdef EMBED_ARM
/* The kernel tells: HWCAP_ASIMDDP, of which not every libc has the name. */
static bool has_dot_products(void)
{
    return getauxval(AT_HWCAP) & 1ul << 20;
}
#endif

/* The fastest first. */
static const struct {
    const struct kernels *set;
    bool (*runs_here)(void);
} sets[] = {
#ifdef EMBED_X86
    {&kernels_vnni, has_vnni},         {&kernels_avxvnni, has_avxvnni}, {&kernels_avx2, has_avx2},
#endif
#ifdef EMBED_ARM
    {&kernels_neon, has_dot_products},
#endif
    {&kernels_scalar, always},
};

const struct kernels *kernels_find(const char *name)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if ((!name || strcmp(name, sets[i].set->name) == 0) && sets[i].runs_here())
            return sets[i].set;
    return NULL;
}
