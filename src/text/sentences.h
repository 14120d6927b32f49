/* Sentences: where a text may be cut. Pure. */
#ifndef TEXT_SENTENCES_H
#define TEXT_SENTENCES_H

#include "base/arena.h"

/* The sentences of a text in order: spans into it, trimmed, never empty. Line breaks end sentences; abbreviations, initials, decimal numbers and
 * list numbers do not; 。！？ and other scripts' full stops do. false when the arena is full. */
bool sentences_split(struct span text, struct arena *arena, struct span **sentences, size_t *count);

#endif
