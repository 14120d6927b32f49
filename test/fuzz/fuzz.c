/* A target of libFuzzer for the format FUZZ_FORMAT. */
#include <stdlib.h>

#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!target_run(FUZZ_FORMAT, (struct span){(const char *)data, size}))
        abort();
    return 0;
}
