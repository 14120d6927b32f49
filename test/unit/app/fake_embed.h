/* The fake encoder: every function of embed/embed.h, for a test program that links it before the real one. A path that begins with "fake" opens; it is the name
 * of the model too. */
#ifndef TEST_FAKE_EMBED_H
#define TEST_FAKE_EMBED_H

#include <stddef.h>

enum { FAKE_LONG_WORD = 12 };

/* The model of that name makes vectors of so many passages on the thread of app/reembed.h, and then waits there. "": none waits. A batch that has begun is
 * made whole. Names are borrowed. */
void fake_embed_gate(const char *model, long passages);
/* So many more. */
void fake_embed_allow(long passages);
/* Passages that passed the gate since it was set. */
size_t fake_embed_made(void);
/* Called once, by the thread that next makes the vector of a question, before that. */
void fake_embed_on_question(void (*hook)(void *context), void *context);
/* That path cannot be opened. "": all can. */
void fake_embed_hide(const char *model);

#endif
