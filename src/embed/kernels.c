/* Which kernels this processor can run. */
#include "embed/kernels.h"

#include <string.h>

#include "base/cpu.h"

/* The fastest first. */
static const struct {
    const struct kernels *kernels;
    enum cpu_set set;
} sets[] = {
#ifdef EMBED_X86
    {&kernels_vnni, CPU_AVX512_VNNI}, {&kernels_avxvnni, CPU_AVX_VNNI}, {&kernels_avx2, CPU_AVX2},
#endif
#ifdef EMBED_ARM
    {&kernels_neon, CPU_NEON},
#endif
    {&kernels_scalar, CPU_SCALAR},
};

const struct kernels *kernels_find(const char *name)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if ((!name || strcmp(name, sets[i].kernels->name) == 0) && cpu_runs(sets[i].set))
            return sets[i].kernels;
    return NULL;
}
