/* The frame of a question: "Tell me about", "Could you please explain", "Расскажите о". Its words ask, they are not what is asked for, and where they stood among
 * the question's words they would weigh as much as those no document holds. */
#ifndef APP_QUESTION_FRAME_H
#define APP_QUESTION_FRAME_H

#include "text/words.h"

/* How many of the first words (words_split in the question's own language, with its stop words) are frame and stop words only, at least one of them frame; 0
 * when there is no frame, or nothing but a frame. */
size_t question_frame(struct span question, const struct word *words, size_t count);

#endif
