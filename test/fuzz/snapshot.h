/* The reader of index snapshots as a fuzz target. */
#ifndef TEST_FUZZ_SNAPSHOT_H
#define TEST_FUZZ_SNAPSHOT_H

#include "base/span.h"

/* The first byte says what the rest is: 1 words, 2 vectors, 3 a whole file, else three parts (two lengths of two bytes before them) that are put into a file
 * under a right hash. What is accepted is searched, changed, written and read again; aborts when that fails. */
void snapshot_run(struct span bytes);

#endif
