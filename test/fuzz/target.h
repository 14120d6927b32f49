/* What a fuzz target and the replay of its findings share: one format's reader, run on any bytes. */
#ifndef TEST_FUZZ_TARGET_H
#define TEST_FUZZ_TARGET_H

#include "base/span.h"

/* Reads the bytes as a document of the named format ("xls") and checks what comes out; aborts when a block is not as doc/block.h promises. The
 * format "snapshot" is that of the indexes' files (snapshot.h). False when
 * there is no such format. */
bool target_run(const char *format, struct span bytes);
/* The same for what the sentence encoder is made of and made from ("weights"), which target_run calls for the formats that are no document's. */
bool model_target_run(const char *format, struct span bytes);

#endif
