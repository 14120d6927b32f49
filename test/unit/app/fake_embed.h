/* The fake encoder: every function of embed/embed.h, for a test program that links it before the real one. A path that begins with "fake" opens; it is the name
 * of the model too. */
#ifndef TEST_FAKE_EMBED_H
#define TEST_FAKE_EMBED_H

enum { FAKE_LONG_WORD = 12 };

#endif
