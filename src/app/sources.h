/* Which of the passages that were found an answer is made from and names as its sources, and in what order. Pure.
 *
 * A search weighs each passage alone. What stands around it tells more: where the next passage of the document fits too, the matter begins here and goes on
 * there; the first passage of a section says what the section is about, later ones speak of its details; and a page that is already named needs a second
 * passage less than a page that is not. */
#ifndef APP_SOURCES_H
#define APP_SOURCES_H

#include "app/retrieve.h"

/* So many passages should be found for each that is wanted. */
enum { SOURCES_LOOK_AT = 4 };

/* Puts the best `wanted` passages first and drops the others. Scores stay where they are, so they still fall along the list: the passage that is first now has
 * the score of the best. False when the arena is full. */
bool sources_arrange(struct passages *passages, size_t wanted, struct arena *arena);

#endif
